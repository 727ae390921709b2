package privateassets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/wire"
)

// TestTryStateSeesWhatIsBroken breaks each invariant behind the pallet's back.
func TestTryStateSeesWhatIsBroken(t *testing.T) {
	change := func(edit func(*wire.Counters)) func(*frame.Context) {
		return func(c *frame.Context) {
			k := counters.Get(c, usdt)
			edit(&k)
			counters.Set(c, usdt, k)
		}
	}
	cases := []struct {
		name   string
		damage func(*frame.Context)
		want   error
	}{
		{"I2: custody counts too much", change(func(k *wire.Counters) { k.Custody = units(501) }), ErrBacking},
		{"I2: a liability from nowhere", change(func(k *wire.Counters) { k.Liabilities = units(1_000) }), ErrBacking},
		{"I2: a payout out of nothing", change(func(k *wire.Counters) { k.Queued = units(1) }), ErrBacking},
		{"I2: shielded value out of nothing", change(func(k *wire.Counters) { k.Shielded = units(1) }), ErrBacking},
		{"I2: passed deposits exceed deposits", change(func(k *wire.Counters) { k.DepositedAtCommit = units(9_999) }), ErrBacking},
		{"I2: a deposit that nobody made", change(func(k *wire.Counters) {
			k.Deposited, k.Custody = units(700), units(700)
		}), ErrPending},
		{"I2: a pending deposit of another amount", func(c *frame.Context) {
			d := deposits.Get(c, 2)
			d.Amount = units(99)
			deposits.Set(c, 2, d)
		}, ErrPending},
		{"I2: a pending deposit of another asset", func(c *frame.Context) {
			d := deposits.Get(c, 2)
			d.Asset = 5
			deposits.Set(c, 2, d)
		}, ErrPending},
		{"I9: a claim is lost", func(c *frame.Context) { claimable.Remove(c, carol, usdt) }, ErrQueue},
		{"I9: a claim out of nothing", func(c *frame.Context) { claimable.Set(c, bob, usdt, units(1)) }, ErrQueue},
		{"I9: a claim of an asset without custody", func(c *frame.Context) { claimable.Set(c, bob, 5, units(1)) }, ErrQueue},
		{"I9: a claim of nothing", func(c *frame.Context) { claimable.Set(c, bob, usdt, units(0)) }, ErrQueue},
		{"I4: a deposit is lost", func(c *frame.Context) { deposits.Remove(c, 1) }, ErrDeposits},
		{"I4: a deposit is passed and kept", func(c *frame.Context) { deposits.Set(c, 0, wire.PendingDeposit{Asset: usdt, Message: 1}) }, ErrDeposits},
		{"I5: messages out of order", func(c *frame.Context) {
			d := deposits.Get(c, 2)
			d.Message = 2
			deposits.Set(c, 2, d)
		}, ErrDeposits},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.mustDeposit(alice, usdt, 500)
			w.mustCommit(payout(carol, usdt, 5)) // below the minimum: claimable
			w.mustDeposit(alice, usdt, 50)
			w.mustDeposit(alice, usdt, 50)
			test.damage(w.c)
			if err := tryState(w.c); err != test.want {
				t.Fatalf("%v, not %v", err, test.want)
			}
		})
	}
}

// TestSettleIsBounded: one commit can never pass more deposits than a block takes.
func TestSettleIsBounded(t *testing.T) {
	w := newWorld(t)
	for id := range uint64(maxBlockDeposits) + 1 {
		deposits.Set(w.c, id, wire.PendingDeposit{Asset: usdt, Amount: units(1), Message: id + 1})
	}
	defer func() {
		if recover() == nil {
			t.Fatal("a broken bound went unnoticed")
		}
	}()
	_ = Settle(w.c, uint64(maxBlockDeposits)+1, 0, nil)
}

// TestPayoutThatWasNotQueuedPanics: paying twice would be seen at once.
func TestPayoutThatWasNotQueuedPanics(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	defer func() {
		if recover() == nil {
			t.Fatal("I4: a payout out of order went unnoticed")
		}
	}()
	_ = payOut(w.c, usdt, carol, units(100), counters.Get(w.c, usdt))
}
