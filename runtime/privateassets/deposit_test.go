package privateassets

import (
	"bytes"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestDepositIsKeptUntilACommitPassesIt(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, ksm, 300)
	w.mustDeposit(bob, ksm, 200)
	w.expect(ksm, wire.Counters{Deposited: units(500), Custody: units(500)})
	if got := deposits.Get(w.c, 1); got != (wire.PendingDeposit{Depositor: bob, Asset: ksm, Amount: units(200), Message: 2}) {
		t.Fatalf("%+v", got)
	}
	first := w.inbox.messages[0]
	if first.Kind != wire.MessageDeposit || first.Deposit.ID != 0 || first.Deposit.Depositor != alice || first.Deposit.Amount != units(300) {
		t.Fatalf("%+v", first)
	}
	// A commit that counts one message passes one deposit.
	if err := Settle(w.c, 1, 0, nil); err != nil {
		t.Fatal(err)
	}
	w.check()
	w.expect(ksm, wire.Counters{Deposited: units(500), DepositedAtCommit: units(300), Liabilities: units(300), Custody: units(500)})
	if deposits.Exists(w.c, 0) || !deposits.Exists(w.c, 1) || firstDeposit.Get(w.c) != 1 {
		t.Fatal("I4: exactly the first deposit is passed")
	}
	// The same count passes nothing more.
	if err := Settle(w.c, 1, 0, nil); err != nil {
		t.Fatal(err)
	}
	w.expect(ksm, wire.Counters{Deposited: units(500), DepositedAtCommit: units(300), Liabilities: units(300), Custody: units(500)})
	w.mustCommit()
	w.expect(ksm, wire.Counters{Deposited: units(500), DepositedAtCommit: units(500), Liabilities: units(500), Custody: units(500)})
}

func TestSealedBeneficiaryReachesTheInbox(t *testing.T) {
	w := newWorld(t)
	sealed := bytes.Repeat([]byte{7}, wire.SealedBeneficiarySize)
	call, err := wire.CallDeposit(usdt, units(minimum), wire.SealedBeneficiary(sealed))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.do(frame.Signed(alice), call); err != nil {
		t.Fatal(err)
	}
	if got := w.inbox.messages[0].Deposit.Beneficiary; got.Kind != wire.BeneficiarySealed || !bytes.Equal(got.Sealed, sealed) {
		t.Fatal("the sealed beneficiary is not what was sent")
	}
}

func TestOnlySealedBeneficiariesAreSealed(t *testing.T) {
	w := newWorld(t)
	for _, size := range []int{0, 1, wire.SealedBeneficiarySize - 1, wire.SealedBeneficiarySize + 1, wire.MaxSealedBeneficiary} {
		call, err := wire.CallDeposit(usdt, units(minimum), wire.SealedBeneficiary(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.do(frame.Signed(alice), call); err != ErrBeneficiary || len(w.inbox.messages) != 0 {
			t.Errorf("%d bytes: got %v, want %v", size, err, ErrBeneficiary)
		}
	}
}

func TestDepositRefuses(t *testing.T) {
	cases := []struct {
		name   string
		before func(*world)
		who    scale.AccountID
		asset  uint32
		amount uint64
		want   error
	}{
		{"unknown asset", nil, alice, 7, 100, assets.ErrUnknownAsset},
		{"nothing", nil, alice, usdt, 0, ErrBelowMinimum},
		{"below the minimum", nil, alice, usdt, minimum - 1, ErrBelowMinimum},
		{"below the existential deposit", nil, alice, cloak, 999_999_999, ErrBelowMinimum},
		{"more than there is", nil, alice, usdt, wealth + 1, assets.ErrBalanceLow},
		{"dust would stay", nil, alice, usdt, wealth - 1, assets.ErrDust},
		{"the native account would die", nil, alice, cloak, 10_000_000_000, frame.ErrNotExpendable},
		{"inbox full", func(w *world) { w.inbox.full = true }, alice, usdt, 100, ErrInboxFull},
		{"paused", func(w *world) { paused.Set(w.c, true) }, alice, usdt, 100, ErrPaused},
		{"asset frozen", func(w *world) { w.issuerDoes(freezeAsset, nil, 0) }, alice, usdt, 100, assets.ErrAssetFrozen},
		{"counter overflows", func(w *world) {
			whole := scale.MaxU128 // as after the deposits of ages
			counters.Set(w.c, usdt, wire.Counters{Deposited: whole, DepositedAtCommit: whole})
		}, alice, usdt, 100, ErrOverflow},
		{"block full", func(w *world) {
			depositsOfBlock.Set(w.c, blockDeposits{Count: maxBlockDeposits})
		}, alice, usdt, 100, ErrTooManyDeposits},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.before != nil {
				test.before(w)
			}
			root := w.c.Host.StorageRoot()
			if err := w.deposit(test.who, test.asset, test.amount); err != test.want {
				t.Fatalf("%v, not %v", err, test.want)
			}
			if w.c.Host.StorageRoot() != root || len(w.inbox.messages) != 0 {
				t.Fatal("a refused deposit changed something")
			}
		})
	}
	w := newWorld(t)
	call, _ := wire.CallDeposit(usdt, units(100), wire.PlainBeneficiary(alice))
	if err := w.do(frame.Root(), call); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}

func TestEveryBlockTakesDepositsAgain(t *testing.T) {
	w := newWorld(t)
	depositsOfBlock.Set(w.c, blockDeposits{Count: maxBlockDeposits - 1})
	w.mustDeposit(alice, usdt, 100)
	if err := w.deposit(alice, usdt, 100); err != ErrTooManyDeposits {
		t.Fatal(err)
	}
	system.Initialize(w.c, &header.Header{Number: 1})
	w.mustDeposit(alice, usdt, 100)
}

func TestWholeAssetBalanceCanBeDeposited(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, wealth)
	w.expectBalance(usdt, alice, 0)
}

func TestGenesisNeedsCustodyAlive(t *testing.T) {
	c := emptyContext()
	registered := assets.Genesis{Assets: []assets.Registration{{ID: cloak, Kind: "native", Name: "Bitcloak", Symbol: "CLOAK", Decimals: 12}}}
	if err := registered.Build(c); err != nil {
		t.Fatal(err)
	}
	genesis := Genesis{Paused: true}
	if err := genesis.Build(c); err != ErrGenesisCustody {
		t.Fatal(err)
	}
	funded := balances.Genesis{Balances: []balances.Endowment{
		{Account: frame.Address(wire.CustodyAccount), Free: balances.ExistentialDeposit}}}
	if err := funded.Build(c); err != nil {
		t.Fatal(err)
	}
	if err := genesis.Build(c); err != nil || !paused.Get(c) {
		t.Fatal(err)
	}
}
