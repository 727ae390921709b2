package engine_test

import (
	"math"
	"testing"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/engine/naive"
)

// TestRejections gives each reason a command that fails that check and, where it can, all later ones, so that the order
// of the checks in spec/engine.md is tested too.
func TestRejections(t *testing.T) {
	place := func(change func(*engine.Order)) command {
		o := engine.Order{ID: 1, Price: 101, Quantity: 1, Market: 1, PostOnly: true}
		change(&o)
		return command{op: opPlace, order: o}
	}
	amend := func(id engine.OrderID, owner engine.Owner, price engine.Price, quantity engine.Quantity) command {
		return command{op: opAmend, amend: engine.Amendment{Order: id, Owner: owner, Price: price, Quantity: quantity}}
	}
	cases := []struct {
		reason  engine.Reason
		command command
	}{
		{engine.InvalidMarket, command{op: opSetMarket, market: engine.Market{ID: 3}}},
		{engine.InvalidMarket, command{op: opSetMarket, market: engine.Market{ID: 1, State: engine.Halted + 1}}},
		{engine.UnknownMarket, place(func(o *engine.Order) { o.Market, o.Side = 0, 9 })},
		{engine.MarketHalted, place(func(o *engine.Order) { o.Market, o.Side = 2, 9 })},
		{engine.InvalidSide, place(func(o *engine.Order) { o.Side, o.Kind = 2, 1 })},
		{engine.UnsupportedKind, place(func(o *engine.Order) { o.Kind, o.TimeInForce = 1, 9 })},
		{engine.UnsupportedTime, place(func(o *engine.Order) { o.TimeInForce, o.SelfTrade = engine.GTD+1, 9 })},
		{engine.InvalidSelfTrade, place(func(o *engine.Order) { o.SelfTrade, o.Owner = engine.Decrement+1, 9 })},
		{engine.InvalidOwner, place(func(o *engine.Order) { o.Owner, o.Price = 9, 0 })},
		{engine.ZeroPrice, place(func(o *engine.Order) { o.Price, o.Quantity = 0, 0 })},
		{engine.ZeroQuantity, place(func(o *engine.Order) { o.Quantity, o.Expiry = 0, 1 })},
		{engine.NotionalOverflow, place(func(o *engine.Order) { o.Price, o.Quantity, o.Expiry = math.MaxUint64, 2, 1 })},
		{engine.NotionalOverflow, place(func(o *engine.Order) { o.Price, o.Quantity = 1<<32, 1<<32 })},
		{engine.ExpiryPassed, place(func(o *engine.Order) { o.TimeInForce, o.Expiry = engine.GTD, 50 })},
		{engine.UnexpectedExpiry, place(func(o *engine.Order) { o.TimeInForce, o.Expiry = engine.IOC, 51 })},
		{engine.PostOnlyImmediate, place(func(o *engine.Order) { o.TimeInForce = engine.IOC })},
		{engine.DuplicateOrder, place(func(*engine.Order) {})},
		{engine.PostOnlyWouldTrade, place(func(o *engine.Order) { o.ID = 3 })},
		{engine.BookFull, place(func(o *engine.Order) { o.ID, o.PostOnly = 3, false })},
		{engine.UnknownOrder, amend(9, 1, 0, 0)},
		{engine.NotOwner, amend(1, 1, 0, 0)},
		{engine.ZeroPrice, amend(1, 0, 0, 0)},
		{engine.ZeroQuantity, amend(1, 0, 101, 0)},
		{engine.NotionalOverflow, amend(1, 0, math.MaxUint64, 2)},
		{engine.PostOnlyWouldTrade, amend(1, 0, 101, 1)},
		{engine.UnknownOrder, command{op: opCancel, cancel: engine.Cancellation{Order: 9}}},
		{engine.NotOwner, command{op: opCancel, cancel: engine.Cancellation{Order: 1, Owner: 1}}},
		{engine.UnknownMarket, command{op: opCancelAll, all: engine.MassCancellation{Market: 0}}},
		{engine.TimeBackwards, command{op: opTime, time: 49}},
	}
	limits := engine.Limits{Markets: 3, Owners: 2, Orders: 2}
	for name, book := range map[string]engine.Book{"fast": engine.New(limits), "naive": naive.New(limits)} {
		var events engine.Events
		book.SetMarket(engine.Market{ID: 1}, &events)
		book.SetMarket(engine.Market{ID: 2, State: engine.Halted}, &events)
		book.AdvanceTime(50, &events)
		book.Place(&engine.Order{ID: 1, Price: 100, Quantity: 5, Market: 1, PostOnly: true}, &events)
		book.Place(&engine.Order{ID: 2, Price: 101, Quantity: 5, Market: 1, Side: engine.Sell, Owner: 1}, &events)
		before := book.StateHash()
		for _, c := range cases {
			events.Reset()
			c.command.apply(book, &events)
			if len(events) != 1 || events[0].Type != engine.Rejected || events[0].Reason != c.reason {
				t.Errorf("%s: %v yields %v, should be rejected: %s", name, c.command, events, c.reason)
			}
			if book.StateHash() != before {
				t.Fatalf("%s: %v changed the state", name, c.command)
			}
		}
		// An IOC order needs no room.
		events.Reset()
		book.Place(&engine.Order{ID: 3, Price: 100, Quantity: 1, Market: 1, TimeInForce: engine.IOC}, &events)
		if len(events) != 2 || events[1].Reason != engine.CancelledImmediate {
			t.Errorf("%s: an IOC order in a full book yields %v", name, events)
		}
	}
}

func TestReasonsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for reason := engine.UnknownMarket; reason <= engine.TimeBackwards; reason++ {
		if name := reason.String(); name == "unknown reason" || seen[name] {
			t.Errorf("reason %d is called %q", reason, name)
		}
		seen[reason.String()] = true
	}
	if engine.Reason(200).String() != "unknown reason" || engine.Reason(0).String() != "unknown reason" {
		t.Error("a reason that does not exist has a name")
	}
}

func TestLimitsAreLowered(t *testing.T) {
	huge := engine.Limits{Markets: 1, Owners: math.MaxUint32, Orders: math.MaxUint32}
	if engine.New(huge).StateHash() != naive.New(huge).StateHash() {
		t.Error("the books lower limits differently")
	}
	lowered := engine.Limits{Markets: 1, Owners: engine.MaxOwners, Orders: engine.MaxOrders}
	if engine.New(huge).StateHash() != engine.New(lowered).StateHash() {
		t.Error("limits are not lowered to what records can hold")
	}
}
