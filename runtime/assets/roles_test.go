package assets

import (
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestMintAndBurnChangeTheSupply(t *testing.T) {
	c := newContext(t)
	steps := []struct {
		call   func() error
		supply uint64
	}{
		{func() error {
			return mint(c, frame.Signed(issuer), &movement{ID: usdt, Who: address(bob), Amount: units(200)})
		}, 1_000},
		{func() error {
			return burn(c, frame.Signed(carol), &movement{ID: usdt, Who: address(bob), Amount: units(150)})
		}, 850},
		{func() error {
			return burn(c, frame.Signed(carol), &movement{ID: usdt, Who: address(bob), Amount: units(50)})
		}, 800},
	}
	for i, step := range steps {
		if err := run(t, c, step.call); err != nil {
			t.Fatal(i, err)
		}
		if Supply(c, usdt) != units(step.supply) {
			t.Fatalf("step %d: I1: supply %s", i, Supply(c, usdt))
		}
	}
	if holdings.Exists(c, usdt, bob) {
		t.Fatal("the burned account is still there")
	}
}

func TestMintAndBurnRefuse(t *testing.T) {
	move := func(id uint32, who scale.AccountID, amount scale.U128) *movement {
		return &movement{ID: id, Who: address(who), Amount: amount}
	}
	cases := []struct {
		name string
		call func(c *frame.Context) error
		want error
	}{
		{"mint: not the issuer", func(c *frame.Context) error { return mint(c, frame.Signed(alice), move(usdt, alice, units(10))) }, ErrNoPermission},
		{"mint: a reserve asset", func(c *frame.Context) error { return mint(c, frame.Signed(issuer), move(ksm, alice, units(10))) }, ErrNotUserIssued},
		{"mint: a reserve asset, as the zero account", func(c *frame.Context) error {
			return mint(c, frame.Signed(scale.AccountID{}), move(ksm, alice, units(10)))
		}, ErrNotUserIssued},
		{"mint: the native asset", func(c *frame.Context) error {
			return mint(c, frame.Signed(scale.AccountID{}), move(cloak, alice, units(10)))
		}, ErrNotUserIssued},
		{"mint: unknown", func(c *frame.Context) error { return mint(c, frame.Signed(issuer), move(9, alice, units(10))) }, ErrUnknownAsset},
		{"mint: nothing", func(c *frame.Context) error { return mint(c, frame.Signed(issuer), move(usdt, alice, units(0))) }, ErrZeroAmount},
		{"mint: too little", func(c *frame.Context) error { return mint(c, frame.Signed(issuer), move(usdt, bob, units(9))) }, ErrBelowMinimum},
		{"mint: too much", func(c *frame.Context) error { return mint(c, frame.Signed(issuer), move(usdt, bob, scale.MaxU128)) }, ErrSupply},
		{"mint: as Root", func(c *frame.Context) error { return mint(c, frame.Root(), move(usdt, bob, units(10))) }, frame.ErrBadOrigin},
		{"mint: to no account", func(c *frame.Context) error {
			return mint(c, frame.Signed(issuer), &movement{ID: usdt, Who: extrinsic.MultiAddress{Kind: extrinsic.Address20}, Amount: units(10)})
		}, frame.ErrCannotLookup},
		{"mint: frozen", func(c *frame.Context) error {
			if err := freezeAsset(c, frame.Signed(freezer), &identifier{ID: usdt}); err != nil {
				return err
			}
			return mint(c, frame.Signed(issuer), move(usdt, alice, units(10)))
		}, ErrAssetFrozen},
		{"burn: not the admin", func(c *frame.Context) error { return burn(c, frame.Signed(issuer), move(usdt, alice, units(10))) }, ErrNoPermission},
		{"burn: a reserve asset", func(c *frame.Context) error { return burn(c, frame.Signed(carol), move(ksm, alice, units(10))) }, ErrNotUserIssued},
		{"burn: too much", func(c *frame.Context) error { return burn(c, frame.Signed(carol), move(usdt, alice, units(501))) }, ErrBalanceLow},
		{"burn: dust would stay", func(c *frame.Context) error { return burn(c, frame.Signed(carol), move(usdt, alice, units(491))) }, ErrDust},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c := newContext(t)
			if err := run(t, c, func() error { return test.call(c) }); err != test.want {
				t.Fatalf("%v, not %v", err, test.want)
			}
		})
	}
}

