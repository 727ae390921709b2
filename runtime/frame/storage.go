package frame

import (
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Absent says what reading a key without a value means to clients.
type Absent uint8

// The two meanings.
const (
	Optional Absent = iota // there is none: clients show null
	Default                // it is the zero value
)

// declare adds a storage item to m and gives its prefix.
func declare[V any](m *Module, name string, value scale.Codec[V], absent Absent, docs string,
	keys ...metadata.Key) (prefix []byte) {
	entry := metadata.StorageEntry{Name: name, Docs: docs, Keys: keys, Value: value.Type, Optional: absent == Optional}
	if !entry.Optional {
		var zero V
		entry.Default = value.Marshal(zero)
	}
	m.Storage = append(m.Storage, entry)
	return m.prefix(name)
}

// decode reads a stored value. Only this runtime writes the state, so a value that
// does not decode means a damaged database or a missing migration: stop, rather than
// go on from a wrong state.
func decode[V any](c *Context, codec scale.Codec[V], raw []byte, key []byte) (v V) {
	c.decoder.Reset(raw)
	codec.Decode(&c.decoder, &v)
	if err := c.decoder.Finish(); err != nil {
		panic("frame: the value at " + scale.HexString(key) + " is damaged; restore the node's data: " + err.Error())
	}
	return v
}

func find[V any](c *Context, key []byte, codec scale.Codec[V]) (v V, exists bool) {
	raw, exists := c.Host.Get(key)
	if exists {
		v = decode(c, codec, raw, key)
	}
	return v, exists
}

func set[V any](c *Context, key []byte, codec scale.Codec[V], v *V) {
	c.encoder.Reset()
	codec.Encode(&c.encoder, v)
	if err := c.encoder.Err(); err != nil {
		panic("frame: a value has no encoding: " + err.Error())
	}
	c.Host.Set(key, c.encoder.Encoded())
}

// Value is a single storage value.
type Value[V any] struct {
	key   []byte
	codec scale.Codec[V]
}

// NewValue declares a storage value.
func NewValue[V any](m *Module, name string, value scale.Codec[V], absent Absent, docs string) *Value[V] {
	return &Value[V]{key: declare(m, name, value, absent, docs), codec: value}
}

// Get is the value, zero if absent.
func (s *Value[V]) Get(c *Context) V {
	v, _ := find(c, s.key, s.codec)
	return v
}

// Find is the value and whether it is there.
func (s *Value[V]) Find(c *Context) (V, bool) { return find(c, s.key, s.codec) }

// Exists reports whether a value is stored.
func (s *Value[V]) Exists(c *Context) bool { return c.Host.Exists(s.key) }

// Set stores v.
func (s *Value[V]) Set(c *Context, v V) { set(c, s.key, s.codec, &v) }

// Remove makes the value absent.
func (s *Value[V]) Remove(c *Context) { c.Host.Clear(s.key) }

// StorageKey is the value's key; read-only.
func (s *Value[V]) StorageKey() []byte { return s.key }
