package engine

// order is the record of an open order: 32 bytes, two to a cache line. Price, side and market are those of its level.
type order struct {
	id        OrderID
	remaining Quantity
	terms     terms
	level     uint32 // 0 of a free record
	previous  uint32 // in the queue of the level, longest waiting first
	next      uint32 // likewise; of a free record: the next free one
}

// siblings link the orders of an owner, in no order that shows. They are kept apart from the records, since matching
// does not need them.
type siblings struct {
	previous uint32
	next     uint32
}

// terms packs the owner, in the low 24 bits, with the flags of an order.
type terms uint32

const (
	ownerBits       = 24
	timeInForceBits = 2
	selfTradeBits   = 2

	timeInForceAt = ownerBits
	selfTradeAt   = timeInForceAt + timeInForceBits
	postOnlyAt    = selfTradeAt + selfTradeBits
)

func packTerms(o *Order) terms {
	t := terms(o.Owner) | terms(o.TimeInForce)<<timeInForceAt | terms(o.SelfTrade)<<selfTradeAt
	if o.PostOnly {
		t |= 1 << postOnlyAt
	}
	return t
}

func (t terms) owner() Owner { return Owner(t & (1<<ownerBits - 1)) }
func (t terms) timeInForce() TimeInForce {
	return TimeInForce(t >> timeInForceAt & (1<<timeInForceBits - 1))
}
func (t terms) selfTrade() SelfTrade { return SelfTrade(t >> selfTradeAt & (1<<selfTradeBits - 1)) }
func (t terms) postOnly() bool       { return t>>postOnlyAt&1 == 1 }

// orders holds the records of all open orders and reuses freed ones last in, first out. Which record an order gets is
// no part of the state.
type orders struct {
	arena[order]
	siblings arena[siblings] // at the same positions
	expiries arena[uint32]   // likewise: where in the heap a GTD order is
	free     uint32          // first free record, linked by next
	open     uint32
}

func newOrders() orders {
	return orders{arena: newArena[order](), siblings: newArena[siblings](), expiries: newArena[uint32]()}
}

func (o *orders) allocate() uint32 {
	o.open++
	position := o.free
	if position == 0 {
		o.siblings.extend()
		o.expiries.extend()
		return o.extend()
	}
	o.free = o.at(position).next
	return position
}

func (o *orders) release(position uint32) {
	record := o.at(position)
	record.level, record.next = 0, o.free
	o.free = position
	o.open--
}
