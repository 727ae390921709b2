package engine

// taker is the incoming order while it matches.
type taker struct {
	id        OrderID
	price     Price
	remaining Quantity
	owner     Owner
	side      Side
	selfTrade SelfTrade
}

// match trades the taker against the other side until nothing of it remains or the best price there is beyond its
// limit. I6: the best level comes first, in it the order that waited longest, and never a level beyond the limit.
func (e *Engine) match(m *market, t *taker, events *Events) {
	contra := t.side.Opposite()
	limit := keyOf(contra, t.price)
	side := &m.sides[contra]
	for t.remaining > 0 && side.best != 0 {
		best := &e.ladders.levels[side.best]
		if best.key > limit {
			return
		}
		m.stale, best.stale = true, true
		position := best.head
		maker := e.orders.at(position)
		if maker.owner == t.owner {
			e.preventSelfTrade(m, t, maker, position, events)
			continue
		}
		e.trade(m, t, maker, position, events)
	}
}

// trade fills the taker against one maker, at the maker's price.
func (e *Engine) trade(m *market, t *taker, maker *order, position uint32, events *Events) {
	quantity := min(t.remaining, maker.remaining)
	t.remaining -= quantity
	maker.remaining -= quantity
	m.trades++
	*events.add() = Event{
		Type: Fill, Side: t.side, Market: m.id, Owner: t.owner, MakerOwner: maker.owner,
		Order: t.id, Maker: maker.id, Price: maker.price, Limit: t.price, Quantity: quantity,
		Remaining: t.remaining, MakerRemaining: maker.remaining, Trade: m.trades,
	}
	if maker.remaining == 0 {
		e.close(m, maker, position)
	}
}
