package engine

// orderIndex finds an open order by its id. It is made for a caller that counts its ids up: an order stands in a ring at
// its id modulo the size of the ring, found with one access and no search. When a newer order needs the slot of an
// older one that is still open, the older one moves to the overflow, a hash table. So the ids may be any, only dense
// ones are fastest. They come from the caller, not from traders, so nobody can choose them to collide.
type orderIndex struct {
	ring     []uint32 // positions of orders, 0 where there is none
	overflow overflow
	highest  OrderID // no open order has a higher id
}

const (
	smallestRing  = 1024
	slotsPerOrder = 4 // of the ring: it doubles when it has fewer
)

func newOrderIndex() orderIndex {
	return orderIndex{ring: make([]uint32, smallestRing), overflow: newOverflow()}
}

// slot returns the slot of an id in the ring.
func (x *orderIndex) slot(id OrderID) *uint32 {
	return &x.ring[uint64(id)&uint64(len(x.ring)-1)]
}

// find returns the position of an open order, or 0.
func (x *orderIndex) find(id OrderID, orders *orders) uint32 {
	if position := *x.slot(id); position != 0 && orders.at(position).id == id {
		return position
	}
	return x.overflow.find(id, orders)
}

// insert adds an id that is not there. The record must have been allocated, and not filled yet.
func (x *orderIndex) insert(id OrderID, position uint32, orders *orders) {
	if uint64(orders.open)*slotsPerOrder > uint64(len(x.ring)) {
		x.grow(orders)
	}
	x.put(id, position, orders)
}

func (x *orderIndex) put(id OrderID, position uint32, orders *orders) {
	x.highest = max(x.highest, id)
	slot := x.slot(id)
	if *slot != 0 {
		older := *slot
		x.overflow.insert(orders.at(older).id, older)
	}
	*slot = position
}

// remove takes out an id that is there.
func (x *orderIndex) remove(id OrderID, position uint32) {
	if slot := x.slot(id); *slot == position {
		*slot = 0
		return
	}
	x.overflow.remove(id, position)
}

// grow doubles the ring and enters all open orders anew.
func (x *orderIndex) grow(orders *orders) {
	x.ring, x.overflow = make([]uint32, len(x.ring)*2), newOverflow()
	for position := uint32(1); position < orders.used; position++ {
		if o := orders.at(position); o.level != 0 {
			x.put(o.id, position, orders)
		}
	}
}