func TestFreezeAndThaw(t *testing.T) {
	c := newContext(t)
	target := &holder{ID: usdt, Who: address(alice)}
	if err := freeze(c, frame.Signed(freezer), target); err != nil {
		t.Fatal(err)
	}
	if err := Transfer(c, usdt, alice, bob, units(10), balances.AllowDeath); err != ErrAccountFrozen {
		t.Fatal(err)
	}
	if err := Transfer(c, usdt, wire.CustodyAccount, alice, units(10), balances.KeepAlive); err != nil {
		t.Fatal("a frozen account receives:", err)
	}
	if err := burn(c, frame.Signed(carol), &movement{ID: usdt, Who: address(alice), Amount: units(10)}); err != nil {
		t.Fatal("a frozen account can be burned:", err)
	}
	if err := thaw(c, frame.Signed(freezer), target); err != ErrNoPermission {
		t.Fatal("the admin thaws, not the freezer:", err)
	}
	if err := thaw(c, frame.Signed(carol), target); err != nil {
		t.Fatal(err)
	}
	if err := run(t, c, func() error { return Transfer(c, usdt, alice, bob, units(10), balances.AllowDeath) }); err != nil {
		t.Fatal(err)
	}
	if err := freeze(c, frame.Signed(freezer), &holder{ID: usdt, Who: address(carol)}); err != ErrNoAccount {
		t.Fatal(err)
	}
	if err := freeze(c, frame.Signed(freezer), &holder{ID: usdt, Who: extrinsic.MultiAddress{Kind: extrinsic.Address32}}); err != frame.ErrCannotLookup {
		t.Fatal(err)
	}
	if err := freezeAsset(c, frame.Signed(carol), &identifier{ID: usdt}); err != ErrNoPermission {
		t.Fatal("the freezer freezes, not the admin:", err)
	}
	if err := freezeAsset(c, frame.Signed(freezer), &identifier{ID: usdt}); err != nil {
		t.Fatal(err)
	}
	if err := thawAsset(c, frame.Signed(freezer), &identifier{ID: usdt}); err != ErrNoPermission {
		t.Fatal(err)
	}
	if err := thawAsset(c, frame.Signed(carol), &identifier{ID: usdt}); err != nil {
		t.Fatal(err)
	}
	if err := run(t, c, func() error { return Transfer(c, usdt, alice, bob, units(10), balances.AllowDeath) }); err != nil {
		t.Fatal(err)
	}
}

func TestCreate(t *testing.T) {
	c := newContext(t)
	args := &creation{ID: 2000, Admin: address(carol), MinBalance: units(1)}
	before := balances.Free(c, alice)
	if err := run(t, c, func() error { return create(c, frame.Signed(alice), args) }); err != nil {
		t.Fatal(err)
	}
	if paid, ok := before.Sub(balances.Free(c, alice)); !ok || paid != creationFee || balances.Free(c, wire.TreasuryAccount) != creationFee {
		t.Fatalf("the fee was %s", paid)
	}
	want := Details{Kind: AssetKind{Kind: KindUserIssued}, Owner: alice, Issuer: carol, Admin: carol, Freezer: carol, MinBalance: units(1)}
	if got := assets.Get(c, 2000); got.Owner != want.Owner || got.Issuer != want.Issuer || got.Kind.Kind != want.Kind.Kind || !got.Supply.IsZero() {
		t.Fatalf("%+v", got)
	}
	refused := []struct {
		name   string
		origin frame.Origin
		args   creation
		want   error
	}{
		{"taken", frame.Signed(alice), *args, ErrInUse},
		{"governance's range", frame.Signed(alice), creation{ID: 999, Admin: address(carol), MinBalance: units(1)}, ErrIdentifier},
		{"no minimum", frame.Signed(alice), creation{ID: 2001, Admin: address(carol)}, ErrMinBalance},
		{"cannot pay", frame.Signed(bob), creation{ID: 2001, Admin: address(carol), MinBalance: units(1)}, frame.ErrFundsUnavailable},
		{"no admin", frame.Signed(alice), creation{ID: 2001, Admin: extrinsic.MultiAddress{Kind: extrinsic.AddressIndex}, MinBalance: units(1)}, frame.ErrCannotLookup},
		{"Root", frame.Root(), creation{ID: 2001, Admin: address(carol), MinBalance: units(1)}, frame.ErrBadOrigin},
	}
	for _, test := range refused {
		if err := run(t, c, func() error { return create(c, test.origin, &test.args) }); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
	}
}

