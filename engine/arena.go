package engine

// order is an open order in the arena. It fills one cache line of 64 bytes and holds no pointer. Links are positions
// in the arena; position 0 means none.
type order struct {
	id        OrderID
	remaining Quantity
	price     Price
	expiry    uint64
	owner     Owner
	level     uint32 // its price level
	previous  uint32 // in the queue of its level, longest waiting first
	next      uint32 // likewise; of a free record: the next free one
	// ownerPrevious and ownerNext link the orders of an owner, in no order that shows.
	ownerPrevious uint32
	ownerNext     uint32
	expiryAt      uint32 // its place in the expiry heap; 0 when it does not expire
	side          Side
	timeInForce   TimeInForce
	selfTrade     SelfTrade
	postOnly      bool
}

const (
	chunkBits = 12 // 4096 orders, 256 KiB: growth never copies, and its pauses stay short
	chunkSize = 1 << chunkBits
)

// arena holds the records of all open orders. It grows by chunks, reuses freed records last in, first out, and never
// shrinks. Which record an order gets is no part of the state.
type arena struct {
	chunks []*[chunkSize]order
	used   uint32 // records ever used, the null record 0 included
	free   uint32 // first free record
	open   uint32 // records in use by open orders
}

func newArena() arena {
	return arena{chunks: []*[chunkSize]order{new([chunkSize]order)}, used: 1}
}

// at returns the record at a position. The record stays where it is for good.
func (a *arena) at(position uint32) *order {
	return &a.chunks[position>>chunkBits][position&(chunkSize-1)]
}

func (a *arena) allocate() uint32 {
	a.open++
	if position := a.free; position != 0 {
		a.free = a.at(position).next
		return position
	}
	position := a.used
	if position>>chunkBits == uint32(len(a.chunks)) {
		a.chunks = append(a.chunks, new([chunkSize]order))
	}
	a.used++
	return position
}

func (a *arena) release(position uint32) {
	a.at(position).next = a.free
	a.free = position
	a.open--
}
