package engine

// Place checks an order, trades what it can and rests or cancels what is left.
func (e *Engine) Place(o *Order, events *Events) {
	m, reason := e.checkOrder(o)
	if reason != accepted {
		events.reject(reason, o.ID, o.Owner).Market = o.Market
		return
	}
	events.ofOrder(Accepted, o.Market, o.Side, o.Owner, o.ID, o.Price, o.Quantity)
	remaining := o.Quantity
	if e.wouldTrade(m, o.Side, o.Price) {
		t := taker{
			id: o.ID, owner: o.Owner, side: o.Side, selfTrade: o.SelfTrade, price: o.Price, remaining: remaining,
		}
		e.match(m, &t, events)
		if remaining = t.remaining; remaining == 0 {
			return
		}
	}
	if o.TimeInForce == IOC {
		events.ofOrder(Cancelled, o.Market, o.Side, o.Owner, o.ID, o.Price, remaining).Reason = CancelledImmediate
		return
	}
	e.open(m, o, remaining)
	events.ofOrder(Rested, o.Market, o.Side, o.Owner, o.ID, o.Price, remaining)
}

// open makes an order of the book from what an incoming order has left, at the end of the queue of its price.
func (e *Engine) open(m *market, o *Order, remaining Quantity) {
	position := e.orders.allocate()
	record := e.orders.at(position)
	record.id, record.remaining, record.terms = o.ID, remaining, packTerms(o)
	e.index.insert(o.ID, position, &e.orders)
	e.own(o.Owner, position)
	if o.TimeInForce == GTD {
		e.schedule(o.Expiry, o.ID, position)
	}
	e.enqueue(m, o.Side, o.Price, record, position)
}