func TestMetadata(t *testing.T) {
	c := newContext(t)
	set := func(name, symbol string, decimals uint8) error {
		return setMetadata(c, frame.Signed(issuer), &description{ID: usdt, Metadata: Metadata{Name: []byte(name), Symbol: []byte(symbol), Decimals: decimals}})
	}
	if err := set("Tether — dollars", "USD₮"[:3], 6); err != nil {
		t.Fatal(err)
	}
	refused := map[string]error{
		"no name":          set("", "USDT", 6),
		"no symbol":        set("Tether", "", 6),
		"decimals":         set("Tether", "USDT", 31),
		"not UTF-8":        set("Te\xffther", "USDT", 6),
		"control":          set("Tether\n", "USDT", 6),
		"direction":        set("Tether\u202e", "USDT", 6),
		"no width":         set("Te\u200bther", "USDT", 6),
		"space in symbol":  set("Tether", "US DT", 6),
		"symbol not ASCII": set("Tether", "USD₮", 6),
	}
	for name, err := range refused {
		if err != ErrMetadata {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := setMetadata(c, frame.Signed(carol), &description{ID: usdt, Metadata: Metadata{Name: []byte("x"), Symbol: []byte("x")}})
	if err != ErrNoPermission {
		t.Fatal(err)
	}
	if got := metadata.Get(c, usdt); string(got.Name) != "Tether — dollars" || string(got.Symbol) != "USD" {
		t.Fatalf("%q %q", got.Name, got.Symbol)
	}
}

func TestTeamAndOwnership(t *testing.T) {
	c := newContext(t)
	if err := transferOwnership(c, frame.Signed(carol), &ownership{ID: usdt, Owner: address(carol)}); err != ErrNoPermission {
		t.Fatal(err)
	}
	if err := transferOwnership(c, frame.Signed(issuer), &ownership{ID: usdt, Owner: address(bob)}); err != nil {
		t.Fatal(err)
	}
	crew := &team{ID: usdt, Issuer: address(alice), Admin: address(alice), Freezer: address(alice)}
	if err := setTeam(c, frame.Signed(issuer), crew); err != ErrNoPermission {
		t.Fatal("the former owner still rules:", err)
	}
	if err := setTeam(c, frame.Signed(bob), crew); err != nil {
		t.Fatal(err)
	}
	if err := mint(c, frame.Signed(issuer), &movement{ID: usdt, Who: address(bob), Amount: units(10)}); err != ErrNoPermission {
		t.Fatal("the former issuer still mints:", err)
	}
	nobody := extrinsic.MultiAddress{Kind: extrinsic.AddressIndex}
	for _, crew := range []team{
		{ID: usdt, Issuer: nobody, Admin: address(alice), Freezer: address(alice)},
		{ID: usdt, Issuer: address(alice), Admin: nobody, Freezer: address(alice)},
		{ID: usdt, Issuer: address(alice), Admin: address(alice), Freezer: nobody},
	} {
		if err := setTeam(c, frame.Signed(bob), &crew); err != frame.ErrCannotLookup {
			t.Fatal(err)
		}
	}
	if err := transferOwnership(c, frame.Signed(bob), &ownership{ID: usdt, Owner: nobody}); err != frame.ErrCannotLookup {
		t.Fatal(err)
	}
}

func TestRegister(t *testing.T) {
	good := func() registering {
		return registering{ID: 3, Kind: AssetKind{Kind: KindParachain, Para: 2000, Key: []byte{0, 128}},
			Metadata: Metadata{Name: []byte("Karura"), Symbol: []byte("KAR"), Decimals: 12}, MinBalance: units(1)}
	}
	c := newContext(t)
	args := good()
	if err := run(t, c, func() error { return register(c, frame.Root(), &args) }); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		change func(*registering)
		want   error
	}{
		{"taken", func(*registering) {}, ErrInUse},
		{"native", func(r *registering) { r.ID, r.Kind = 4, AssetKind{Kind: KindNative} }, ErrKind},
		{"user-issued", func(r *registering) { r.ID, r.Kind = 4, AssetKind{Kind: KindUserIssued} }, ErrKind},
		{"users' range", func(r *registering) { r.ID = FirstUserAsset }, ErrIdentifier},
		{"no minimum", func(r *registering) { r.ID, r.MinBalance = 4, scale.U128{} }, ErrMinBalance},
		{"no name", func(r *registering) { r.ID, r.Name = 4, nil }, ErrMetadata},
	}
	for _, test := range cases {
		args := good()
		test.change(&args)
		if err := run(t, c, func() error { return register(c, frame.Root(), &args) }); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
	}
	if err := register(c, frame.Signed(alice), &args); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}

func TestGenesisIsStrict(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Genesis)
		want   error
	}{
		{"unknown kind", func(g *Genesis) { g.Assets[1].Kind = "moon" }, ErrGenesisKind},
		{"para of a relay asset", func(g *Genesis) { g.Assets[1].Para = 7 }, ErrGenesisKind},
		{"key of a relay asset", func(g *Genesis) { g.Assets[1].Key = []byte{1} }, ErrGenesisKind},
		{"owner of a relay asset", func(g *Genesis) { g.Assets[1].Owner = frame.Address(alice) }, ErrGenesisKind},
		{"key too long", func(g *Genesis) { g.Assets[1].Kind, g.Assets[1].Key = "parachain", make([]byte, 33) }, ErrGenesisKind},
		{"no owner", func(g *Genesis) { g.Assets[2].Owner = frame.Address{} }, ErrGenesisKind},
		{"twice", func(g *Genesis) { g.Assets[1].ID = cloak }, ErrGenesisIdentifier},
		{"user's below", func(g *Genesis) { g.Assets[2].ID = 5 }, ErrGenesisIdentifier},
		{"relay's above", func(g *Genesis) { g.Assets[1].ID = 5000 }, ErrGenesisIdentifier},
		{"two natives", func(g *Genesis) {
			g.Assets[1] = Registration{ID: 1, Kind: "native", Name: "x", Symbol: "x"}
		}, ErrGenesisNative},
		{"native with a minimum", func(g *Genesis) { g.Assets[0].MinBalance = units(1) }, ErrGenesisNative},
		{"native with holdings", func(g *Genesis) { g.Assets[0].Holdings = g.Assets[1].Holdings }, ErrGenesisNative},
		{"name too long", func(g *Genesis) { g.Assets[1].Name = strings.Repeat("x", 65) }, ErrGenesisAsset},
		{"symbol too long", func(g *Genesis) { g.Assets[1].Symbol = strings.Repeat("x", 17) }, ErrGenesisAsset},
		{"no symbol", func(g *Genesis) { g.Assets[1].Symbol = "" }, ErrGenesisAsset},
		{"no minimum", func(g *Genesis) { g.Assets[1].MinBalance = scale.U128{} }, ErrGenesisAsset},
		{"holding below the minimum", func(g *Genesis) { g.Assets[1].Holdings[0].Balance = units(9) }, ErrGenesisHolding},
		{"holding twice", func(g *Genesis) {
			g.Assets[1].Holdings = append(g.Assets[1].Holdings, g.Assets[1].Holdings[0])
		}, ErrGenesisHolding},
		{"supply overflows", func(g *Genesis) { g.Assets[2].Holdings[0].Balance = scale.MaxU128 }, ErrGenesisHolding},
	}
	for _, test := range cases {
		genesis := testGenesis()
		test.change(&genesis)
		if err := genesis.Build(emptyContext()); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
	}
}

