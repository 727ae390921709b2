package frame

import (
	"bytes"
	"iter"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// DoubleMap is a storage map of two keys; entries of one first key lie together.
type DoubleMap[K1, K2, V any] struct {
	prefix []byte
	first  Key[K1]
	second Key[K2]
	codec  scale.Codec[V]
}

// NewDoubleMap declares a storage map of two keys.
func NewDoubleMap[K1, K2, V any](m *Module, name string, first Key[K1], second Key[K2], value scale.Codec[V],
	absent Absent, docs string) *DoubleMap[K1, K2, V] {
	prefix := declare(m, name, value, absent, docs, first.describe(), second.describe())
	return &DoubleMap[K1, K2, V]{prefix: prefix, first: first, second: second, codec: value}
}

func (s *DoubleMap[K1, K2, V]) under(c *Context, k1 *K1) []byte {
	c.key = append(c.key[:0], s.prefix...)
	s.first.append(c, s.first.encode(c, k1))
	return c.key
}

func (s *DoubleMap[K1, K2, V]) at(c *Context, k1 *K1, k2 *K2) []byte {
	s.under(c, k1)
	s.second.append(c, s.second.encode(c, k2))
	return c.key
}

// Get is the value of (k1, k2), zero if absent.
func (s *DoubleMap[K1, K2, V]) Get(c *Context, k1 K1, k2 K2) V {
	v, _ := find(c, s.at(c, &k1, &k2), s.codec)
	return v
}

// Find is the value of (k1, k2) and whether it is there.
func (s *DoubleMap[K1, K2, V]) Find(c *Context, k1 K1, k2 K2) (V, bool) {
	return find(c, s.at(c, &k1, &k2), s.codec)
}

// Exists reports whether (k1, k2) has a value.
func (s *DoubleMap[K1, K2, V]) Exists(c *Context, k1 K1, k2 K2) bool {
	return c.Host.Exists(s.at(c, &k1, &k2))
}

// Set stores v under (k1, k2).
func (s *DoubleMap[K1, K2, V]) Set(c *Context, k1 K1, k2 K2, v V) {
	set(c, s.at(c, &k1, &k2), s.codec, &v)
}

// Remove makes the value of (k1, k2) absent.
func (s *DoubleMap[K1, K2, V]) Remove(c *Context, k1 K1, k2 K2) { c.Host.Clear(s.at(c, &k1, &k2)) }

// RemovePrefix removes at most limit entries of k1 and reports whether none is left.
func (s *DoubleMap[K1, K2, V]) RemovePrefix(c *Context, k1 K1, limit uint32) (all bool) {
	_, all = c.Host.ClearPrefix(s.under(c, &k1), limit)
	return all
}

// Prefix walks the entries of k1 in the order of their storage keys.
func (s *DoubleMap[K1, K2, V]) Prefix(c *Context, k1 K1) iter.Seq2[K2, V] {
	return func(yield func(K2, V) bool) {
		walk(c, bytes.Clone(s.under(c, &k1)), s.second, s.codec, yield)
	}
}

// All walks the entries in the order of their storage keys.
func (s *DoubleMap[K1, K2, V]) All(c *Context) iter.Seq2[scale.Pair[K1, K2], V] {
	return func(yield func(scale.Pair[K1, K2], V) bool) {
		walk(c, s.prefix, pairKey(s.first, s.second), s.codec, yield)
	}
}

// StorageKey is the storage key of (k1, k2), in memory of its own.
func (s *DoubleMap[K1, K2, V]) StorageKey(c *Context, k1 K1, k2 K2) []byte {
	return bytes.Clone(s.at(c, &k1, &k2))
}

// pairKey reads the two hashed keys of an entry as one.
func pairKey[K1, K2 any](first Key[K1], second Key[K2]) Key[scale.Pair[K1, K2]] {
	return Identity(scale.Codec[scale.Pair[K1, K2]]{
		Decode: func(d *scale.Decoder, v *scale.Pair[K1, K2]) {
			v.First, v.Second = first.read(d), second.read(d)
		},
	})
}
