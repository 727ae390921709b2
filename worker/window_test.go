package worker_test

import (
	"net/http"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// TestWindow: what is sealed to an epoch is honoured to the last checkpoint of the next
// one, and not after: commands, openings and queries.
func TestWindow(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, b := opened(t, s)
	s.nextEpoch(t, w)
	next, after := newTrader(t, n, "Charlie"), newTrader(t, n, "Dave")
	n.produce(n.deposit(next.account(), 1, 1_000), n.deposit(after.account(), 1, 1_000))
	// All of this is sealed in epoch 1.
	inTime, tooLate := a.place(1, wire.Sell, 100, 10), a.place(2, wire.Sell, 90, 10)
	nextOpening, lateOpening := next.open(), after.open()
	request, _, err := a.key().Query(a.account(), a.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		t.Fatal(err)
	}
	s.nextEpoch(t, w)
	for range 3 {
		n.produce(n.deposit(b.account(), 1, 1))
	}
	n.produce(envelopes(inTime, nextOpening)...) // the last checkpoint of epoch 2
	s.commitAll(t, w)
	if orders := a.query(w, wire.Query{Kind: wire.QueryOrders}).Orders; len(orders) != 1 || orders[0].Order != 1 {
		t.Errorf("at the end of the next epoch the orders are %+v", orders)
	}
	if available, _ := balance(next.query(w, wire.Query{Kind: wire.QueryBalances}), 1); available != 1_000 {
		t.Errorf("the session that was opened in time shows %d", available)
	}
	if status, answer := postQuery(t, w, request); status != http.StatusOK {
		t.Errorf("a query of the epoch before: %d %s", status, answer)
	}
	s.nextEpoch(t, w)
	n.produce(envelopes(tooLate, lateOpening)...)
	s.commitAll(t, w)
	if orders := a.query(w, wire.Query{Kind: wire.QueryOrders}).Orders; len(orders) != 1 || orders[0].Order != 1 {
		t.Errorf("after the window the orders are %+v", orders)
	}
	if status, answer := postQuery(t, w, request); status != http.StatusBadRequest {
		t.Errorf("a query of two epochs before: %d %s", status, answer)
	}
	if body := after.query(w, wire.Query{Kind: wire.QueryBalances}); body.Kind != wire.AnswerRefused {
		t.Errorf("the session that was opened too late answers %+v", body)
	}
}
