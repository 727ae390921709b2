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
		*events.add() = Event{Type: Rejected, Reason: TimeBackwards}
		return
	}
	e.time = milliseconds
	for len(e.expiries) > 1 && e.expiries[1].time <= milliseconds {
		position := e.expiries[1].position
		o := e.orders.at(position)
		m := e.marketOf(o)
		*events.add() = Event{
			Type: Expired, Side: o.side, Market: m.id, Owner: o.owner, Order: o.id, Price: o.price, Quantity: o.remaining,
		}
		e.close(m, o, position)
	}
}

// schedule adds an order to the heap. The record knows its place there, so that a cancellation finds it.
func (e *Engine) schedule(o *order, position uint32) {
	e.expiries = append(e.expiries, expiry{})
	e.siftUp(uint32(len(e.expiries)-1), expiry{time: o.expiry, id: o.id, position: position})
}

// unschedule takes an order out of the heap: the last entry fills the gap.
func (e *Engine) unschedule(o *order) {
	gap, last := o.expiryAt, uint32(len(e.expiries)-1)
	entry := e.expiries[last]
	e.expiries = e.expiries[:last]
	o.expiryAt = 0
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
	e.orders.at(entry.position).expiryAt = at
}
