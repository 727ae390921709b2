package engine

// Cancel cancels an open order.
func (e *Engine) Cancel(c Cancellation, events *Events) {
	position, reason := e.ownOrder(c.Order, c.Owner)
	if reason != accepted {
		*events.add() = Event{Type: Rejected, Reason: reason, Order: c.Order, Owner: c.Owner}
		return
	}
	o := e.orders.at(position)
	e.cancelOpen(e.marketOf(o), o, position, CancelledByOwner, events)
}

// CancelAll cancels the open orders of an owner, in ascending order of their ids.
func (e *Engine) CancelAll(c MassCancellation, events *Events) {
	if !c.AllMarkets && e.market(c.Market) == nil {
		*events.add() = Event{Type: Rejected, Reason: UnknownMarket, Market: c.Market, Owner: c.Owner}
		return
	}
	e.selected = e.AppendOrdersOf(c.Owner, e.selected[:0])
	for i := range e.selected {
		if !c.AllMarkets && e.selected[i].Market != c.Market {
			continue
		}
		position := e.index.find(e.selected[i].ID, &e.orders)
		o := e.orders.at(position)
		e.cancelOpen(e.marketOf(o), o, position, CancelledWithAll, events)
	}
}

// cancelOpen closes an open order and says so.
func (e *Engine) cancelOpen(m *market, o *order, position uint32, reason Reason, events *Events) {
	*events.add() = Event{
		Type: Cancelled, Reason: reason, Side: o.side, Market: m.id, Owner: o.owner, Order: o.id,
		Price: o.price, Quantity: o.remaining,
	}
	e.close(m, o, position)
}

// marketOf returns the market of an order that is in a queue.
func (e *Engine) marketOf(o *order) *market {
	return &e.markets[e.ladders.levels[o.level].market]
}
