package naive

import "github.com/bitcloak/bitcloak/engine"

// Amend changes price and remaining quantity of an open order.
func (b *Book) Amend(a *engine.Amendment, events *engine.Events) {
	if reason := b.checkAmendment(*a); reason != 0 {
		emit(events, engine.Event{Type: engine.Rejected, Reason: reason, Order: a.Order, Owner: a.Owner})
		return
	}
	m, at := b.find(a.Order)
	o := m.orders[at]
	event := about(engine.Amended, o)
	event.Price, event.Quantity = a.Price, a.Quantity
	event.PriorPrice, event.PriorQuantity = o.Price, o.Quantity
	event.KeptPriority = keepsPriority(o, *a)
	emit(events, event)
	if keepsPriority(o, *a) {
		m.orders[at].Quantity = a.Quantity
		return
	}
	m.remove(at)
	o.Price, o.Quantity = a.Price, a.Quantity
	b.enter(o, events)
}

func keepsPriority(o engine.Order, a engine.Amendment) bool {
	return a.Price == o.Price && a.Quantity <= o.Quantity
}

// Cancel cancels an open order.
func (b *Book) Cancel(c engine.Cancellation, events *engine.Events) {
	if reason := b.checkOwner(c.Order, c.Owner); reason != 0 {
		emit(events, engine.Event{Type: engine.Rejected, Reason: reason, Order: c.Order, Owner: c.Owner})
		return
	}
	b.close(c.Order, engine.Cancelled, engine.CancelledByOwner, events)
}

// CancelAll cancels the open orders of an owner, in ascending order of their ids.
func (b *Book) CancelAll(c engine.MassCancellation, events *engine.Events) {
	if !c.AllMarkets && b.market(c.Market) == nil {
		emit(events, engine.Event{
			Type: engine.Rejected, Reason: engine.UnknownMarket, Market: c.Market, Owner: c.Owner,
		})
		return
	}
	for _, o := range b.ordersWhere(func(o engine.Order) bool {
		return o.Owner == c.Owner && (c.AllMarkets || o.Market == c.Market)
	}) {
		b.close(o.ID, engine.Cancelled, engine.CancelledWithAll, events)
	}
}

// AdvanceTime sets the block time and expires the orders whose time it reaches: earliest first, then lowest id.
func (b *Book) AdvanceTime(milliseconds uint64, events *engine.Events) {
	if milliseconds < b.time {
		emit(events, engine.Event{Type: engine.Rejected, Reason: engine.TimeBackwards})
		return
	}
	b.time = milliseconds
	for {
		due := b.ordersWhere(func(o engine.Order) bool {
			return o.TimeInForce == engine.GTD && o.Expiry <= milliseconds
		})
		if len(due) == 0 {
			return
		}
		first := due[0]
		for _, o := range due {
			if o.Expiry < first.Expiry {
				first = o
			}
		}
		b.close(first.ID, engine.Expired, 0, events)
	}
}

// close takes an open order out and says so.
func (b *Book) close(id engine.OrderID, kind engine.EventType, reason engine.Reason, events *engine.Events) {
	m, at := b.find(id)
	event := about(kind, m.orders[at])
	event.Reason = reason
	emit(events, event)
	m.remove(at)
}
