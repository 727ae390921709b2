package contract

import (
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// TestI8OwnEyes: no answer and no frame names another account, its orders or its
// money, and no Viewer serves another account.
func TestI8OwnEyes(t *testing.T) {
	w := newMarketWorld(t)
	one, two := w.newFunded(1), w.newFunded(2)
	one.send(limit(11, wire.Sell, 100, 10))
	one.send(limit(12, wire.Sell, 200, 10))
	two.send(limit(21, wire.Buy, 100, 4))
	two.send(limit(22, wire.Buy, 50, 4))
	w.block()
	for _, tr := range []*trader{one, two} {
		for _, proof := range tr.ask(wire.Query{Kind: wire.QueryBalances}).Balances {
			if proof.Leaf.Account != tr.id {
				t.Errorf("a balance of %v", proof.Leaf.Account)
			}
		}
		first := uint64(11)
		if tr == two {
			first = 21
		}
		for _, o := range tr.ask(wire.Query{Kind: wire.QueryOrders}).Orders {
			if o.Order < first || o.Order > first+1 {
				t.Errorf("another's order %d", o.Order)
			}
		}
		for _, f := range tr.ask(wire.Query{Kind: wire.QueryFills}).Fills {
			if f.Order != first {
				t.Errorf("another's fill of order %d", f.Order)
			}
		}
		for _, e := range tr.events(0) {
			if e.Account != (wire.AccountID{}) {
				t.Errorf("an entry names %v", e.Account)
			}
		}
	}
	for name, ask := range map[string]func() bool{
		"unknown account": func() bool {
			_, ok := w.c.Authenticate(wire.AccountID{0x42}, func([32]byte) bool { return true })
			return ok
		},
		"wrong key": func() bool { _, ok := w.c.Authenticate(one.id, func([32]byte) bool { return false }); return ok },
		"another's key": func() bool {
			key := two.session.QueryKey()
			_, ok := w.c.Authenticate(one.id, func(k [32]byte) bool { return k == key })
			return ok
		},
		"no session": func() bool {
			_, ok := w.c.Authenticate(wire.FeeAccount, func([32]byte) bool { return true })
			return ok
		},
	} {
		if ask() {
			t.Errorf("%s: authenticated", name)
		}
	}
	viewer := one.view()
	forged := viewer
	forged.account = w.c.accounts.byID[two.id]
	for name, v := range map[string]Viewer{"another account": forged, "nobody": {}, "beyond": {account: 1 << 30}} {
		if body := w.c.Answer(v, &wire.Query{Kind: wire.QueryBalances}); body.Kind != wire.AnswerRefused || body.Reason != RefusedViewer {
			t.Errorf("%s is answered %+v", name, body)
		}
		if _, ok := w.c.Frame(v); ok {
			t.Errorf("%s gets a frame", name)
		}
	}
	one.link(hour) // a new session ends what the old one could see
	w.block()
	if body := w.c.Answer(viewer, &wire.Query{Kind: wire.QueryBalances}); body.Kind != wire.AnswerRefused {
		t.Error("a replaced session's viewer is answered")
	}
	if _, ok := w.c.Frame(viewer); ok {
		t.Error("a replaced session's viewer gets a frame")
	}
}

func TestRefusals(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	viewer := tr.view()
	for name, test := range map[string]struct {
		query  wire.Query
		reason string
	}{
		"no such fill":    {wire.Query{Kind: wire.QueryReceipt, Fill: 1}, RefusedFill},
		"fill zero":       {wire.Query{Kind: wire.QueryReceipt}, RefusedFill},
		"no such query":   {wire.Query{Kind: 77}, RefusedQuery},
		"no query at all": {wire.Query{Kind: wire.AnswerRefused}, RefusedQuery},
	} {
		if body := w.c.Answer(viewer, &test.query); body.Kind != wire.AnswerRefused || body.Reason != test.reason || len(body.Reason) > wire.MaxRefusal {
			t.Errorf("%s: %+v", name, body)
		}
	}
	opening := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
	if err := w.c.Apply(&opening); err != nil {
		t.Fatal(err)
	}
	if body := w.c.Answer(viewer, &wire.Query{}); body.Reason != RefusedState {
		t.Errorf("inside a checkpoint: %+v", body)
	}
	if _, ok := w.c.Frame(viewer); ok {
		t.Error("a frame inside a checkpoint")
	}
	if w.c.Snapshot(nil) != ErrSnapshotTime || w.c.CheckInvariants() != ErrSnapshotTime {
		t.Error("a snapshot inside a checkpoint")
	}
}

// TestPages walks every kind of page in small steps.
func TestPages(t *testing.T) {
	w := newMarketWorld(t)
	tr, other := w.newFunded(1), w.newFunded(2)
	for i := range uint64(25) {
		w.fund(tr.id, uint32(100+i), 5)
		tr.send(limit(100-i, wire.Sell, 100, 4))
	}
	w.block()
	for i := range uint64(10) {
		other.send(limit(i+1, wire.Buy, 100, 4))
	}
	w.block()
	count := map[string]int{}
	after := uint64(0)
	for more := true; more; {
		body := tr.ask(wire.Query{Kind: wire.QueryBalances, After: after, Limit: 7})
		for _, p := range body.Balances {
			if !p.Verify(w.last.StateRoot) || uint64(p.Index) < after {
				t.Fatalf("balance %d after %d", p.Index, after)
			}
			after = uint64(p.Index) + 1
			count["balances"]++
		}
		more = body.More
	}
	after = 0
	for more := true; more; {
		body := tr.ask(wire.Query{Kind: wire.QueryOrders, After: after, Limit: 4})
		for _, o := range body.Orders {
			if o.Order <= after {
				t.Fatalf("order %d after %d", o.Order, after)
			}
			after = o.Order
			count["orders"]++
		}
		more = body.More
	}
	for kind, name := range map[uint8]string{wire.QueryFills: "fills", wire.QueryHistory: "entries"} {
		after = 0
		for more := true; more; {
			body := tr.ask(wire.Query{Kind: kind, After: after, Limit: 3})
			indexes := []uint64{}
			for _, f := range body.Fills {
				indexes = append(indexes, f.Index)
			}
			for _, e := range body.Entries {
				indexes = append(indexes, e.Index)
			}
			for _, index := range indexes {
				if index != after+1 {
					t.Fatalf("%s: %d after %d", name, index, after)
				}
				after = index
				count[name]++
			}
			more = body.More
		}
	}
	if count["balances"] != 27 || count["orders"] != 15 || count["fills"] != 10 || count["entries"] != 1+2+25+25+10 {
		t.Errorf("pages hold %v", count)
	}
	if body := tr.ask(wire.Query{Kind: wire.QueryFills, After: 1 << 60}); len(body.Fills) != 0 || body.More {
		t.Errorf("a page after the end: %+v", body)
	}
}

// TestRingsForget: a full history drops its oldest entries, and its numbers go on.
func TestRingsForget(t *testing.T) {
	limits := DefaultLimits()
	limits.History = minimumRing
	w := newWorld(t, limits)
	w.list(exampleMarket())
	tr, other := w.newFunded(1), w.newFunded(2)
	for round := range 4 {
		for i := range uint64(30) {
			tr.send(limit(i+1, wire.Sell, 100, 4))
			other.send(limit(i+1, wire.Buy, 100, 4))
		}
		w.block()
		if round == 2 {
			w.c = w.restore(w.snapshot())
		}
	}
	fills := tr.ask(wire.Query{Kind: wire.QueryFills}).Fills
	if len(fills) != minimumRing || fills[0].Index != 120-minimumRing+1 || fills[minimumRing-1].Index != 120 {
		t.Errorf("%d fills from %d", len(fills), fills[0].Index)
	}
	entries := tr.ask(wire.Query{Kind: wire.QueryHistory}).Entries
	if len(entries) != minimumRing || entries[minimumRing-1].Index != 3+240 {
		t.Errorf("%d entries to %d", len(entries), entries[len(entries)-1].Index)
	}
	if body := w.c.Answer(tr.view(), &wire.Query{Kind: wire.QueryReceipt, Fill: 5}); body.Reason != RefusedFill {
		t.Errorf("a forgotten fill: %+v", body)
	}
	frame, ok := w.c.Frame(tr.view())
	if !ok || len(frame.Fills) != wire.MaxFrameFills || !frame.More || frame.Fills[0].Index != 91 {
		t.Errorf("frame %+v", frame)
	}
}

// TestHistoryPool: when the pool is used up, every account keeps what it has and
// at least the minimum.
func TestHistoryPool(t *testing.T) {
	limits := DefaultLimits()
	limits.HistoryPool = 200
	w := newWorld(t, limits)
	w.list(exampleMarket())
	busy := w.newFunded(1)
	for range 300 {
		busy.send(wire.Command{Kind: wire.CommandCancel, Order: 9})
	}
	w.block()
	late := w.newFunded(2)
	for range 100 {
		late.send(wire.Command{Kind: wire.CommandCancel, Order: 9})
	}
	w.block()
	if n := len(w.c.accounts.list[w.c.accounts.byID[busy.id]].history.items); n != 200 {
		t.Errorf("the busy account keeps %d", n)
	}
	if n := len(w.c.accounts.list[w.c.accounts.byID[late.id]].history.items); n != minimumRing {
		t.Errorf("the late account keeps %d", n)
	}
	w.c = w.restore(w.snapshot())
	busy.send(wire.Command{Kind: wire.CommandCancel, Order: 9})
	w.block()
}

func TestFrames(t *testing.T) {
	w := newMarketWorld(t)
	one, two, idle := w.newFunded(1), w.newFunded(2), w.newFunded(3)
	one.send(limit(1, wire.Sell, 100, 4))
	two.send(limit(1, wire.Buy, 100, 10))
	w.block()
	for _, tr := range []*trader{one, two} {
		frame, ok := w.c.Frame(tr.view())
		if !ok || !frame.Changed || len(frame.Fills) != 1 || frame.More || frame.StateRoot != w.last.StateRoot ||
			frame.Checkpoint != w.last.Checkpoint || frame.Number != w.number || frame.Timestamp != w.time || frame.BlockHash != w.last.BlockHash {
			t.Errorf("frame %+v", frame)
		}
	}
	if frame, ok := w.c.Frame(idle.view()); !ok || frame.Changed || len(frame.Fills) != 0 {
		t.Errorf("frame of who did nothing: %+v", frame)
	}
	w.block()
	if frame, ok := w.c.Frame(one.view()); !ok || frame.Changed || len(frame.Fills) != 0 {
		t.Errorf("frame of an empty block: %+v", frame)
	}
	two.send(wire.Command{Kind: wire.CommandCancel, Order: 1})
	w.block()
	if frame, ok := w.c.Frame(two.view()); !ok || !frame.Changed || len(frame.Fills) != 0 {
		t.Errorf("frame of a cancel: %+v", frame)
	}
}
