package blindness

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Assets and market of the development genesis.
const (
	ksm    = 1
	usdt   = 1000
	market = 1
)

// secrets are what a run must not show. Two runs have equal shape when their commands
// are as many.
type secrets struct {
	accounts [2]byte                      // which two traders
	commands [2][]wire.Command            // of each, sent in turns
	wants    func(*testing.T, [2]*trader) // what must have come of it, so that the run is no empty one
}

func place(order uint64, side uint8, ticks, lots uint64) wire.Command {
	return wire.Command{Kind: wire.CommandPlace, Order: order, Market: market, Side: side, Price: ticks, Quantity: lots}
}

func placeAs(order uint64, side uint8, ticks, lots uint64, timeInForce uint8) wire.Command {
	c := place(order, side, ticks, lots)
	c.TimeInForce = timeInForce
	return c
}

func amend(order, ticks, lots uint64) wire.Command {
	return wire.Command{Kind: wire.CommandAmend, Order: order, Price: ticks, Quantity: lots}
}

func cancel(order uint64) wire.Command { return wire.Command{Kind: wire.CommandCancel, Order: order} }

// run plays a script and gives its transcript. Somebody else's account deposits for the
// traders, to sealed beneficiaries, and a third one submits their envelopes.
func run(t *testing.T, s secrets) (transcript, [2]*trader) {
	t.Helper()
	w := newWorld(t)
	traders := [2]*trader{w.trader(s.accounts[0]), w.trader(s.accounts[1])}
	w.mark()
	first := w.chain.View().Head.Number
	for _, tr := range traders {
		for asset, amount := range map[uint32]uint64{ksm: 50_000_000_000_000, usdt: 5_000_000_000} {
			w.deposit(tr, asset, amount)
		}
		w.submit(tr.open())
		tr.subscribe()
	}
	for i := range s.commands[0] {
		for who, tr := range traders {
			w.submit(tr.command(s.commands[who][i]))
		}
	}
	for _, tr := range traders {
		for _, kind := range []uint8{wire.QueryBalances, wire.QueryOrders, wire.QueryFills, wire.QueryHistory} {
			tr.query(wire.Query{Kind: kind, Limit: 20})
		}
	}
	out := w.capture(first)
	if s.wants != nil {
		s.wants(t, traders)
	}
	return out, traders
}

func (w *world) mark() {
	w.traffic.Mark()
	w.asked.Mark()
	w.figures = [2]figures{readFigures(w.workerMetrics()), readFigures(w.nodeMetrics())}
	w.nodeLogs.Mark()
	w.workerLogs.Mark()
}

func (w *world) deposit(tr *trader, asset uint32, amount uint64) {
	w.t.Helper()
	alice := w.account("Alice")
	beneficiary, err := w.key().Beneficiary(tr.pair.AccountID(), alice, asset, scale.U128From(amount))
	w.check(err)
	call, err := wire.CallDeposit(asset, scale.U128From(amount), beneficiary)
	w.send("Alice", call, err)
}

func (w *world) submit(envelope []byte) {
	w.t.Helper()
	call, err := wire.CallSubmit([][]byte{envelope})
	w.send("Dave", call, err)
}
