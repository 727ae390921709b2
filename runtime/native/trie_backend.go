package native

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// TrieBackend is a committed state in a trie.
type TrieBackend struct {
	store   trie.NodeStore
	root    scale.Hash
	options trie.Options
	base    *trie.Trie // at root
	next    *trie.Trie // with the changes of the last Root
}

// NewTrieBackend is the state at root. The options' layout is set to the state's.
func NewTrieBackend(store trie.NodeStore, root scale.Hash, options trie.Options) *TrieBackend {
	options.Layout = trie.Layout1
	return &TrieBackend{store: store, root: root, options: options, base: trie.Open(store, root, options)}
}

// Get reads a value.
func (b *TrieBackend) Get(key []byte) (value []byte, exists bool) {
	value, exists, err := b.base.Get(key)
	check(err)
	return value, exists
}

// NextKey is the first key after key.
func (b *TrieBackend) NextKey(key []byte) (next []byte, exists bool) {
	next, exists, err := b.base.NextKey(key)
	check(err)
	return next, exists
}

// Root makes the changes in a trie of their own and computes its root.
func (b *TrieBackend) Root(changes []trie.Change) scale.Hash {
	b.next = trie.Open(b.store, b.root, b.options)
	check(b.next.Apply(changes))
	return b.next.Root()
}

// Commit is what the store must take over for the state whose Root was computed
// last.
func (b *TrieBackend) Commit() trie.ChangeSet {
	if b.next == nil {
		panic("native: nothing to commit; compute the root first")
	}
	return b.next.Commit()
}

func check(err error) {
	if err != nil {
		panic(&Failure{Cause: err})
	}
}
