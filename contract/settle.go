package contract

import (
	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// settle posts the events of one command (or of the passing of time) to orders,
// ledger and histories. The engine has applied them all; nothing here can refuse.
func (c *Contract) settle(events engine.Events) {
	for i := range events {
		e := &events[i]
		switch e.Type {
		case engine.Accepted, engine.Amended: // posted by place and amend
		case engine.Rested:
			c.settleRest(e)
		case engine.Fill:
			c.settleFill(e)
		case engine.Cancelled:
			c.settleEnd(e, wire.EventCancelled, cancelReason(e.Reason))
		case engine.Expired:
			c.settleEnd(e, wire.EventExpired, wire.ReasonNone)
		default:
			c.expect(false)
		}
	}
}

// settleRest gives an order that enters a queue its place in time.
func (c *Contract) settleRest(e *engine.Event) {
	o := c.orders.find(uint64(e.Order))
	if !c.expect(o != nil && o.remaining == uint64(e.Quantity) && o.price == uint64(e.Price)) {
		return
	}
	c.orders.lastPriority++
	o.priority = c.orders.lastPriority
	c.orders.mark(o)
}

// settleFill settles a trade between the incoming order and a resting one, at
// the resting order's price.
func (c *Contract) settleFill(e *engine.Event) {
	taker, maker := c.orders.find(uint64(e.Order)), c.orders.find(uint64(e.Maker))
	price, lots := uint64(e.Price), uint64(e.Quantity)
	if !c.expect(taker != nil && maker != nil && taker.market == maker.market && taker.side != maker.side &&
		taker.remaining-lots == uint64(e.Remaining) && maker.remaining-lots == uint64(e.MakerRemaining)) {
		return
	}
	m := c.findMarket(taker.market)
	base, baseOK := m.BaseAmount(lots)
	quote, quoteOK := m.QuoteAmount(lots, price)
	c.expect(baseOK && quoteOK)
	trade := c.tradeID(c.trades)
	c.trades++
	// No order pays more than the fee it holds for, whatever the market charges now.
	takerFee := wire.Fee(quote, min(m.TakerFeePPM, taker.feePPM))
	makerFee := wire.Fee(quote, min(m.MakerFeePPM, maker.feePPM))
	c.settleSide(m, taker, lots, base, quote, takerFee)
	c.settleSide(m, maker, lots, base, quote, makerFee)
	c.credit(m.feeLeaf, c.ledger.plus(takerFee, makerFee))
	for _, party := range [...]struct {
		order *order
		fee   wire.U128
		maker bool
	}{{taker, takerFee, false}, {maker, makerFee, true}} {
		o := party.order
		c.recordFill(o.account, fill{
			fee: party.fee, trade: trade, order: o.client, price: price, quantity: lots, market: o.market, side: o.side, maker: party.maker,
		})
		if o.remaining == 0 {
			c.closeOrder(o)
		}
	}
}

// settleSide moves one party's money: a buyer pays quote and fee out of its hold
// and receives base, a seller pays base out of its hold and receives quote less fee.
func (c *Contract) settleSide(m *market, o *order, lots uint64, base, quote, fee wire.U128) {
	before, ok := m.heldFor(o.side, o.price, o.remaining, o.feePPM)
	c.expect(ok)
	o.remaining -= lots
	after, ok := m.heldFor(o.side, o.price, o.remaining, o.feePPM)
	c.expect(ok)
	released := c.ledger.minus(before, after)
	if o.side == wire.Buy {
		c.release(o.quoteLeaf, released, c.ledger.plus(quote, fee)) // see heldFor: never more than released
		c.credit(o.baseLeaf, base)
	} else {
		c.release(o.baseLeaf, released, base)
		c.credit(o.quoteLeaf, c.ledger.minus(quote, fee)) // a fee is at most a tenth of quote
	}
	c.orders.mark(o)
}

// settleEnd releases what an order still holds and forgets the order.
func (c *Contract) settleEnd(e *engine.Event, kind uint8, reason wire.Reason) {
	o := c.orders.find(uint64(e.Order))
	if !c.expect(o != nil && o.remaining == uint64(e.Quantity)) {
		return
	}
	held, ok := c.findMarket(o.market).heldFor(o.side, o.price, o.remaining, o.feePPM)
	c.expect(ok)
	c.release(o.holdLeaf(), held, wire.U128{})
	c.record(o.account, entry{kind: kind, order: o.client, number: o.remaining, reason: reason})
	c.closeOrder(o)
}

func cancelReason(reason engine.Reason) wire.Reason {
	switch reason {
	case engine.CancelledImmediate:
		return wire.ReasonRemainder
	case engine.CancelledSelfTrade:
		return wire.ReasonSelfMatch
	default:
		return wire.ReasonOwner
	}
}

// expect stops the contract when the engine and the contract's orders disagree.
func (c *Contract) expect(agree bool) bool {
	if !agree && c.fault == nil {
		c.fault = ErrEngine
	}
	return agree
}
