package engine

// preventSelfTrade settles the meeting of an incoming order with a resting order of the same owner, as the incoming
// order's policy says. Either the maker is closed or nothing of the taker remains, so matching gets on.
func (e *Engine) preventSelfTrade(m *market, t *taker, maker *order, position uint32, events *Events) {
	switch t.selfTrade {
	case CancelNewest:
		t.cancelRest(m.id, CancelledSelfTrade, events)
	case CancelOldest:
		e.cancelOpen(maker, position, CancelledSelfTrade, events)
	case CancelBoth:
		e.cancelOpen(maker, position, CancelledSelfTrade, events)
		t.cancelRest(m.id, CancelledSelfTrade, events)
	case Decrement:
		e.decrement(m, t, maker, position, events)
	}
}

// decrement takes the smaller quantity off both orders; an order that reaches zero is cancelled.
func (e *Engine) decrement(m *market, t *taker, maker *order, position uint32, events *Events) {
	quantity := min(t.remaining, maker.remaining)
	if maker.remaining == quantity {
		e.cancelOpen(maker, position, CancelledSelfTrade, events)
	} else {
		maker.remaining -= quantity
		l := e.ladders.levels.at(maker.level)
		events.ofOrder(Reduced, m.id, l.side, t.owner, maker.id, l.price(), quantity).Remaining = maker.remaining
	}
	if t.remaining == quantity {
		t.cancelRest(m.id, CancelledSelfTrade, events)
		return
	}
	t.remaining -= quantity
	events.ofOrder(Reduced, m.id, t.side, t.owner, t.id, t.price, quantity).Remaining = t.remaining
}

// cancelRest cancels what is left of an incoming order.
func (t *taker) cancelRest(market MarketID, reason Reason, events *Events) {
	events.ofOrder(Cancelled, market, t.side, t.owner, t.id, t.price, t.remaining).Reason = reason
	t.remaining = 0
}
