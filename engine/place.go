package engine

// Place checks an order, trades what it can and rests or cancels what is left.
func (e *Engine) Place(o Order, events *Events) {
	m, reason := e.checkOrder(&o)
	if reason != accepted {
		events.rejectOrder(&o, reason)
		return
	}
	*events.add() = Event{
		Type: Accepted, Side: o.Side, Market: o.Market, Owner: o.Owner, Order: o.ID, Price: o.Price, Quantity: o.Quantity,
	}
	t := taker{
		id: o.ID, owner: o.Owner, side: o.Side, selfTrade: o.SelfTrade, price: o.Price, remaining: o.Quantity,
	}
	e.match(m, &t, events)
	if t.remaining == 0 {
		return
	}
	if o.TimeInForce == IOC {
		t.cancelRest(m.id, CancelledImmediate, events)
		return
	}
	e.open(m, &o, t.remaining)
	*events.add() = Event{
		Type: Rested, Side: o.Side, Market: o.Market, Owner: o.Owner, Order: o.ID, Price: o.Price, Quantity: t.remaining,
	}
}

// open makes an order of the book from what an incoming order has left, at the end of the queue of its price.
func (e *Engine) open(m *market, o *Order, remaining Quantity) {
	position := e.orders.allocate()
	record := e.orders.at(position)
	*record = order{
		id: o.ID, remaining: remaining, price: o.Price, expiry: o.Expiry, owner: o.Owner,
		side: o.Side, timeInForce: o.TimeInForce, selfTrade: o.SelfTrade, postOnly: o.PostOnly,
	}
	e.index.insert(o.ID, position)
	e.linkOwner(record, position)
	if o.TimeInForce == GTD {
		e.schedule(record, position)
	}
	e.enqueue(m, record, position)
}
