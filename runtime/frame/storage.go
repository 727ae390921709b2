package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// Absent says what reading a key without a value means.
type Absent uint8

// The two meanings, numbered as metadata's StorageEntryModifier.
const (
	Optional Absent = 0 // there is none: clients show null
	Default  Absent = 1 // it is the zero value
)

// StorageItem describes a storage item for metadata.
type StorageItem struct {
	Name    string
	Absent  Absent
	Hashers []Hasher      // none for a plain value
	Keys    []*scale.Type // one for each hasher
	Value   *scale.Type
	Default []byte // encoded
	Docs    string
}

// item adds a storage item to m and gives its prefix and codec.
func declare[V any](m *Module, name string, value scale.Codec[V], absent Absent, docs string) (prefix []byte, item *StorageItem) {
	fallback := []byte{0} // what FRAME gives for optional items: Option::None
	if absent == Default {
		var zero V
		fallback = value.Marshal(zero)
	}
	m.Storage = append(m.Storage, StorageItem{
		Name: name, Absent: absent, Value: value.Type, Default: fallback, Docs: docs,
	})
	return m.prefix(name), &m.Storage[len(m.Storage)-1]
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
	prefix, _ := declare(m, name, value, absent, docs)
	return &Value[V]{key: prefix, codec: value}
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
