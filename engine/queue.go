package engine

// enqueue puts an order at the end of the queue of its price.
func (e *Engine) enqueue(m *market, o *order, position uint32) {
	side, key := &m.sides[o.side], keyOf(o.side, o.price)
	at := e.ladders.find(side, key)
	if at == 0 {
		at = e.ladders.insert(side, key)
		e.ladders.levels[at].market = m.id
		e.ladders.levels[at].side = o.side
	}
	l := &e.ladders.levels[at]
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

// dequeue takes an order out of the queue of its price, and the level out of the ladder when it was the last.
func (e *Engine) dequeue(m *market, o *order) {
	l := &e.ladders.levels[o.level]
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
		e.ladders.remove(&m.sides[o.side], o.level)
	}
}

// close takes an order out of its queue and frees its record.
func (e *Engine) close(m *market, o *order, position uint32) {
	e.dequeue(m, o)
	e.forget(o, position)
}

// forget frees the record of an order that is in no queue.
func (e *Engine) forget(o *order, position uint32) {
	e.index.remove(o.id, position)
	e.unlinkOwner(o)
	if o.expiryAt != 0 {
		e.unschedule(o)
	}
	e.orders.release(position)
}

// linkOwner puts an order at the front of its owner's list.
func (e *Engine) linkOwner(o *order, position uint32) {
	if missing := int(o.owner) + 1 - len(e.owners); missing > 0 {
		e.owners = append(e.owners, make([]uint32, missing)...)
	}
	first := e.owners[o.owner]
	o.ownerPrevious, o.ownerNext = 0, first
	if first != 0 {
		e.orders.at(first).ownerPrevious = position
	}
	e.owners[o.owner] = position
}

func (e *Engine) unlinkOwner(o *order) {
	if o.ownerPrevious == 0 {
		e.owners[o.owner] = o.ownerNext
	} else {
		e.orders.at(o.ownerPrevious).ownerNext = o.ownerNext
	}
	if o.ownerNext != 0 {
		e.orders.at(o.ownerNext).ownerPrevious = o.ownerPrevious
	}
}
