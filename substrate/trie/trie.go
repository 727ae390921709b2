package trie

import (
	"bytes"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Options of a trie. The zero value is layout 0 without a cache.
type Options struct {
	// Layout decides how values are written from now on; both are always read.
	Layout Layout
	// Cache is shared by tries over the same store; nil keeps nothing decoded.
	Cache *Cache
	// Parallel is how many goroutines may work at once on independent subtrees of
	// a large batch; 0 and 1 start none. The store must then be safe for that.
	Parallel int
}

// Trie is a state at a root, and the changes made since it was opened or
// committed.
type Trie struct {
	store   NodeStore
	options Options
	// trusted: the store's records are known to match their hashes.
	trusted bool

	root      child
	empty     bool
	committed scale.Hash   // root of the last commit, or the one opened at
	removed   []scale.Hash // records that changes since then replaced, one a place
	replaced  []*cell      // nodes that they replaced and that were in memory
}

// Open stands a trie at root. It reads nothing: a root that the store does not
// have shows at the first use, as ErrNotFound. A nil store holds nothing.
func Open(store NodeStore, root scale.Hash, options Options) *Trie {
	if store == nil {
		store = noStore{}
	}
	return &Trie{
		store: store, options: options,
		root: options.Cache.root(root), empty: root == EmptyRoot, committed: root,
	}
}

type noStore struct{}

func (noStore) Get(scale.Hash) ([]byte, error) { return nil, ErrNotFound }

// Get returns a copy of the value of key. An empty value is found, and not nil.
func (t *Trie) Get(key []byte) (data []byte, found bool, err error) {
	n, err := t.find(key)
	if err != nil || n == nil || n.kind == valueNone {
		return nil, false, err
	}
	stored, err := t.bytes(n)
	if err != nil {
		return nil, false, err
	}
	return append(make([]byte, 0, len(stored)), stored...), true, nil
}

// Has reports whether key has a value, without reading it.
func (t *Trie) Has(key []byte) (bool, error) {
	n, err := t.find(key)
	return err == nil && n != nil && n.kind != valueNone, err
}

// find returns the node at which key ends, or nil.
func (t *Trie) find(key []byte) (*node, error) {
	if t.empty || len(key) > MaxKeySize {
		return nil, nil
	}
	at, depth := &t.root, 0
	for {
		n, err := t.load(at)
		if err != nil {
			return nil, err
		}
		rest := keyNibbles(key, depth)
		if !rest.hasPrefix(n.partial) {
			return nil, nil
		}
		depth += n.partial.len()
		if depth == 2*len(key) {
			return n, nil
		}
		i, ok := n.index(rest.at(n.partial.len()))
		if !ok {
			return nil, nil
		}
		at = &n.children[i]
		depth++
	}
}

// bytes returns the value of a node that has one. The caller must not change it.
func (t *Trie) bytes(n *node) ([]byte, error) {
	if n.kind == valueInline {
		return n.data, nil
	}
	if kept := n.detached.Load(); kept != nil {
		return *kept, nil
	}
	data, err := t.record(scale.Hash(n.data))
	if err == nil && t.options.Cache != nil && len(data) <= maxCachedValue {
		n.detached.Store(&data)
	}
	return data, err
}

// load returns the node that c refers to.
func (t *Trie) load(c *child) (*node, error) {
	if n := c.held(); n != nil {
		if c.cell.used.Load() == 0 {
			c.cell.used.Store(1)
		}
		return n, nil
	}
	encoded, err := t.record(c.hash)
	if err != nil {
		return nil, err
	}
	n, err := decodeNode(encoded)
	if err != nil {
		return nil, &RecordError{Hash: c.hash, Cause: err}
	}
	if t.options.Cache == nil || c.cell == nil {
		return n, nil
	}
	n.ready()
	return t.options.Cache.keep(c.cell, n), nil
}

// record reads from the store and checks what it gives: a damaged disk must
// stop the node, not fork it.
func (t *Trie) record(hash scale.Hash) ([]byte, error) {
	data, err := t.store.Get(hash)
	if err != nil {
		return nil, &RecordError{Hash: hash, Cause: err}
	}
	if !t.trusted && scale.Hash(hashing.Blake2_256(data)) != hash {
		return nil, &RecordError{Hash: hash, Cause: ErrCorrupt}
	}
	return data, nil
}

// newValue is data as this trie's layout stores it, and the bytes to store as a
// record of their own, if any.
func (t *Trie) newValue(data []byte) (v value, detached []byte) {
	data = append(make([]byte, 0, len(data)), data...) // never nil
	if t.options.Layout == Layout0 || len(data) < detachedSize {
		return value{kind: valueInline, data: data}, nil
	}
	hash := hashing.Blake2_256(data)
	return value{kind: valueDetached, data: hash[:]}, data
}

func (v value) equal(other value) bool {
	return v.kind == other.kind && bytes.Equal(v.data, other.data)
}
