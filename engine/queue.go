package engine

// enqueue puts an order at the end of the queue of its price.
func (e *Engine) enqueue(m *market, side Side, price Price, o *order, position uint32) {
	ladder, key := &m.sides[side], keyOf(side, price)
	at := e.ladders.find(ladder.root, key)
	if at == 0 {
		at = e.ladders.insert(ladder, key)
		added := e.ladders.levels.at(at)
		added.market, added.side = m.id, side
	}
	l := e.ladders.levels.at(at)
	o.level, o.previous, o.next = at, l.tail, 0
	if l.tail == 0 {
		l.head = position
	} else {
		e.orders.at(l.tail).next = position
	}
	l.tail = position
	l.count++
	l.stale, m.stale = true, true
}

// dequeue takes an order out of the queue of its level, and the level out of the ladder when it was the last.
func (e *Engine) dequeue(m *market, l *level, o *order) {
	if o.previous == 0 {
		l.head = o.next
	} else {
		e.orders.at(o.previous).next = o.next
	}
	if o.next == 0 {
		l.tail = o.previous
	} else {
		e.orders.at(o.next).previous = o.previous
	}
	l.count--
	l.stale, m.stale = true, true
	if l.count == 0 {
		e.ladders.remove(&m.sides[l.side], o.level)
	}
}

// whereabouts returns the market and the level of an order that is in a queue.
func (e *Engine) whereabouts(o *order) (*market, *level) {
	l := e.ladders.levels.at(o.level)
	return &e.markets[l.market], l
}

// close takes an order out of the queue of its level and frees its record.
func (e *Engine) close(m *market, l *level, o *order, position uint32) {
	e.dequeue(m, l, o)
	e.forget(o, position)
}

// forget frees the record of an order that is in no queue.
func (e *Engine) forget(o *order, position uint32) {
	e.index.remove(o.id, position)
	e.disown(o.terms.owner(), position)
	if o.terms.timeInForce() == GTD {
		e.unschedule(position)
	}
	e.orders.release(position)
}

// own puts an order at the front of its owner's list.
func (e *Engine) own(owner Owner, position uint32) {
	if missing := int(owner) + 1 - len(e.owners); missing > 0 {
		spare := min(len(e.owners), int(e.limits.Owners)-len(e.owners))
		e.owners = append(e.owners, make([]uint32, max(missing, spare))...)
	}
	first := e.owners[owner]
	e.orders.siblings.at(first).previous = position
	*e.orders.siblings.at(position) = siblings{next: first}
	e.owners[owner] = position
}

// disown takes an order out of its owner's list.
func (e *Engine) disown(owner Owner, position uint32) {
	s := e.orders.siblings.at(position)
	if s.previous == 0 {
		e.owners[owner] = s.next
	} else {
		e.orders.siblings.at(s.previous).next = s.next
	}
	e.orders.siblings.at(s.next).previous = s.previous
}
