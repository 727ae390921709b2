package naive

import "github.com/bitcloak/bitcloak/engine"

// Place checks an order, trades what it can and rests or cancels what is left.
func (b *Book) Place(order *engine.Order, events *engine.Events) {
	o := *order
	if reason := b.checkOrder(o); reason != 0 {
		emit(events, engine.Event{
			Type: engine.Rejected, Reason: reason, Market: o.Market, Order: o.ID, Owner: o.Owner,
		})
		return
	}
	emit(events, about(engine.Accepted, o))
	b.enter(o, events)
}

// enter matches an order that is in no list, and puts what is left at the end of the list.
func (b *Book) enter(o engine.Order, events *engine.Events) {
	m := b.market(o.Market)
	m.match(&o, events)
	switch {
	case o.Quantity == 0:
	case o.TimeInForce == engine.IOC:
		emit(events, cancelled(o, engine.CancelledImmediate))
	default:
		m.orders = append(m.orders, o)
		emit(events, about(engine.Rested, o))
	}
}

// match trades an incoming order as far as its limit and the other side allow. I6: always with the best-placed order.
func (m *market) match(incoming *engine.Order, events *engine.Events) {
	for incoming.Quantity > 0 {
		at := m.bestFor(*incoming)
		if at < 0 {
			return
		}
		resting := &m.orders[at]
		if resting.Owner == incoming.Owner {
			preventSelfTrade(incoming, resting, events)
		} else {
			m.trade(incoming, resting, events)
		}
		if resting.Quantity == 0 {
			m.remove(at)
		}
	}
}

// bestFor returns where the best-placed order is that an incoming one can trade with: the best price, then the longest
// wait; -1 if there is none.
func (m *market) bestFor(incoming engine.Order) int {
	best := -1
	for at, o := range m.orders {
		if o.Side != incoming.Side && acceptable(incoming, o.Price) && (best < 0 || better(o, m.orders[best])) {
			best = at
		}
	}
	return best
}

// acceptable tells whether an order may trade at a price.
func acceptable(o engine.Order, price engine.Price) bool {
	if o.Side == engine.Buy {
		return price <= o.Price
	}
	return price >= o.Price
}

// better tells whether an order has a better price than another of its side.
func better(o, than engine.Order) bool {
	if o.Side == engine.Buy {
		return o.Price > than.Price
	}
	return o.Price < than.Price
}

// trade fills both orders with the smaller quantity, at the price of the resting one.
func (m *market) trade(incoming, resting *engine.Order, events *engine.Events) {
	quantity := min(incoming.Quantity, resting.Quantity)
	incoming.Quantity -= quantity
	resting.Quantity -= quantity
	m.trades++
	emit(events, engine.Event{
		Type: engine.Fill, Market: m.ID, Side: incoming.Side, Trade: m.trades,
		Order: incoming.ID, Owner: incoming.Owner, Limit: incoming.Price, Remaining: incoming.Quantity,
		Maker: resting.ID, MakerOwner: resting.Owner, MakerRemaining: resting.Quantity,
		Price: resting.Price, Quantity: quantity,
	})
}

// preventSelfTrade leaves the quantity zero of an order that it cancels.
func preventSelfTrade(incoming, resting *engine.Order, events *engine.Events) {
	switch incoming.SelfTrade {
	case engine.CancelNewest:
		cancelQuantity(incoming, incoming.Quantity, events)
	case engine.CancelOldest:
		cancelQuantity(resting, resting.Quantity, events)
	case engine.CancelBoth:
		cancelQuantity(resting, resting.Quantity, events)
		cancelQuantity(incoming, incoming.Quantity, events)
	case engine.Decrement:
		quantity := min(incoming.Quantity, resting.Quantity)
		cancelQuantity(resting, quantity, events)
		cancelQuantity(incoming, quantity, events)
	}
}

// cancelQuantity takes a quantity off an order, which cancels it if that is all.
func cancelQuantity(o *engine.Order, quantity engine.Quantity, events *engine.Events) {
	if quantity == o.Quantity {
		emit(events, cancelled(*o, engine.CancelledSelfTrade))
		o.Quantity = 0
		return
	}
	o.Quantity -= quantity
	event := about(engine.Reduced, *o)
	event.Quantity, event.Remaining = quantity, o.Quantity
	emit(events, event)
}

func (m *market) remove(at int) {
	m.orders = append(m.orders[:at], m.orders[at+1:]...)
}

// about returns an event about an order and its quantity.
func about(kind engine.EventType, o engine.Order) engine.Event {
	return engine.Event{
		Type: kind, Market: o.Market, Side: o.Side, Owner: o.Owner, Order: o.ID, Price: o.Price, Quantity: o.Quantity,
	}
}

func cancelled(o engine.Order, reason engine.Reason) engine.Event {
	event := about(engine.Cancelled, o)
	event.Reason = reason
	return event
}
