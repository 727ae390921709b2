package assets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// Accounts and assets of the tests.
var (
	alice, bob, carol, issuer = scale.AccountID{1}, scale.AccountID{2}, scale.AccountID{3}, scale.AccountID{4}
	freezer                   = scale.AccountID{5}
)

const (
	cloak uint32 = 0
	ksm   uint32 = 1
	usdt  uint32 = 1000

	minimum = 10
	fortune = 1_000_000_000_000_000 // units of CLOAK
)

func units(v uint64) scale.U128 { return scale.U128From(v) }

func address(who scale.AccountID) extrinsic.MultiAddress { return extrinsic.AddressOf(who) }

// testGenesis has one asset of each kind but parachain. Issuer owns USDT.
func testGenesis() Genesis {
	return Genesis{Assets: []Registration{
		{ID: cloak, Kind: "native", Name: "Bitcloak", Symbol: "CLOAK", Decimals: 12},
		{ID: ksm, Kind: "relay", Name: "Kusama", Symbol: "KSM", Decimals: 12, MinBalance: units(minimum), Holdings: []Endowment{
			{Account: frame.Address(alice), Balance: units(1_000)}}},
		{ID: usdt, Kind: "userIssued", Name: "Tether USD", Symbol: "USDT", Decimals: 6, Owner: frame.Address(issuer), MinBalance: units(minimum),
			Holdings: []Endowment{
				{Account: frame.Address(alice), Balance: units(500)},
				{Account: frame.Address(wire.CustodyAccount), Balance: units(300)}}},
	}}
}

func emptyContext() *frame.Context {
	backend := native.NewTrieBackend(trie.NewMemoryStore(), trie.EmptyRoot, trie.Options{})
	return frame.NewContext(native.New(backend, nil, nil))
}

func newContext(t testing.TB) *frame.Context {
	t.Helper()
	c := emptyContext()
	funded := balances.Genesis{Balances: []balances.Endowment{
		{Account: frame.Address(alice), Free: units(fortune)}, {Account: frame.Address(issuer), Free: units(fortune)}}}
	if err := funded.Build(c); err != nil {
		t.Fatal(err)
	}
	genesis := testGenesis()
	if err := genesis.Build(c); err != nil {
		t.Fatal(err)
	}
	c.SetPhase(frame.InExtrinsic(1))
	// The freezer is another account than the admin, so that roles can be told apart.
	if err := setTeam(c, frame.Signed(issuer), &team{ID: usdt, Issuer: address(issuer), Admin: address(carol), Freezer: address(freezer)}); err != nil {
		t.Fatal(err)
	}
	return c
}

// run dispatches as the runtime does, and checks I1 after it.
func run(t testing.TB, c *frame.Context, call func() error) error {
	t.Helper()
	err := c.Transaction(call)
	if broken := tryState(c); broken != nil {
		t.Fatal(broken)
	}
	return err
}

func expectBalance(t testing.TB, c *frame.Context, asset uint32, who scale.AccountID, want uint64) {
	t.Helper()
	if got := Balance(c, asset, who); got != units(want) {
		t.Fatalf("balance is %s, not %d", got, want)
	}
}

func TestTransferKeepsTheSupply(t *testing.T) {
	c := newContext(t)
	for _, asset := range []uint32{ksm, usdt} {
		supply := Supply(c, asset)
		if err := run(t, c, func() error { return Transfer(c, asset, alice, bob, units(100), balances.AllowDeath) }); err != nil {
			t.Fatal(err)
		}
		expectBalance(t, c, asset, bob, 100)
		if Supply(c, asset) != supply {
			t.Fatal("I1: the supply changed")
		}
	}
	if account := system.Account(c, bob); !account.Exists() || account.Sufficients != 2 {
		t.Fatal("a holder of assets must exist")
	}
}

func TestTransferOfEverythingClosesTheAccount(t *testing.T) {
	c := newContext(t)
	if err := run(t, c, func() error { return Transfer(c, usdt, alice, bob, units(500), balances.KeepAlive) }); err != ErrDust {
		t.Fatalf("keep alive: %v", err)
	}
	if err := run(t, c, func() error { return Transfer(c, usdt, alice, bob, units(500), balances.AllowDeath) }); err != nil {
		t.Fatal(err)
	}
	if holdings.Exists(c, usdt, alice) {
		t.Fatal("the empty account is still there")
	}
}

func TestNativeTransfersGoToBalances(t *testing.T) {
	c := newContext(t)
	if !IsNative(c, cloak) || IsNative(c, ksm) || IsNative(c, 7) || !HasNative(c) {
		t.Fatal("the native asset is not told apart")
	}
	if err := run(t, c, func() error { return Transfer(c, cloak, alice, bob, units(fortune/2), balances.KeepAlive) }); err != nil {
		t.Fatal(err)
	}
	expectBalance(t, c, cloak, bob, fortune/2)
	if balances.Free(c, bob) != units(fortune/2) || Supply(c, cloak) != units(2*fortune) {
		t.Fatal("the native asset is not the one of balances")
	}
	if least, err := MinBalance(c, cloak); err != nil || least != balances.ExistentialDeposit {
		t.Fatalf("minimum %s, %v", least, err)
	}
	if err := Transfer(c, cloak, bob, alice, units(fortune), balances.AllowDeath); err != frame.ErrFundsUnavailable {
		t.Fatal(err)
	}
}

