package trie

import (
	"slices"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Record is an encoded node or a detached value, and its hash.
type Record struct {
	Hash scale.Hash
	Data []byte
}

// ChangeSet is what turns a store that has the old root's trie into one that has
// the new root's too. The package's documentation says how to count references.
type ChangeSet struct {
	OldRoot, NewRoot scale.Hash
	Inserted         []Record     // one for each place, children before parents
	Removed          []scale.Hash // one for each place
}

// Root computes the root of the trie as it is now.
func (t *Trie) Root() scale.Hash {
	if t.empty {
		return EmptyRoot
	}
	if t.root.unhashed() {
		if s := newSlots(t.options.Parallel); s != nil {
			hashShared(s, sharedLevels, &t.root, true)
		} else {
			hashNode(&scale.Encoder{}, &t.root, true)
		}
	}
	return t.root.hash
}

// unhashed reports whether c's node changed since it was encoded last.
func (c *child) unhashed() bool {
	return c.node != nil && c.node.pending != nil && c.node.pending.encoded == nil
}

// hashNode encodes a changed node after those below it, and hashes it unless it
// is inline.
func hashNode(encoder *scale.Encoder, c *child, isRoot bool) {
	if !c.unhashed() {
		return
	}
	for i := range c.node.children {
		hashNode(encoder, &c.node.children[i], false)
	}
	encoder.Reset()
	appendNode(encoder, c.node)
	encoded := append(make([]byte, 0, encoder.Len()), encoder.Encoded()...)
	c.node.pending.encoded = encoded
	if isRoot || len(encoded) >= hashSize {
		c.hash = hashing.Blake2_256(encoded)
	}
}

// Commit ends the changes made since the trie was opened or committed. From now
// on the trie stands at the new root and reads the new records from the store:
// write them there before anything else is done with it.
func (t *Trie) Commit() ChangeSet {
	set := ChangeSet{OldRoot: t.committed, NewRoot: t.Root(), Removed: t.removed}
	t.removed, t.committed = nil, set.NewRoot
	for _, hash := range set.Removed {
		t.options.Cache.drop(hash)
	}
	if t.empty {
		t.root = child{hash: EmptyRoot}
	} else {
		t.collect(&t.root, true, &set)
	}
	return set
}

// collect moves pending nodes into the change set and the cache.
func (t *Trie) collect(c *child, isRoot bool, set *ChangeSet) {
	n := c.node
	if n == nil || n.pending == nil {
		return
	}
	for i := range n.children {
		t.collect(&n.children[i], false, set)
	}
	if detached := n.pending.detached; detached != nil {
		hash := scale.Hash(n.data)
		set.Inserted = append(set.Inserted, Record{Hash: hash, Data: detached})
		t.options.Cache.putValue(hash, detached)
	}
	encoded := n.pending.encoded
	n.pending = nil
	n.children = slices.Clip(n.children)
	if isRoot || len(encoded) >= hashSize {
		set.Inserted = append(set.Inserted, Record{Hash: c.hash, Data: encoded})
		t.options.Cache.putNode(c.hash, n)
		c.node = nil
	}
}
