package engine

// Amend changes price and remaining quantity of an open order. A decrease at the same price keeps the order's
// priority; anything else enters it anew, and it may trade.
func (e *Engine) Amend(a Amendment, events *Events) {
	position, reason := e.checkAmendment(&a)
	if reason != accepted {
		*events.add() = Event{Type: Rejected, Reason: reason, Order: a.Order, Owner: a.Owner}
		return
	}
	o := e.orders.at(position)
	m := e.marketOf(o)
	kept := keepsPriority(o, &a)
	*events.add() = Event{
		Type: Amended, Side: o.side, KeptPriority: kept, Market: m.id, Owner: o.owner, Order: o.id,
		Price: a.Price, PriorPrice: o.price, Quantity: a.Quantity, PriorQuantity: o.remaining,
	}
	if kept {
		o.remaining = a.Quantity
		e.ladders.levels[o.level].stale, m.stale = true, true
		return
	}
	e.dequeue(m, o)
	t := taker{id: o.id, owner: o.owner, side: o.side, selfTrade: o.selfTrade, price: a.Price, remaining: a.Quantity}
	e.match(m, &t, events)
	if t.remaining == 0 {
		e.forget(o, position)
		return
	}
	o.price, o.remaining = a.Price, t.remaining
	e.enqueue(m, o, position)
	*events.add() = Event{
		Type: Rested, Side: o.side, Market: m.id, Owner: o.owner, Order: o.id, Price: o.price, Quantity: o.remaining,
	}
}

func keepsPriority(o *order, a *Amendment) bool {
	return a.Price == o.price && a.Quantity <= o.remaining
}

// checkAmendment applies the checks of an amendment in the order that spec/engine.md gives.
func (e *Engine) checkAmendment(a *Amendment) (uint32, Reason) {
	position, reason := e.ownOrder(a.Order, a.Owner)
	if reason != accepted {
		return 0, reason
	}
	o := e.orders.at(position)
	m := e.marketOf(o)
	if m.state != Open {
		return 0, MarketHalted
	}
	if reason := checkTerms(a.Price, a.Quantity); reason != accepted {
		return 0, reason
	}
	if o.postOnly && !keepsPriority(o, a) && e.wouldTrade(m, o.side, a.Price) {
		return 0, PostOnlyWouldTrade
	}
	return position, accepted
}
