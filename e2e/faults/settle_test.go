package faults

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

// story is what the contract says of a trader in the end, whole.
type story struct {
	*trader
	history  []wire.HistoryEntry
	fills    []wire.Fill
	balances []wallet.Balance
}

func big128(v scale.U128) *big.Int {
	number, _ := new(big.Int).SetString(v.String(), 10)
	return number
}

// again repeats what a wallet asks for until it is answered: nothing is broken any more.
func again(t *testing.T, what string, do func(context.Context) error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), operationTime)
		err = do(ctx)
		cancel()
		if err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

// leave deposits once more, to see that this still works, and takes everything out of the pool.
func (tr *trader) leave() {
	t := tr.site.t
	t.Helper()
	again(t, tr.name+" deposits", func(ctx context.Context) error { return tr.deposit(ctx, tr.some(), false) })
	again(t, tr.name+" cancels all", func(ctx context.Context) error {
		if _, err := tr.wallet.CancelAll(ctx, scale.None[uint32]()); err != nil {
			return err
		}
		orders, err := tr.wallet.Orders(ctx)
		if err == nil && len(orders) > 0 {
			t.Errorf("%s has %d open orders after cancelling all", tr.name, len(orders))
		}
		return err
	})
	for _, id := range []uint32{ksm, usdt} {
		again(t, tr.name+" leaves", func(ctx context.Context) error {
			balances, _, err := tr.wallet.Balances(ctx)
			if err != nil {
				return err
			}
			for i := range balances {
				if b := &balances[i]; b.Asset.ID == id && !b.Available.IsZero() {
					made, err := tr.wallet.Withdraw(ctx, &b.Asset, b.Available, tr.account())
					if err != nil {
						return err
					}
					tr.book.withdrawals[made.Outbox] = payment{id, b.Available.Lo}
				}
			}
			return nil
		})
	}
}

func (tr *trader) tell() *story {
	s := &story{trader: tr}
	again(tr.site.t, tr.name+" reads its history", func(ctx context.Context) (err error) {
		if s.history, err = tr.wallet.History(ctx, 0, 0); err != nil {
			return err
		}
		if s.fills, err = tr.wallet.Fills(ctx, 0, 0); err != nil {
			return err
		}
		s.balances, _, err = tr.wallet.Balances(ctx)
		return err
	})
	return s
}

// verify compares what the trader was told, the contract's history, and the chain's events.
func (s *story) verify(a *auditor) {
	t := s.site.t
	t.Helper()
	for _, problem := range s.book.problems {
		t.Error(problem)
	}
	pool := amounts{}
	deposits, withdrawn, placed, ended := map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
	once := func(set map[uint64]bool, what string, number uint64) {
		if set[number] {
			t.Errorf("I4: %s: %s %d twice", s.name, what, number)
		}
		set[number] = true
	}
	for i := range s.history {
		if s.history[i].Index != uint64(i)+1 {
			t.Fatalf("%s: history entry %d has index %d", s.name, i+1, s.history[i].Index)
		}
		switch event := &s.history[i].Event; event.Kind {
		case wire.EventDeposited:
			once(deposits, "deposit", event.Number)
			if d := a.deposits[event.Number]; d == nil || d.asset != event.Asset || d.amount.Cmp(big128(event.Amount)) != 0 {
				t.Errorf("%s: deposit %d of %v in the history is not one of the chain's", s.name, event.Number, event.Amount)
			}
			pool.add(event.Asset, big128(event.Amount))
		case wire.EventWithdrawn:
			once(withdrawn, "withdrawal", event.Number)
			if p, executed := a.payouts[event.Number]; !executed || p.asset != event.Asset || p.amount.Cmp(big128(event.Amount)) != 0 {
				t.Errorf("I9: %s: withdrawal %d of %v was not executed so", s.name, event.Number, event.Amount)
			}
			pool.sub(event.Asset, big128(event.Amount))
		case wire.EventPlaced:
			once(placed, "order", event.Order)
		case wire.EventCancelled, wire.EventExpired:
			once(ended, "end of order", event.Order)
		}
	}
	s.verifyTold(deposits, withdrawn, placed, ended)
	s.verifyRefunds(a, deposits, withdrawn)
	s.settleFills(pool)
	for i := range s.balances {
		b := &s.balances[i]
		if total := new(big.Int).Add(big128(b.Available), big128(b.Held)); total.Cmp(pool.of(b.Asset.ID)) != 0 {
			t.Errorf("%s has %v of asset %d in the pool, by its history %v", s.name, total, b.Asset.ID, pool.of(b.Asset.ID))
		}
	}
}

// verifyTold: nothing that was acknowledged is gone.
func (s *story) verifyTold(deposits, withdrawn, placed, ended map[uint64]bool) {
	t := s.site.t
	t.Helper()
	for id := range s.book.deposits {
		if !deposits[id] {
			t.Errorf("I9: %s was told that deposit %d is in the ledger", s.name, id)
		}
	}
	for number := range s.book.withdrawals {
		if !withdrawn[number] {
			t.Errorf("%s was told of withdrawal %d", s.name, number)
		}
	}
	for order := range s.book.placed {
		if !placed[order] {
			t.Errorf("%s was told that order %d was placed", s.name, order)
		}
	}
	for order := range s.book.cancelled {
		if !ended[order] {
			t.Errorf("%s was told that order %d was cancelled", s.name, order)
		}
	}
}

