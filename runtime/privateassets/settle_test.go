package privateassets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestPayoutLeavesCustody(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustDeposit(alice, ksm, 50)
	w.mustCommit(payout(carol, usdt, 100), payout(bob, ksm, 50), payout(carol, usdt, 20))
	w.expectBalance(usdt, carol, 120)
	w.expectBalance(ksm, bob, wealth+50)
	w.expect(usdt, wire.Counters{Deposited: units(500), DepositedAtCommit: units(500), Liabilities: units(380), Custody: units(380)})
	w.expect(ksm, wire.Counters{Deposited: units(50), DepositedAtCommit: units(50)})
	w.expectBalance(ksm, wire.CustodyAccount, 0)
}

// TestNativeIsPaidToTheLastUnit: the existential deposit of genesis keeps custody alive.
func TestNativeIsPaidToTheLastUnit(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, cloak, 3_000_000_000)
	w.mustCommit(payout(bob, cloak, 2_999_999_999))
	w.mustCommit(payout(bob, cloak, 1))
	w.expectBalance(cloak, bob, 13_000_000_000)
	if got := assets.Balance(w.c, cloak, wire.CustodyAccount); got != balances.ExistentialDeposit {
		t.Fatalf("custody is left with %s", got)
	}
}

// TestI2CommitCannotPayMoreThanTheLedgerHolds: nothing of a refused commit remains.
func TestI2CommitCannotPayMoreThanTheLedgerHolds(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustDeposit(bob, ksm, 500)
	cases := map[string][]wire.OutboxMessage{
		"one too much":                 {payout(carol, usdt, 501)},
		"one too much in two":          {payout(carol, usdt, 500), payout(bob, usdt, 1)},
		"another asset has enough":     {payout(carol, usdt, 501), payout(carol, ksm, 10)},
		"the first asset is in order":  {payout(carol, ksm, 500), payout(carol, usdt, 501)},
		"an asset nobody deposited":    {payout(carol, cloak, 1)},
		"an asset that does not exist": {payout(carol, 77, 1)},
		"all there is":                 {{To: carol, Asset: usdt, Amount: scale.MaxU128}},
	}
	for name, outbox := range cases {
		root := w.c.Host.StorageRoot()
		if err := w.commit(outbox...); err != ErrInsolvent {
			t.Errorf("%s: %v", name, err)
		}
		if w.c.Host.StorageRoot() != root {
			t.Errorf("%s: a refused commit left something", name)
		}
	}
	// What a deposit brings after the commit's inbox does not count for it.
	if err := Settle(w.c, 0, 0, []wire.OutboxMessage{payout(carol, usdt, 1)}); err != ErrInsolvent {
		t.Fatal(err)
	}
	for _, outbox := range [][]wire.OutboxMessage{{payout(carol, usdt, 0)},
		{{To: carol, Asset: usdt, Amount: scale.MaxU128}, payout(carol, usdt, 1)}} {
		if err := w.commit(outbox...); err != ErrPayout {
			t.Fatal(err)
		}
	}
	w.mustCommit(payout(carol, usdt, 500))
}

// TestI9FailedPayoutIsClaimable: whatever stops a payout, its owner gets it later.
func TestI9FailedPayoutIsClaimable(t *testing.T) {
	cases := []struct {
		name   string
		damage func(*world)
		amount uint64
		repair func(*world)
	}{
		{"below the minimum balance", nil, minimum - 1, func(w *world) {
			w.mustDeposit(bob, usdt, 100)
			w.mustCommit(payout(carol, usdt, 100)) // now carol can receive little amounts
		}},
		{"the asset is frozen", func(w *world) { w.issuerDoes(freezeAsset, nil, 0) }, 100,
			func(w *world) { w.issuerDoes(thawAsset, nil, 0) }},
		{"custody falls short", func(w *world) { w.stealFromCustody(usdt, 1) }, 100,
			func(w *world) { w.giveToCustody(usdt, 1) }},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.mustDeposit(alice, usdt, 500)
			if test.damage != nil {
				test.damage(w)
			}
			w.mustCommit(payout(carol, usdt, test.amount))
			w.expectBalance(usdt, carol, 0)
			w.expect(usdt, wire.Counters{Deposited: units(500), DepositedAtCommit: units(500),
				Liabilities: units(500 - test.amount), Queued: units(test.amount), Custody: units(500)})
			if err := w.claim(carol, usdt, nil); err == nil {
				t.Fatal("claimed although nothing has changed")
			}
			test.repair(w)
			before := assets.Balance(w.c, usdt, carol)
			if err := w.claim(carol, usdt, nil); err != nil {
				t.Fatal(err)
			}
			got, _ := assets.Balance(w.c, usdt, carol).Sub(before)
			if got != units(test.amount) || !counters.Get(w.c, usdt).Queued.IsZero() {
				t.Fatalf("claimed %s", got)
			}
			if err := w.claim(carol, usdt, nil); err != ErrNothingToClaim {
				t.Fatal("I4: claimed twice:", err)
			}
		})
	}
}

