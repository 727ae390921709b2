package contract

import (
	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// amend changes an open order's price and remaining lots. A decrease at the same
// price keeps its place and its fees; anything else enters the book anew, under
// the market's fees of now, and may trade.
func (c *Contract) amend(handle uint32, command *wire.Command) wire.Reason {
	o := c.orders.findClient(handle, command.Order)
	if o == nil {
		return wire.ReasonOrderUnknown
	}
	m := c.findMarket(o.market)
	if reason := checkAmend(m, o, command); reason != wire.ReasonNone {
		return reason
	}
	feePPM := max(m.MakerFeePPM, m.TakerFeePPM)
	if command.Price == o.price && command.Quantity <= o.remaining {
		feePPM = o.feePPM
	}
	before, ok := m.heldFor(o.side, o.price, o.remaining, o.feePPM)
	c.expect(ok)
	after, ok := m.heldFor(o.side, command.Price, command.Quantity, feePPM)
	if !ok {
		return wire.ReasonBalance
	}
	more, increases := after.Sub(before)
	if increases && c.ledger.leaves[o.holdLeaf()].available.Less(more) {
		return wire.ReasonBalance
	}
	c.events.Reset()
	amendment := engine.Amendment{
		Order: engine.OrderID(o.id), Owner: engine.Owner(handle), Price: engine.Price(command.Price), Quantity: engine.Quantity(command.Quantity),
	}
	c.book.Amend(&amendment, &c.events)
	if reason := rejection(c.events); reason != wire.ReasonNone {
		return reason
	}
	if increases {
		c.hold(o.holdLeaf(), more)
	} else {
		less, ok := before.Sub(after)
		c.expect(ok)
		c.release(o.holdLeaf(), less, wire.U128{})
	}
	filled := o.quantity - o.remaining
	o.price, o.remaining, o.quantity, o.feePPM = command.Price, command.Quantity, filled+command.Quantity, feePPM
	c.orders.mark(o)
	c.record(handle, entry{kind: wire.EventAmended, order: o.client, number: command.Quantity})
	c.settle(c.events)
	return wire.ReasonNone
}

// checkAmend checks what does not concern money. An order that has filled below
// the market's minimum may still change its price.
func checkAmend(m *market, o *order, command *wire.Command) wire.Reason {
	switch {
	case m.Status != wire.MarketOpen:
		return wire.ReasonMarketHalted
	case command.Price == 0 || command.Price > m.MaxPrice:
		return wire.ReasonPrice
	case command.Quantity < min(m.MinQuantity, o.remaining) || command.Quantity > m.MaxQuantity:
		return wire.ReasonQuantity
	}
	return wire.ReasonNone
}

// cancel takes an open order out of its book.
func (c *Contract) cancel(handle uint32, command *wire.Command) wire.Reason {
	o := c.orders.findClient(handle, command.Order)
	if o == nil {
		return wire.ReasonOrderUnknown
	}
	c.events.Reset()
	c.book.Cancel(engine.Cancellation{Order: engine.OrderID(o.id), Owner: engine.Owner(handle)}, &c.events)
	if reason := rejection(c.events); reason != wire.ReasonNone {
		return reason
	}
	c.settle(c.events)
	return wire.ReasonNone
}

// cancelAll takes all open orders of an account out of their books, or those of
// one market: at most Limits.OpenOrders of them.
func (c *Contract) cancelAll(handle uint32, command *wire.Command) wire.Reason {
	all := engine.MassCancellation{Owner: engine.Owner(handle), AllMarkets: !command.Markets.Some, Market: engine.MarketID(command.Markets.Value)}
	if command.Markets.Some && c.findMarket(command.Markets.Value) == nil {
		return wire.ReasonUnknownMarket
	}
	c.events.Reset()
	c.book.CancelAll(all, &c.events)
	c.settle(c.events)
	return wire.ReasonNone
}