// TestI1TryStateSeesWhatIsBroken breaks the state behind the pallet's back.
func TestI1TryStateSeesWhatIsBroken(t *testing.T) {
	cases := []struct {
		name   string
		damage func(c *frame.Context)
		want   error
	}{
		{"I1: a supply without balances", func(c *frame.Context) {
			d := assets.Get(c, usdt)
			d.Supply = units(801)
			assets.Set(c, usdt, d)
		}, ErrIssuance},
		{"I1: a balance without supply", func(c *frame.Context) { holdings.Set(c, usdt, alice, Holding{Balance: units(501)}) }, ErrIssuance},
		{"I1: a sum that overflows", func(c *frame.Context) { holdings.Set(c, usdt, alice, Holding{Balance: scale.MaxU128}) }, ErrIssuance},
		{"a wrong count", func(c *frame.Context) {
			d := assets.Get(c, usdt)
			d.Accounts++
			assets.Set(c, usdt, d)
		}, ErrAccounts},
		{"a balance of no asset", func(c *frame.Context) { holdings.Set(c, 77, alice, Holding{Balance: units(1)}) }, ErrOrphan},
		{"a balance below the minimum", func(c *frame.Context) { holdings.Set(c, usdt, bob, Holding{Balance: units(1)}) }, ErrHolding},
		{"a balance of zero", func(c *frame.Context) { holdings.Set(c, usdt, wire.CustodyAccount, Holding{}) }, ErrHolding},
		{"I2: custody frozen", func(c *frame.Context) {
			holdings.Set(c, usdt, wire.CustodyAccount, Holding{Balance: units(300), Frozen: true})
		}, ErrHolding},
		{"two natives", func(c *frame.Context) { assets.Set(c, 5, Details{Kind: AssetKind{Kind: KindNative}}) }, ErrNative},
		{"native holdings", func(c *frame.Context) {
			holdings.Set(c, cloak, alice, Holding{Balance: balances.ExistentialDeposit})
			d := assets.Get(c, cloak)
			d.Supply, d.Accounts = balances.ExistentialDeposit, 1
			assets.Set(c, cloak, d)
		}, ErrNative},
	}
	for _, test := range cases {
		c := newContext(t)
		if err := tryState(c); err != nil {
			t.Fatal(err)
		}
		test.damage(c)
		if err := tryState(c); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
	}
}
