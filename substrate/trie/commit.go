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
		if w := newWorkers(t.options.Parallel); w != nil {
			hashShared(w, sharedLevels, &t.root, true)
		} else {
			hashNode(&scale.Encoder{}, &t.root, true)
		}
	}
	return t.root.hash
}

// unhashed reports whether c's node changed since it was encoded last.
func (c *child) unhashed() bool {
	n := c.held()
	return n != nil && n.pending != nil && n.pending.encoded == nil
}

// hashNode encodes a changed node after those below it, and hashes it unless it
// is inline.
func hashNode(encoder *scale.Encoder, c *child, isRoot bool) {
	if !c.unhashed() {
		return
	}
	n := c.held()
	n.changedChildren(func(below *child) { hashNode(encoder, below, false) })
	encoder.Reset()
	appendNode(encoder, n)
	encoded := append(make([]byte, 0, encoder.Len()), encoder.Encoded()...)
	n.pending.encoded = encoded
	if isRoot || len(encoded) >= hashSize {
		c.hash = hashing.Blake2_256(encoded)
	}
}

// Commit ends the changes made since the trie was opened or committed. From now
// on the trie stands at the new root and reads the new records from the store:
// write them there before anything else is done with it.
func (t *Trie) Commit() ChangeSet {
	set := ChangeSet{OldRoot: t.committed, NewRoot: t.Root(), Removed: t.removed}
	if !t.empty {
		t.collect(&t.root, true, &set)
	}
	t.options.Cache.commit(t.root, t.replaced)
	t.removed, t.replaced, t.committed = nil, nil, set.NewRoot
	return set
}

// collect moves pending nodes into the change set and the cache.
func (t *Trie) collect(c *child, isRoot bool, set *ChangeSet) {
	n := c.held()
	if n == nil || n.pending == nil {
		return
	}
	n.changedChildren(func(below *child) { t.collect(below, false, set) })
	if n.pending.unstored {
		data := *n.detached.Load()
		set.Inserted = append(set.Inserted, Record{Hash: scale.Hash(n.data), Data: data})
		if len(data) > maxCachedValue || t.options.Cache == nil {
			n.detached.Store(nil)
		}
	}
	encoded := n.pending.encoded
	n.pending = nil
	n.children = slices.Clip(n.children)
	if !isRoot && len(encoded) < hashSize {
		return // part of the node above
	}
	set.Inserted = append(set.Inserted, Record{Hash: c.hash, Data: encoded})
	if t.options.Cache == nil {
		c.cell = nil
	} else {
		t.options.Cache.keep(c.cell, n)
	}
}