func TestTransferRefuses(t *testing.T) {
	cases := []struct {
		name   string
		asset  uint32
		from   scale.AccountID
		to     scale.AccountID
		amount uint64
		before func(*frame.Context) error
		want   error
	}{
		{name: "unknown asset", asset: 9, from: alice, to: bob, amount: 10, want: ErrUnknownAsset},
		{name: "nothing", asset: usdt, from: alice, to: bob, want: ErrZeroAmount},
		{name: "more than there is", asset: usdt, from: alice, to: bob, amount: 501, want: ErrBalanceLow},
		{name: "from nobody", asset: usdt, from: bob, to: alice, amount: 1, want: ErrBalanceLow},
		{name: "to itself, more than there is", asset: usdt, from: alice, to: alice, amount: 501, want: ErrBalanceLow},
		{name: "too little to open an account", asset: usdt, from: alice, to: bob, amount: 9, want: ErrBelowMinimum},
		{name: "dust would stay", asset: usdt, from: alice, to: bob, amount: 495, want: ErrDust},
		{name: "asset frozen", asset: usdt, from: alice, to: bob, amount: 10, want: ErrAssetFrozen,
			before: func(c *frame.Context) error { return freezeAsset(c, frame.Signed(freezer), &identifier{ID: usdt}) }},
		{name: "account frozen", asset: usdt, from: alice, to: bob, amount: 10, want: ErrAccountFrozen,
			before: func(c *frame.Context) error {
				return freeze(c, frame.Signed(freezer), &holder{ID: usdt, Who: address(alice)})
			}},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c := newContext(t)
			if test.before != nil {
				if err := test.before(c); err != nil {
					t.Fatal(err)
				}
			}
			root := c.Host.StorageRoot()
			if err := Transfer(c, test.asset, test.from, test.to, units(test.amount), balances.AllowDeath); err != test.want {
				t.Fatalf("%v, not %v", err, test.want)
			}
			if c.Host.StorageRoot() != root {
				t.Fatal("a refused transfer changed the state")
			}
		})
	}
}

func TestTransferCalls(t *testing.T) {
	c := newContext(t)
	move := &movement{ID: usdt, Who: address(bob), Amount: units(100)}
	if err := run(t, c, func() error { return transferAllowDeath(c, frame.Signed(alice), move) }); err != nil {
		t.Fatal(err)
	}
	move.Amount = units(400)
	if err := run(t, c, func() error { return transferKeepAlive(c, frame.Signed(alice), move) }); err != ErrDust {
		t.Fatal(err)
	}
	if err := transferAllowDeath(c, frame.Root(), move); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	move.Who = extrinsic.MultiAddress{Kind: extrinsic.AddressIndex}
	if err := transferAllowDeath(c, frame.Signed(alice), move); err != frame.ErrCannotLookup {
		t.Fatal(err)
	}
}

// TestI2NoRoleReachesCustody tries every way by which a role or a mistake could touch
// what backs the contract.
func TestI2NoRoleReachesCustody(t *testing.T) {
	c := newContext(t)
	custody := address(wire.CustodyAccount)
	ten := units(minimum)
	attempts := map[string]func() error{
		"mint":   func() error { return mint(c, frame.Signed(issuer), &movement{ID: usdt, Who: custody, Amount: ten}) },
		"burn":   func() error { return burn(c, frame.Signed(carol), &movement{ID: usdt, Who: custody, Amount: ten}) },
		"freeze": func() error { return freeze(c, frame.Signed(freezer), &holder{ID: usdt, Who: custody}) },
		"thaw":   func() error { return thaw(c, frame.Signed(carol), &holder{ID: usdt, Who: custody}) },
		"transfer": func() error {
			return transferAllowDeath(c, frame.Signed(alice), &movement{ID: usdt, Who: custody, Amount: ten})
		},
		"transfer_keep_alive": func() error {
			return transferKeepAlive(c, frame.Signed(alice), &movement{ID: usdt, Who: custody, Amount: ten})
		},
	}
	for name, attempt := range attempts {
		if err := run(t, c, attempt); err != ErrCustody {
			t.Errorf("%s: %v", name, err)
		}
	}
	expectBalance(t, c, usdt, wire.CustodyAccount, 300)
	// An asset frozen as a whole stops payouts, and nothing is lost.
	if err := freezeAsset(c, frame.Signed(freezer), &identifier{ID: usdt}); err != nil {
		t.Fatal(err)
	}
	if err := Transfer(c, usdt, wire.CustodyAccount, alice, ten, balances.KeepAlive); err != ErrAssetFrozen {
		t.Fatal(err)
	}
	expectBalance(t, c, usdt, wire.CustodyAccount, 300)
}

// TestCustodyPaysOutToTheLastUnit: the minimum balance does not bind it.
func TestCustodyPaysOutToTheLastUnit(t *testing.T) {
	c := newContext(t)
	for _, amount := range []uint64{295, 5} { // leaves less than the minimum, then nothing
		if err := run(t, c, func() error {
			return Transfer(c, usdt, wire.CustodyAccount, alice, units(amount), balances.KeepAlive)
		}); err != nil {
			t.Fatal(err)
		}
	}
	expectBalance(t, c, usdt, wire.CustodyAccount, 0)
	if err := run(t, c, func() error { return Transfer(c, usdt, alice, wire.CustodyAccount, units(1), balances.AllowDeath) }); err != nil {
		t.Fatal(err) // nor does it bind what comes in
	}
}
