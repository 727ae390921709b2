package engine

const (
	chunkBits = 11
	chunkSize = 1 << chunkBits
)

// arena holds records without pointers, addressed by their position. It grows by chunks, so that growth never copies
// and its pauses stay short, and never shrinks. Position 0 is a zero record that stands for none.
type arena[T any] struct {
	chunks []*[chunkSize]T
	used   uint32 // positions handed out, 0 included
}

func newArena[T any]() arena[T] {
	return arena[T]{chunks: []*[chunkSize]T{new([chunkSize]T)}, used: 1}
}

// at returns the record at a position. It stays where it is for good.
func (a *arena[T]) at(position uint32) *T {
	return &a.chunks[position>>chunkBits][position%chunkSize]
}

// extend returns a position never handed out before, with a zero record.
func (a *arena[T]) extend() uint32 {
	position := a.used
	if position>>chunkBits == uint32(len(a.chunks)) {
		a.chunks = append(a.chunks, new([chunkSize]T))
	}
	a.used++
	return position
}
