package engine

// Amend changes price and remaining quantity of an open order. A decrease at the same price keeps the order's
// priority; anything else enters it anew, and it may trade.
func (e *Engine) Amend(a *Amendment, events *Events) {
	position, reason := e.checkAmendment(a)
	if reason != accepted {
		events.reject(reason, a.Order, a.Owner)
		return
	}
	o := e.orders.at(position)
	m, l := e.whereabouts(o)
	kept := keepsPriority(o, l, a)
	event := events.ofOrder(Amended, m.id, l.side, a.Owner, o.id, a.Price, a.Quantity)
	event.KeptPriority = kept
	event.PriorPrice, event.PriorQuantity = l.price(), o.remaining
	if kept {
		o.remaining = a.Quantity
		l.stale, m.stale = true, true
		return
	}
	t := taker{
		id: o.id, owner: a.Owner, side: l.side, selfTrade: o.terms.selfTrade(), price: a.Price, remaining: a.Quantity,
	}
	e.dequeue(m, l, o)
	e.match(m, &t, events)
	if t.remaining == 0 {
		e.forget(o, position)
		return
	}
	o.remaining = t.remaining
	e.enqueue(m, t.side, a.Price, o, position)
	events.ofOrder(Rested, m.id, t.side, a.Owner, o.id, a.Price, o.remaining)
}

func keepsPriority(o *order, l *level, a *Amendment) bool {
	return a.Price == l.price() && a.Quantity <= o.remaining
}

// checkAmendment applies the checks of an amendment in the order that spec/engine.md gives.
func (e *Engine) checkAmendment(a *Amendment) (uint32, Reason) {
	position, reason := e.ownOrder(a.Order, a.Owner)
	if reason != accepted {
		return 0, reason
	}
	o := e.orders.at(position)
	m, l := e.whereabouts(o)
	if m.state != Open {
		return 0, MarketHalted
	}
	if reason := checkTerms(a.Price, a.Quantity); reason != accepted {
		return 0, reason
	}
	if o.terms.postOnly() && !keepsPriority(o, l, a) && e.wouldTrade(m, l.side, a.Price) {
		return 0, PostOnlyWouldTrade
	}
	return position, accepted
}
