package engine

import "fmt"

// CheckInvariants looks through the whole state: every order is in exactly one queue, in its owner's list, in the
// index and, if it expires, in the heap; no level is empty, none of a market's bids reaches its asks (I6), quantities
// are positive and counts agree. It costs time in proportion to the state.
func (e *Engine) CheckInvariants() error {
	queued, levels := uint32(0), uint32(0)
	for i := range e.markets {
		m := &e.markets[i]
		for side := range m.sides {
			orders, err := e.checkSide(m, Side(side))
			if err != nil {
				return fmt.Errorf("market %d, %s side: %w", i, Side(side), err)
			}
			queued += orders
			levels += m.sides[side].count
		}
		bid, ask := m.sides[Buy].best, m.sides[Sell].best
		if bid != 0 && ask != 0 && e.ladders.levels.at(bid).price() >= e.ladders.levels.at(ask).price() {
			return fmt.Errorf("market %d is crossed", i)
		}
	}
	owned, expiring, err := e.checkOwners()
	if err != nil {
		return err
	}
	if queued != e.orders.open || queued != owned {
		return fmt.Errorf("%d orders queued, %d owned, %d open", queued, owned, e.orders.open)
	}
	if err := e.checkFree(levels); err != nil {
		return err
	}
	return e.checkExpiries(expiring)
}

func (e *Engine) checkSide(m *market, side Side) (uint32, error) {
	ladder := &m.sides[side]
	levels, last, total := uint32(0), uint64(0), uint32(0)
	for at := ladder.best; at != 0; at = e.ladders.after(at) {
		l := e.ladders.levels.at(at)
		if levels++; levels > ladder.count {
			return total, fmt.Errorf("more than %d levels", ladder.count)
		}
		if levels > 1 && l.key <= last {
			return total, fmt.Errorf("level %d out of order", l.price())
		}
		last = l.key
		if l.side != side || l.market != m.id || !m.listed || e.ladders.find(ladder.root, l.key) != at {
			return total, fmt.Errorf("level %d is not where it belongs", l.price())
		}
		orders, err := e.checkQueue(l, at)
		if err != nil {
			return total, fmt.Errorf("level %d: %w", l.price(), err)
		}
		total += orders
	}
	if levels != ladder.count {
		return total, fmt.Errorf("%d levels, counted %d", levels, ladder.count)
	}
	return total, e.ladders.checkNodes(ladder)
}

func (e *Engine) checkQueue(l *level, at uint32) (uint32, error) {
	count, previous := uint32(0), uint32(0)
	for position := l.head; position != 0; {
		o := e.orders.at(position)
		if count++; count > l.count {
			return 0, fmt.Errorf("more than %d orders", l.count)
		}
		if o.level != at || o.previous != previous || e.index.find(o.id, &e.orders) != position {
			return 0, fmt.Errorf("order %d is not where it belongs", o.id)
		}
		if reason := checkTerms(l.price(), o.remaining); reason != accepted {
			return 0, fmt.Errorf("order %d: %s", o.id, reason)
		}
		if o.terms.timeInForce() == IOC {
			return 0, fmt.Errorf("order %d should not rest", o.id)
		}
		previous, position = position, o.next
	}
	if count == 0 || count != l.count || l.tail != previous {
		return 0, fmt.Errorf("%d orders, counted %d, the last at %d and not %d", count, l.count, previous, l.tail)
	}
	return count, nil
}

// checkOwners checks that the owners' lists hold orders of theirs, and counts these and the
// ones among them that expire.
func (e *Engine) checkOwners() (uint32, int, error) {
	count, expiring := uint32(0), 0
	for owner, at := range e.owners {
		for previous := uint32(0); at != 0; {
			if count++; count > e.orders.open {
				return 0, 0, fmt.Errorf("owner %d has more orders than there are", owner)
			}
			o, s := e.orders.at(at), e.orders.siblings.at(at)
			if o.terms.owner() != Owner(owner) || s.previous != previous || e.index.find(o.id, &e.orders) != at {
				return 0, 0, fmt.Errorf("order %d is not its owner's", o.id)
			}
			if o.terms.timeInForce() == GTD {
				expiring++
			}
			previous, at = at, s.next
		}
	}
	return count, expiring, nil
}
