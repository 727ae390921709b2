package frame

import (
	"bytes"
	"iter"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Map is a storage map.
type Map[K, V any] struct {
	prefix []byte
	key    Key[K]
	codec  scale.Codec[V]
}

// NewMap declares a storage map.
func NewMap[K, V any](m *Module, name string, key Key[K], value scale.Codec[V], absent Absent, docs string) *Map[K, V] {
	prefix := declare(m, name, value, absent, docs, key.describe())
	return &Map[K, V]{prefix: prefix, key: key, codec: value}
}

// at is the storage key of k. Code that reads a value and then writes it asks twice
// in a row: the scratch key may be the one already, and its hash is not made again.
func (s *Map[K, V]) at(c *Context, k *K) []byte {
	encoded := s.key.encode(c, k)
	if len(c.key) == len(s.prefix)+s.key.hashSize()+len(encoded) &&
		bytes.HasPrefix(c.key, s.prefix) && bytes.HasSuffix(c.key, encoded) {
		return c.key
	}
	c.key = append(c.key[:0], s.prefix...)
	s.key.append(c, encoded)
	return c.key
}

// Get is the value of k, zero if absent.
func (s *Map[K, V]) Get(c *Context, k K) V {
	v, _ := find(c, s.at(c, &k), s.codec)
	return v
}

// Find is the value of k and whether it is there.
func (s *Map[K, V]) Find(c *Context, k K) (V, bool) { return find(c, s.at(c, &k), s.codec) }

// Exists reports whether k has a value.
func (s *Map[K, V]) Exists(c *Context, k K) bool { return c.Host.Exists(s.at(c, &k)) }

// Set stores v under k.
func (s *Map[K, V]) Set(c *Context, k K, v V) { set(c, s.at(c, &k), s.codec, &v) }

// Remove makes the value of k absent.
func (s *Map[K, V]) Remove(c *Context, k K) { c.Host.Clear(s.at(c, &k)) }

// RemoveAll removes at most limit entries, in the order of their storage keys,
// and reports whether none is left.
func (s *Map[K, V]) RemoveAll(c *Context, limit uint32) (all bool) {
	_, all = c.Host.ClearPrefix(s.prefix, limit)
	return all
}

// All walks the entries in the order of their storage keys. The caller bounds
// how many it takes; it may change or remove entries on the way.
func (s *Map[K, V]) All(c *Context) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		walk(c, s.prefix, s.key, s.codec, yield)
	}
}

// StorageKey is the storage key of k, in memory of its own.
func (s *Map[K, V]) StorageKey(c *Context, k K) []byte { return bytes.Clone(s.at(c, &k)) }

// walk visits every entry under prefix, whose keys end with one of key.
func walk[K, V any](c *Context, prefix []byte, key Key[K], codec scale.Codec[V], yield func(K, V) bool) {
	at := prefix
	for {
		next, exists := c.Host.NextKey(at)
		if !exists || !bytes.HasPrefix(next, prefix) {
			return
		}
		at = bytes.Clone(next)
		d := scale.NewDecoder(at[len(prefix):])
		k := key.read(d)
		if err := d.Finish(); err != nil {
			panic("frame: the storage key " + scale.HexString(at) + " is damaged; restore the node's data: " + err.Error())
		}
		v, _ := find(c, at, codec)
		if !yield(k, v) {
			return
		}
	}
}
