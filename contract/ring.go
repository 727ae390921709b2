package contract

// ring keeps the last elements of a sequence numbered from 1. It grows until it
// may not, and overwrites its oldest element from then on.
type ring[T any] struct {
	items []T
	count uint64 // elements ever added
}

// first is the number of the oldest element kept; count+1 if there is none.
func (r *ring[T]) first() uint64 { return r.count - uint64(len(r.items)) + 1 }

// at is the element of a number from first to count. The position follows from
// the number: a ring that has wrapped never grows again.
func (r *ring[T]) at(number uint64) *T { return &r.items[(number-1)%uint64(len(r.items))] }

// full tells whether the next element overwrites the oldest: when the ring has
// its limit, or when the pool that all rings share is used up. It stays so.
func (r *ring[T]) full(limit uint32, poolFull bool) bool {
	return len(r.items) >= int(limit) || r.count > uint64(len(r.items)) || poolFull && len(r.items) >= minimumRing
}

// grow adds an element; the ring is not full.
func (r *ring[T]) grow(element T) {
	r.items = append(r.items, element)
	r.count++
}

// overwrite adds an element in place of the oldest; the ring is full.
func (r *ring[T]) overwrite(element T) {
	r.count++
	*r.at(r.count) = element
}