func TestClaimToAnotherAccount(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustCommit(payout(carol, usdt, 5), payout(carol, usdt, 4)) // below the minimum, twice
	if err := w.claim(bob, usdt, nil); err != ErrNothingToClaim {
		t.Fatal("another's payout:", err)
	}
	if err := w.claim(carol, usdt, nil); err != assets.ErrBelowMinimum {
		t.Fatal(err)
	}
	if err := w.claim(carol, usdt, &bob); err != nil {
		t.Fatal(err)
	}
	w.expectBalance(usdt, bob, wealth+9)
	w.mustCommit(payout(carol, usdt, 5))
	byIndex := append(wire.CallClaim(usdt, scale.None[scale.AccountID]())[:6], 1, extrinsic.AddressIndex)
	if err := w.do(frame.Signed(carol), byIndex); err != frame.ErrCannotLookup {
		t.Fatal(err)
	}
	if err := w.do(frame.Root(), wire.CallClaim(usdt, scale.None[scale.AccountID]())); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}

// TestI10PauseStopsDepositsAlone: payouts, commits and claims go on.
func TestI10PauseStopsDepositsAlone(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustDeposit(alice, ksm, 500)
	w.issuerDoes(freezeAsset, nil, 0)
	w.mustCommit(payout(carol, usdt, 100))
	w.issuerDoes(thawAsset, nil, 0)
	pause := []byte{Index, 10, 1}
	if err := w.do(frame.Signed(alice), pause); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	if err := w.do(frame.Root(), pause); err != nil {
		t.Fatal(err)
	}
	if err := w.deposit(alice, usdt, 100); err != ErrPaused {
		t.Fatal(err)
	}
	if err := w.claim(carol, usdt, nil); err != nil {
		t.Fatal("I10: a claim:", err)
	}
	w.mustCommit(payout(carol, usdt, 400), payout(carol, ksm, 500)) // I10: a commit and its payouts
	w.expectBalance(usdt, carol, 500)
	w.expectBalance(ksm, carol, 500)
	if err := w.do(frame.Root(), []byte{Index, 10, 0}); err != nil {
		t.Fatal(err)
	}
	w.mustDeposit(alice, usdt, 100)
}

// TestI2ShortfallSuspendsOneAsset: the others are paid as ever.
func TestI2ShortfallSuspendsOneAsset(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustDeposit(alice, ksm, 500)
	w.stealFromCustody(usdt, 50)
	if err := tryState(w.c); err != ErrShortfall {
		t.Fatal("I2: a shortfall that nobody has noticed:", err)
	}
	if err := w.tryDeposit(bob, usdt, 100); err != ErrSuspended {
		t.Fatal(err)
	}
	w.mustCommit(payout(carol, usdt, 100), payout(carol, ksm, 100))
	if !suspended.Get(w.c, usdt) || suspended.Get(w.c, ksm) {
		t.Fatal("the wrong asset is suspended")
	}
	w.expectBalance(ksm, carol, 100)
	w.expectBalance(usdt, carol, 0)
	if err := w.claim(carol, usdt, nil); err != ErrSuspended {
		t.Fatal(err)
	}
	w.giveToCustody(usdt, 60) // a surplus of 10 is ignored
	w.mustDeposit(bob, usdt, 100)
	if suspended.Get(w.c, usdt) {
		t.Fatal("the asset is whole again")
	}
	if err := w.claim(carol, usdt, nil); err != nil {
		t.Fatal(err)
	}
	w.expect(usdt, wire.Counters{Deposited: units(600), DepositedAtCommit: units(500), Liabilities: units(400), Custody: units(500)})
}

func (w *world) claim(who scale.AccountID, asset uint32, to *scale.AccountID) error {
	w.t.Helper()
	target := scale.None[scale.AccountID]()
	if to != nil {
		target = scale.Some(*to)
	}
	return w.do(frame.Signed(who), wire.CallClaim(asset, target))
}

// tryDeposit is deposit without the check of invariants, for states that break one.
func (w *world) tryDeposit(who scale.AccountID, asset uint32, amount uint64) error {
	call, err := wire.CallDeposit(asset, units(amount), wire.PlainBeneficiary(who))
	if err != nil {
		w.t.Fatal(err)
	}
	d := scale.NewDecoder(call)
	return w.calls.Dispatch(w.c, frame.Signed(who), w.calls.Decode(d))
}

// stealFromCustody moves real assets behind the counters' back.
func (w *world) stealFromCustody(asset uint32, amount uint64) {
	w.t.Helper()
	if err := assets.Transfer(w.c, asset, wire.CustodyAccount, bob, units(amount), balances.KeepAlive); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) giveToCustody(asset uint32, amount uint64) {
	w.t.Helper()
	if err := assets.Transfer(w.c, asset, bob, wire.CustodyAccount, units(amount), balances.KeepAlive); err != nil {
		w.t.Fatal(err)
	}
}
