package engine

import "math/bits"

// orderIndex finds an open order by its id: open addressing with linear probing and without tombstones, so it never
// has to be cleaned. Eight consecutive ids start on one cache line: a caller that counts its ids up writes to memory
// that is at hand. Groups of eight are scattered by a multiplicative hash. Ids come from the caller, not from traders,
// so nobody can choose them to collide.
//
// A slot is a 32-bit tag of the id in the high half and the position of the order in the low half; 0 is empty.
type orderIndex struct {
	slots []uint64
	mask  uint32
	shift uint8 // 32 minus the logarithm of the number of groups
	used  uint32
}

const smallestIndex = 64 // slots

func newOrderIndex(slots uint32) orderIndex {
	groups := bits.TrailingZeros32(slots) - 3
	return orderIndex{slots: make([]uint64, slots), mask: slots - 1, shift: uint8(32 - groups)}
}

// tagOf folds an id to 32 bits. Ids that share their high half have different tags.
func tagOf(id OrderID) uint32 { return uint32(id) ^ uint32(id>>32)*0x85ebca6b }

func (x *orderIndex) home(tag uint32) uint32 {
	return (tag>>3)*0x9e3779b1>>x.shift<<3 | tag&7
}

// find returns the position of an open order, or 0.
func (x *orderIndex) find(id OrderID, orders *arena) uint32 {
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

// insert adds an id that is not there.
func (x *orderIndex) insert(id OrderID, position uint32) {
	if uint64(x.used+1)*8 > uint64(len(x.slots))*5 {
		x.grow()
	}
	x.used++
	x.put(uint64(tagOf(id))<<32 | uint64(position))
}

func (x *orderIndex) put(slot uint64) {
	i := x.home(uint32(slot >> 32))
	for x.slots[i&x.mask] != 0 {
		i++
	}
	x.slots[i&x.mask] = slot
}

func (x *orderIndex) grow() {
	larger := newOrderIndex(uint32(len(x.slots)) * 2)
	for _, slot := range x.slots {
		if slot != 0 {
			larger.put(slot)
		}
	}
	larger.used = x.used
	*x = larger
}

// remove takes out an id that is there and closes the gap: each slot after it that may stand there moves up.
func (x *orderIndex) remove(id OrderID, position uint32) {
	tag := tagOf(id)
	slot := uint64(tag)<<32 | uint64(position)
	gap := x.home(tag)
	for x.slots[gap&x.mask] != slot {
		gap++
	}
	for i := gap + 1; ; i++ {
		slot := x.slots[i&x.mask]
		if slot == 0 {
			break
		}
		if (i-x.home(uint32(slot>>32)))&x.mask >= (i-gap)&x.mask {
			x.slots[gap&x.mask] = slot
			gap = i
		}
	}
	x.slots[gap&x.mask] = 0
	x.used--
}
