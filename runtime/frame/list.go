package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// List is a storage value that is a sequence and grows at its end in constant time.
type List[E any] struct {
	Value[[]E]
	element scale.Codec[E]
}

// NewList declares a sequence of at most maximum elements. The pallet keeps the
// maximum: Append does not count.
func NewList[E any](m *Module, name string, element scale.Codec[E], maximum int, docs string) *List[E] {
	codec := scale.Vec(element, maximum)
	key := declare(m, name, codec, Default, docs)
	return &List[E]{Value: Value[[]E]{key: key, codec: codec}, element: element}
}

// Append adds one element at the end.
func (s *List[E]) Append(c *Context, element E) {
	c.encoder.Reset()
	s.element.Encode(&c.encoder, &element)
	if err := c.encoder.Err(); err != nil {
		panic("frame: an element has no encoding: " + err.Error())
	}
	c.Host.Append(s.key, c.encoder.Encoded())
}

// Len is the number of elements, read without decoding them.
func (s *List[E]) Len(c *Context) uint32 { return sequenceLength(c, s.key) }

func sequenceLength(c *Context, key []byte) uint32 {
	raw, exists := c.Host.Get(key)
	if !exists {
		return 0
	}
	c.decoder.Reset(raw)
	return c.decoder.Compact32()
}
