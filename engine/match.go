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
		best := e.ladders.levels.at(side.best)
		if best.key > limit {
			return
		}
		m.stale, best.stale = true, true
		position := best.head
		maker := e.orders.at(position)
		if maker.terms.owner() == t.owner {
			e.preventSelfTrade(m, t, maker, position, events)
			continue
		}
		quantity := min(t.remaining, maker.remaining)
		t.remaining -= quantity
		maker.remaining -= quantity
		m.trades++
		event := events.add(Fill)
		event.Side, event.Market, event.Owner, event.Order = t.side, m.id, t.owner, t.id
		event.MakerOwner, event.Maker, event.MakerRemaining = maker.terms.owner(), maker.id, maker.remaining
		event.Price, event.Limit, event.Quantity, event.Remaining = best.price(), t.price, quantity, t.remaining
		event.Trade = m.trades
		if maker.remaining == 0 {
			e.close(m, best, maker, position)
		}
	}
}
