package engine

import (
	"testing"
	"unsafe"
)

// TestRecordSizes holds the sizes that make the engine fast: two orders or levels to a cache line.
func TestRecordSizes(t *testing.T) {
	if size := unsafe.Sizeof(order{}); size != 32 {
		t.Errorf("the record of an order takes %d bytes", size)
	}
	if size := unsafe.Sizeof(level{}); size != 32 {
		t.Errorf("a level takes %d bytes", size)
	}
	if size := unsafe.Sizeof(Event{}); size != 96 {
		t.Errorf("an event takes %d bytes", size)
	}
}

// TestNoAllocationInSteadyState runs every command on a book that has grown to its size.
func TestNoAllocationInSteadyState(t *testing.T) {
	e := New(Limits{Markets: 10, Owners: 100, Orders: 10_000})
	var events Events
	for id := range MarketID(10) {
		e.SetMarket(Market{ID: id}, &events)
	}
	choose, id, time := chooser(3), OrderID(0), uint64(0)
	round := func() {
		for range 2000 {
			events.Reset()
			o := Order{
				ID: id, Owner: Owner(choose(100)), Market: MarketID(choose(10)), Side: Side(choose(2)),
				Price: Price(1000 + choose(100)), Quantity: Quantity(1 + choose(50)), SelfTrade: SelfTrade(choose(4)),
			}
			if choose(3) == 0 {
				o.TimeInForce, o.Expiry = GTD, time+1+choose(3)
			}
			id++
			e.Place(&o, &events)
			e.Cancel(Cancellation{Order: id - OrderID(choose(200)), Owner: Owner(choose(100))}, &events)
			other := id - OrderID(choose(200))
			if found, ok := e.Lookup(other); ok {
				amend := Amendment{Order: other, Owner: found.Owner, Price: found.Price + 1, Quantity: found.Quantity}
				e.Amend(&amend, &events)
			}
		}
		events.Reset()
		e.CancelAll(MassCancellation{Owner: Owner(choose(100)), AllMarkets: true}, &events)
		events.Reset()
		time++
		e.AdvanceTime(time, &events)
		e.StateHash()
	}
	for range 60 {
		round()
	}
	if e.OpenOrders() < 500 {
		t.Fatalf("only %d open orders", e.OpenOrders())
	}
	if allocations := testing.AllocsPerRun(20, round); allocations > 0 {
		t.Errorf("%.1f allocations in 6,000 commands of a book that has grown", allocations)
	}
}
