package worker_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// opened starts a worker with two traders who have deposited and opened sessions.
func opened(t testing.TB, s *site) (a, b *trader) {
	t.Helper()
	s.announceKeys(t)
	n := s.network
	a, b = newTrader(t, n, "Alice"), newTrader(t, n, "Bob")
	n.produce(n.deposit(a.account(), 1, 50_000_000), n.deposit(b.account(), 1000, 90_000_000))
	n.produce(envelopes(a.open(), b.open())...)
	return a, b
}

// TestTrade is the whole loop: the worker registers, announces its keys, applies
// deposits and sealed orders, its commits are accepted, and the answers prove
// what each trader has.
func TestTrade(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, b := opened(t, s)
	n.produce(envelopes(a.place(1, wire.Sell, 100, 30), b.place(1, wire.Buy, 100, 20))...)
	n.produce(envelopes([]byte("garbage"), b.command(wire.Command{Kind: wire.CommandWithdraw, Asset: 1, Amount: scale.U128From(5_000), To: b.account()}))...)
	s.commitAll(t, w)

	last, _ := n.committed()
	if status := w.Status(); status.Checkpoint == nil || status.Checkpoint.StateRoot != last.StateRoot.String() || !status.Ready || status.Epoch != 0 {
		t.Errorf("status %+v, committed %+v", status, last)
	}
	// 20 lots at 100 ticks: 20,000 base for 20,000 quote; fees 1,000 and 2,000 ppm of it.
	if available, held := balance(a.query(w, wire.Query{Kind: wire.QueryBalances}), 1); available != 50_000_000-30_000 || held != 10_000 {
		t.Errorf("Alice has %d available and %d held of the base asset", available, held)
	}
	if available, _ := balance(a.query(w, wire.Query{Kind: wire.QueryBalances}), 1000); available != 20_000-20 {
		t.Errorf("Alice has %d of the quote asset", available)
	}
	if available, held := balance(b.query(w, wire.Query{Kind: wire.QueryBalances}), 1000); available != 90_000_000-20_000-40 || held != 0 {
		t.Errorf("Bob has %d available and %d held of the quote asset", available, held)
	}
	if available, _ := balance(b.query(w, wire.Query{Kind: wire.QueryBalances}), 1); available != 20_000-5_000 {
		t.Errorf("Bob has %d of the base asset", available)
	}
	if orders := a.query(w, wire.Query{Kind: wire.QueryOrders}).Orders; len(orders) != 1 || orders[0].Remaining != 10 {
		t.Errorf("Alice's orders: %+v", orders)
	}
	if fills := b.query(w, wire.Query{Kind: wire.QueryFills}).Fills; len(fills) != 1 || fills[0].Quantity != 20 || fills[0].Maker {
		t.Errorf("Bob's fills: %+v", fills)
	}
	receipt := b.query(w, wire.Query{Kind: wire.QueryReceipt, Fill: 1})
	if receipt.Kind != wire.QueryReceipt || !receipt.Base.Verify(last.StateRoot) || !receipt.Quote.Verify(last.StateRoot) {
		t.Errorf("Bob's receipt: %+v", receipt)
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	payouts := 0
	for _, commit := range n.commits {
		payouts += len(commit.Outbox)
	}
	if payouts != 1 || n.last.Value.Outbox != 1 {
		t.Errorf("%d payouts, next outbox number %d", payouts, n.last.Value.Outbox)
	}
}