// verifyRefunds: a deposit of the trader that is not in the ledger was paid back, exactly once. I9.
func (s *story) verifyRefunds(a *auditor, deposits, withdrawn map[uint64]bool) {
	t := s.site.t
	t.Helper()
	missing := map[payment]int{}
	for id, d := range a.deposits {
		if d.depositor == s.account() && !deposits[id] {
			missing[payment{d.asset, d.amount.Uint64()}]++
		}
	}
	for number, p := range a.payouts {
		if p.to == s.account() && !withdrawn[number] {
			missing[payment{p.asset, p.amount.Uint64()}]--
		}
	}
	for p, count := range missing {
		if count != 0 {
			t.Errorf("I9: %s: of unreadable deposits of %d of asset %d, %d too few were paid back", s.name, p.amount, p.asset, count)
		}
	}
}

// settleFills enters trades: quantities by the market's lots and ticks, fees by its rates, rounded down (spec/wire.md, 4).
func (s *story) settleFills(pool amounts) {
	t := s.site.t
	t.Helper()
	m := &s.pairs.Market
	for i := range s.fills {
		f := &s.fills[i]
		base := new(big.Int).Mul(new(big.Int).SetUint64(f.Quantity), big128(m.LotSize))
		quote := new(big.Int).Mul(new(big.Int).SetUint64(f.Quantity), new(big.Int).SetUint64(f.Price*m.TickValue))
		rate := m.TakerFeePPM
		if f.Maker {
			rate = m.MakerFeePPM
		}
		fee := new(big.Int).Mul(quote, big.NewInt(int64(rate)))
		fee.Quo(fee, big.NewInt(1_000_000))
		if f.Index != uint64(i)+1 || base.Cmp(big128(f.Base)) != 0 || quote.Cmp(big128(f.Quote)) != 0 || fee.Cmp(big128(f.Fee)) != 0 {
			t.Errorf("%s: fill %d is %+v, computed: base %v, quote %v, fee %v", s.name, i+1, *f, base, quote, fee)
		}
		if f.Side == wire.Buy {
			pool.add(m.Base, base)
			pool.sub(m.Quote, quote)
		} else {
			pool.sub(m.Base, base)
			pool.add(m.Quote, quote)
		}
		pool.sub(m.Quote, fee)
	}
}

// verifyTrades: every trade has two sides that agree.
func verifyTrades(t *testing.T, stories []*story) (fees *big.Int) {
	t.Helper()
	fees = new(big.Int)
	sides := map[uint64][]wire.Fill{}
	for _, s := range stories {
		for _, f := range s.fills {
			sides[f.Trade] = append(sides[f.Trade], f)
			fees.Add(fees, big128(f.Fee))
		}
	}
	for trade, both := range sides {
		if len(both) != 2 || both[0].Side == both[1].Side || both[0].Base != both[1].Base || both[0].Quote != both[1].Quote || both[0].Maker == both[1].Maker {
			t.Errorf("trade %d has the sides %+v", trade, both)
		}
	}
	return fees
}

// verifyEnd: everybody has left; what they hold now, with fees and what is claimable, is what they began with, to the unit.
func verifyEnd(t *testing.T, a *auditor, stories []*story) {
	t.Helper()
	fees := verifyTrades(t, stories)
	for _, id := range []uint32{ksm, usdt} {
		left := new(big.Int) // what custody must still hold
		for _, d := range a.deposits {
			if d.asset == id {
				left.Add(left, d.amount)
			}
		}
		failed := new(big.Int)
		for _, p := range a.payouts {
			switch {
			case p.asset == id && p.paid:
				left.Sub(left, p.amount)
			case p.asset == id:
				failed.Add(failed, p.amount)
			}
		}
		want := new(big.Int).Set(failed)
		if id == usdt {
			want.Add(want, fees)
		}
		if left.Cmp(want) != 0 {
			t.Errorf("asset %d: deposits exceed payouts by %v; fees and failed payouts are %v", id, left, want)
		}
		for _, s := range stories {
			s.verifyPublic(a, id)
		}
	}
}

// publicHoldings of the development genesis.
var publicHoldings = map[uint32]*big.Int{ksm: big.NewInt(10_000 * oneKSM), usdt: big.NewInt(1_000_000 * oneUSDT)}

// verifyPublic compares the trader's balance on the chain with genesis, deposits and payouts.
func (s *story) verifyPublic(a *auditor, id uint32) {
	t := s.site.t
	t.Helper()
	want := new(big.Int).Set(publicHoldings[id])
	for _, d := range a.deposits {
		if d.asset == id && d.depositor == s.account() {
			want.Sub(want, d.amount)
		}
	}
	for _, p := range a.payouts {
		if p.asset == id && p.to == s.account() && p.paid {
			want.Add(want, p.amount)
		}
	}
	for i := range s.balances {
		if b := &s.balances[i]; b.Asset.ID == id && big128(b.Public).Cmp(want) != 0 {
			t.Errorf("%s has %v of asset %d on the chain, by the events %v", s.name, b.Public, id, want)
		}
	}
}
