package engine

// Cancel cancels an open order.
func (e *Engine) Cancel(c Cancellation, events *Events) {
	position, reason := e.ownOrder(c.Order, c.Owner)
	if reason != accepted {
		events.reject(reason, c.Order, c.Owner)
		return
	}
	o := e.orders.at(position)
	e.cancelOpen(o, position, CancelledByOwner, events)
}

// CancelAll cancels the open orders of an owner, in ascending order of their ids.
func (e *Engine) CancelAll(c MassCancellation, events *Events) {
	if !c.AllMarkets && e.market(c.Market) == nil {
		events.reject(UnknownMarket, 0, c.Owner).Market = c.Market
		return
	}
	e.selected = e.AppendOrdersOf(c.Owner, e.selected[:0])
	for i := range e.selected {
		if !c.AllMarkets && e.selected[i].Market != c.Market {
			continue
		}
		position := e.index.find(e.selected[i].ID, &e.orders)
		e.cancelOpen(e.orders.at(position), position, CancelledWithAll, events)
	}
}

// cancelOpen closes an open order and says so.
func (e *Engine) cancelOpen(o *order, position uint32, reason Reason, events *Events) {
	m, l := e.whereabouts(o)
	events.ofOrder(Cancelled, l.market, l.side, o.terms.owner(), o.id, l.price(), o.remaining).Reason = reason
	e.close(m, l, o, position)
}
