package engine

// expiry is an entry of the heap of orders that expire: earliest time first, then lowest id.
type expiry struct {
	time     uint64
	id       OrderID
	position uint32
}

func (x *expiry) before(y *expiry) bool {
	return x.time < y.time || x.time == y.time && x.id < y.id
}

// AdvanceTime sets the block time and expires the orders whose time it reaches.
func (e *Engine) AdvanceTime(milliseconds uint64, events *Events) {
	if milliseconds < e.time {
		events.reject(TimeBackwards, 0, 0)
		return
	}
	e.time = milliseconds
	for len(e.expiries) > 1 && e.expiries[1].time <= milliseconds {
		position := e.expiries[1].position
		o := e.orders.at(position)
		m, l := e.whereabouts(o)
		events.ofOrder(Expired, l.market, l.side, o.terms.owner(), o.id, l.price(), o.remaining)
		e.close(m, l, o, position)
	}
}

// expiryOf returns the block time at which an order expires, or zero.
func (e *Engine) expiryOf(position uint32) uint64 {
	if e.orders.at(position).terms.timeInForce() != GTD {
		return 0
	}
	return e.expiries[*e.orders.expiries.at(position)].time
}

// schedule adds an order to the heap.
func (e *Engine) schedule(time uint64, id OrderID, position uint32) {
	e.expiries = append(e.expiries, expiry{})
	e.siftUp(uint32(len(e.expiries)-1), expiry{time: time, id: id, position: position})
}

// unschedule takes an order out of the heap: the last entry fills the gap.
func (e *Engine) unschedule(position uint32) {
	gap, last := *e.orders.expiries.at(position), uint32(len(e.expiries)-1)
	entry := e.expiries[last]
	e.expiries = e.expiries[:last]
	if gap == last {
		return
	}
	if gap > 1 && entry.before(&e.expiries[gap/2]) {
		e.siftUp(gap, entry)
	} else {
		e.siftDown(gap, entry)
	}
}

func (e *Engine) siftUp(at uint32, entry expiry) {
	for at > 1 && entry.before(&e.expiries[at/2]) {
		e.putExpiry(at, e.expiries[at/2])
		at /= 2
	}
	e.putExpiry(at, entry)
}

func (e *Engine) siftDown(at uint32, entry expiry) {
	count := uint32(len(e.expiries))
	for child := at * 2; child < count; child = at * 2 {
		if child+1 < count && e.expiries[child+1].before(&e.expiries[child]) {
			child++
		}
		if !e.expiries[child].before(&entry) {
			break
		}
		e.putExpiry(at, e.expiries[child])
		at = child
	}
	e.putExpiry(at, entry)
}

func (e *Engine) putExpiry(at uint32, entry expiry) {
	e.expiries[at] = entry
	*e.orders.expiries.at(entry.position) = at
}
