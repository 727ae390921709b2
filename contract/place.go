package contract

import (
	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// place checks an order against market and ledger, has the engine match it, and
// settles what came of it.
func (c *Contract) place(handle uint32, command *wire.Command) wire.Reason {
	m := c.findMarket(command.Market)
	if reason := c.checkPlace(m, handle, command); reason != wire.ReasonNone {
		return reason
	}
	feePPM := max(m.MakerFeePPM, m.TakerFeePPM)
	held, ok := m.heldFor(command.Side, command.Price, command.Quantity, feePPM)
	payAsset, receiveAsset := m.Quote, m.Base
	if command.Side == wire.Sell {
		payAsset, receiveAsset = m.Base, m.Quote
	}
	payLeaf, found := c.ledger.find(handle, payAsset)
	if !ok || !found || c.ledger.leaves[payLeaf].available.Less(held) {
		return wire.ReasonBalance
	}
	if _, found = c.ledger.find(handle, receiveAsset); !found && !c.ledgerRoom(receiveAsset) {
		return wire.ReasonLedgerFull
	}
	c.events.Reset()
	incoming := engineOrder(c.orders.lastID+1, handle, command)
	c.book.Place(&incoming, &c.events)
	if reason := rejection(c.events); reason != wire.ReasonNone {
		return reason
	}
	c.orders.lastID++
	o := c.orders.add(&order{
		id: c.orders.lastID, client: command.Order, price: command.Price, quantity: command.Quantity, remaining: command.Quantity,
		expiresAt: command.ExpiresAt, checkpoint: c.checkpoint, timestamp: c.block.Timestamp, account: handle, market: m.ID,
		baseLeaf: c.openLeaf(handle, m.Base), quoteLeaf: c.openLeaf(handle, m.Quote), feePPM: feePPM,
		side: command.Side, timeInForce: command.TimeInForce,
	})
	c.accounts.list[handle].openOrders++
	c.hold(o.holdLeaf(), held)
	c.record(handle, entry{kind: wire.EventPlaced, order: o.client, subject: m.ID, number: resting(c.events)})
	c.settle(c.events)
	return wire.ReasonNone
}

// checkPlace checks what does not concern money.
func (c *Contract) checkPlace(m *market, handle uint32, command *wire.Command) wire.Reason {
	switch {
	case command.Order == 0:
		return wire.ReasonOrderNumber
	case m == nil:
		return wire.ReasonUnknownMarket
	case m.Status != wire.MarketOpen:
		return wire.ReasonMarketHalted
	case command.Side > wire.Sell:
		return wire.ReasonSide
	case command.Price == 0 || command.Price > m.MaxPrice:
		return wire.ReasonPrice
	case command.Quantity < m.MinQuantity || command.Quantity > m.MaxQuantity:
		return wire.ReasonQuantity
	case command.TimeInForce > wire.PostOnly || command.TimeInForce == wire.FillOrKill:
		return wire.ReasonTimeInForce
	case (command.TimeInForce == wire.GoodTillDate) != (command.ExpiresAt != 0),
		command.ExpiresAt != 0 && command.ExpiresAt <= c.block.Timestamp:
		return wire.ReasonExpiry
	case c.orders.findClient(handle, command.Order) != nil:
		return wire.ReasonOrderExists
	case c.accounts.list[handle].openOrders >= c.config.Limits.OpenOrders:
		return wire.ReasonTooManyOrders
	}
	return wire.ReasonNone
}

// engineOrder is the order as the engine takes it.
func engineOrder(id uint64, handle uint32, command *wire.Command) engine.Order {
	o := engine.Order{
		ID: engine.OrderID(id), Price: engine.Price(command.Price), Quantity: engine.Quantity(command.Quantity),
		Market: engine.MarketID(command.Market), Owner: engine.Owner(handle), Side: engine.Side(command.Side),
		SelfTrade: engine.CancelNewest,
	}
	setTimeInForce(&o, command.TimeInForce, command.ExpiresAt)
	return o
}

// setTimeInForce says how long an order stays in the engine's terms.
func setTimeInForce(o *engine.Order, timeInForce uint8, expiresAt uint64) {
	switch timeInForce {
	case wire.ImmediateOrCancel:
		o.TimeInForce = engine.IOC
	case wire.GoodTillDate:
		o.TimeInForce, o.Expiry = engine.GTD, expiresAt
	case wire.PostOnly:
		o.PostOnly = true
	}
}

// rejection is why the engine changed nothing, or none. What the contract checks
// beforehand never comes back from it.
func rejection(events engine.Events) wire.Reason {
	if len(events) == 0 || events[0].Type != engine.Rejected {
		return wire.ReasonNone
	}
	switch events[0].Reason {
	case engine.PostOnlyWouldTrade:
		return wire.ReasonWouldTake
	case engine.MarketHalted:
		return wire.ReasonMarketHalted
	case engine.BookFull:
		return wire.ReasonTooManyOrders
	case engine.ExpiryPassed, engine.UnexpectedExpiry:
		return wire.ReasonExpiry
	case engine.UnknownOrder, engine.NotOwner: // I8: another's order does not exist
		return wire.ReasonOrderUnknown
	default:
		return wire.ReasonQuantity
	}
}

// resting is what rests of an order after a command, in lots.
func resting(events engine.Events) uint64 {
	if last := len(events) - 1; last >= 0 && events[last].Type == engine.Rested {
		return uint64(events[last].Quantity)
	}
	return 0
}
