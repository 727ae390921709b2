package engine

import "math/bits"

// overflow is a hash table with linear probing and without tombstones, so it never has to be cleaned. A slot is a
// 32-bit tag of the id in the high half and the position of the order in the low half; 0 is empty.
type overflow struct {
	slots []uint64
	mask  uint32
	used  uint32
}

const smallestOverflow = 64 // slots

func newOverflow() overflow {
	return overflow{slots: make([]uint64, smallestOverflow), mask: smallestOverflow - 1}
}

// tagOf spreads an id over 32 bits, of which the table uses the highest.
func tagOf(id OrderID) uint32 { return uint32(uint64(id) * 0x9e3779b97f4a7c15 >> 32) }

func (x *overflow) home(tag uint32) uint32 { return tag >> (bits.LeadingZeros32(x.mask) & 31) }

// find returns the position of an order, or 0.
func (x *overflow) find(id OrderID, orders *orders) uint32 {
	if x.used == 0 {
		return 0
	}
	tag := tagOf(id)
	for i := x.home(tag); ; i++ {
		slot := x.slots[i&x.mask]
		if slot == 0 {
			return 0
		}
		if uint32(slot>>32) == tag && orders.at(uint32(slot)).id == id {
			return uint32(slot)
		}
	}
}

// insert adds an id that is not there. Half the table is filled at most.
func (x *overflow) insert(id OrderID, position uint32) {
	if x.used++; uint64(x.used)*2 > uint64(len(x.slots)) {
		old := x.slots
		x.slots = make([]uint64, len(old)*2)
		x.mask = uint32(len(x.slots) - 1)
		for _, slot := range old {
			if slot != 0 {
				x.put(slot)
			}
		}
	}
	x.put(uint64(tagOf(id))<<32 | uint64(position))
}

func (x *overflow) put(slot uint64) {
	i := x.home(uint32(slot >> 32))
	for x.slots[i&x.mask] != 0 {
		i++
	}
	x.slots[i&x.mask] = slot
}

// remove takes out an id that is there. The slots after the gap that may stand there move up, so that no search stops
// before its goal.
func (x *overflow) remove(id OrderID, position uint32) {
	tag := tagOf(id)
	gap := x.home(tag)
	for x.slots[gap&x.mask] != uint64(tag)<<32|uint64(position) {
		gap++
	}
	for i := gap + 1; x.slots[i&x.mask] != 0; i++ {
		slot := x.slots[i&x.mask]
		if (i-x.home(uint32(slot>>32)))&x.mask >= (i-gap)&x.mask {
			x.slots[gap&x.mask] = slot
			gap = i
		}
	}
	x.slots[gap&x.mask] = 0
	x.used--
}
