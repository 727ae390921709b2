package engine

import "fmt"

// CheckInvariants looks through the whole state: every order is in exactly one queue of the right price, in its
// owner's list, in the index and, if it expires, in the heap; no level is empty, none of a market's bids reaches its
// asks (I6), quantities are positive and counts agree. It costs time in proportion to the state.
func (e *Engine) CheckInvariants() error {
	queued := uint32(0)
	levels := 0
	for i := range e.markets {
		m := &e.markets[i]
		for side := range m.sides {
			orders, err := e.checkSide(m, Side(side))
			if err != nil {
				return fmt.Errorf("market %d, %s side: %w", i, Side(side), err)
			}
			queued += orders
			levels += int(m.sides[side].count)
		}
		bid, ask := m.sides[Buy].best, m.sides[Sell].best
		if bid != 0 && ask != 0 && e.ladders.levels[bid].price() >= e.ladders.levels[ask].price() {
			return fmt.Errorf("market %d is crossed", i)
		}
	}
	if queued != e.orders.open || queued != e.index.used {
		return fmt.Errorf("%d orders queued, %d in the arena, %d in the index", queued, e.orders.open, e.index.used)
	}
	if err := e.checkFree(levels); err != nil {
		return err
	}
	if err := e.checkOwners(); err != nil {
		return err
	}
	return e.checkExpiries()
}

// checkSide returns the number of orders of a side.
func (e *Engine) checkSide(m *market, side Side) (uint32, error) {
	ladder := &m.sides[side]
	total, levels := uint32(0), uint32(0)
	last := uint64(0)
	for at := ladder.best; at != 0; at = e.ladders.after(at) {
		l := &e.ladders.levels[at]
		if levels++; levels > ladder.count {
			return 0, fmt.Errorf("more than %d levels", ladder.count)
		}
		if levels > 1 && l.key <= last {
			return 0, fmt.Errorf("level %d out of order", l.price())
		}
		last = l.key
		if l.side != side || l.market != m.id || !m.listed || e.ladders.find(ladder, l.key) != at {
			return 0, fmt.Errorf("level %d is not where it belongs", l.price())
		}
		orders, err := e.checkQueue(l, at)
		if err != nil {
			return 0, fmt.Errorf("level %d: %w", l.price(), err)
		}
		total += orders
	}
	if levels != ladder.count {
		return 0, fmt.Errorf("%d levels, counted %d", levels, ladder.count)
	}
	if err := e.ladders.checkNodes(ladder); err != nil {
		return 0, err
	}
	return total, nil
}

func (e *Engine) checkQueue(l *level, at uint32) (uint32, error) {
	count, previous := uint32(0), uint32(0)
	for position := l.head; position != 0; {
		o := e.orders.at(position)
		if count++; count > l.count {
			return 0, fmt.Errorf("more than %d orders", l.count)
		}
		if o.previous != previous || o.level != at || o.side != l.side || o.price != l.price() {
			return 0, fmt.Errorf("order %d is not where it belongs", o.id)
		}
		if reason := checkTerms(o.price, o.remaining); reason != accepted {
			return 0, fmt.Errorf("order %d: %s", o.id, reason)
		}
		if (o.timeInForce == GTD) != (o.expiryAt != 0) || o.timeInForce == IOC {
			return 0, fmt.Errorf("order %d should not rest so", o.id)
		}
		if e.index.find(o.id, &e.orders) != position {
			return 0, fmt.Errorf("order %d is not found by its id", o.id)
		}
		previous, position = position, o.next
	}
	if count == 0 || count != l.count || l.tail != previous {
		return 0, fmt.Errorf("%d orders, counted %d, the last at %d and not %d", count, l.count, previous, l.tail)
	}
	return count, nil
}
