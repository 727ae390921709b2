package trie

import "github.com/bitcloak/bitcloak/substrate/scale"

// batch is the work of one Apply. It changes in place only nodes that it made
// itself; everything older it copies first, so an error half way leaves nothing
// behind. Parallel parts of a batch share its origin.
type batch struct {
	trie     *Trie
	origin   *batch
	workers  workers
	removed  []scale.Hash
	replaced []*cell
}

func newBatch(t *Trie) *batch {
	b := &batch{trie: t, workers: newWorkers(t.options.Parallel)}
	b.origin = b
	return b
}

// outcome is what a change did to a subtree.
type outcome uint8

const (
	unchanged outcome = iota
	changed           // into the child returned with it
	vanished          // no key is left
)

// update makes changes to the subtree of c, which starts at nibble depth; the
// keys of the changes all lead there.
func (b *batch) update(c child, depth int, changes []Change) (child, outcome, error) {
	n, err := b.trie.load(&c)
	if err != nil {
		return c, unchanged, err
	}
	if at := splitPoint(n.partial, depth, changes); at < n.partial.len() {
		n = b.split(c, n, at)
		c = hold(n)
	}
	changes = within(n.partial, depth, changes)
	return b.descend(c, n, depth+n.partial.len(), changes)
}

// build makes the subtree of changes where none was.
func (b *batch) build(depth int, changes []Change) (child, outcome, error) {
	for len(changes) > 0 && changes[0].Delete {
		changes = changes[1:]
	}
	if len(changes) == 0 {
		return child{}, unchanged, nil
	}
	leaf := &node{pending: &pending{batch: b.origin}}
	leaf.partial = keyNibbles(changes[0].Key, depth).clone()
	leaf.setValue(b.trie.newValue(changes[0].Value))
	if len(changes) == 1 {
		return hold(leaf), changed, nil
	}
	return b.update(hold(leaf), depth, changes[1:])
}

// splitPoint is the nibble of partial at which the first insertion leaves it, or
// its length. Of sorted keys, one at the ends agrees least with it.
func splitPoint(partial nibbles, depth int, changes []Change) int {
	at := partial.len()
	if at == 0 {
		return 0
	}
	first, last := 0, len(changes)-1
	for first <= last && changes[first].Delete {
		first++
	}
	for last > first && changes[last].Delete {
		last--
	}
	if first <= last {
		at = min(commonPrefix(partial, keyNibbles(changes[first].Key, depth)),
			commonPrefix(partial, keyNibbles(changes[last].Key, depth)))
	}
	return at
}

// split cuts n's partial key and puts a branch without value above it.
func (b *batch) split(c child, n *node, at int) *node {
	branch := &node{partial: n.partial.to(at), pending: &pending{batch: b.origin}}
	lower := b.own(c, n)
	nibble := lower.partial.at(at)
	lower.partial = lower.partial.from(at + 1)
	branch.put(nibble, hold(lower))
	return branch
}

// within is the part of changes whose keys lead through all of partial; the rest
// deletes keys that do not exist.
func within(partial nibbles, depth int, changes []Change) []Change {
	if partial.len() == 0 {
		return changes
	}
	for len(changes) > 0 && !keyNibbles(changes[0].Key, depth).hasPrefix(partial) {
		changes = changes[1:]
	}
	for len(changes) > 0 && !keyNibbles(changes[len(changes)-1].Key, depth).hasPrefix(partial) {
		changes = changes[:len(changes)-1]
	}
	return changes
}

// descend makes changes at n, whose partial key ends at nibble depth, and below.
func (b *batch) descend(c child, n *node, depth int, changes []Change) (child, outcome, error) {
	if len(changes) > 0 && 2*len(changes[0].Key) == depth {
		n = b.changeValue(c, n, &changes[0])
		changes = changes[1:]
	}
	if b.worthSharing(changes, depth) {
		var err error
		if n, err = b.shareOut(c, n, depth, changes); err != nil {
			return c, unchanged, err
		}
		changes = nil
	}
	for len(changes) > 0 {
		nibble, size := group(changes, depth)
		sub, result, err := b.step(n, nibble, depth, changes[:size])
		if err != nil {
			return c, unchanged, err
		}
		n = b.attach(c, n, nibble, sub, result)
		changes = changes[size:]
	}
	if !b.owns(n) {
		return c, unchanged, nil
	}
	return b.normalize(c, n)
}

// group is the nibble that the first key has at depth, and how many keys share it.
func group(changes []Change, depth int) (nibble byte, size int) {
	nibble = keyNibble(changes[0].Key, depth)
	size = 1
	for size < len(changes) && keyNibble(changes[size].Key, depth) == nibble {
		size++
	}
	return nibble, size
}

func keyNibble(key []byte, depth int) byte {
	return key[depth/2] >> (4 - 4*(depth%2)) & 0xf
}

// step makes changes below n's child at nibble.
func (b *batch) step(n *node, nibble byte, depth int, changes []Change) (child, outcome, error) {
	if i, exists := n.index(nibble); exists {
		return b.update(n.children[i], depth+1, changes)
	}
	return b.build(depth+1, changes)
}

// attach writes the result of a step into n, or into a copy.
func (b *batch) attach(c child, n *node, nibble byte, sub child, result outcome) *node {
	switch result {
	case changed:
		n = b.own(c, n)
		n.put(nibble, sub)
	case vanished:
		n = b.own(c, n)
		n.remove(nibble)
	}
	return n
}

// changeValue sets or deletes the value at n.
func (b *batch) changeValue(c child, n *node, change *Change) *node {
	var v value
	var detached []byte
	if !change.Delete {
		v, detached = b.trie.newValue(change.Value)
	}
	if n.value().equal(v) {
		return n
	}
	n = b.own(c, n)
	if n.kind == valueDetached && !n.pending.unstored {
		b.removed = append(b.removed, scale.Hash(n.data))
	}
	n.setValue(v, detached)
	return n
}

// normalize removes a changed node without keys, and joins a branch that only
// leads to one child with that child.
func (b *batch) normalize(c child, n *node) (child, outcome, error) {
	if n.kind != valueNone || len(n.children) > 1 {
		if c.held() != n {
			c = hold(n)
		}
		return c, changed, nil
	}
	if len(n.children) == 0 {
		return child{}, vanished, nil
	}
	nibble, last := n.only()
	lower, err := b.trie.load(&last)
	if err != nil {
		return c, unchanged, err
	}
	joined := b.own(last, lower)
	joined.partial = joinNibbles(n.partial, nibble, joined.partial)
	return hold(joined), changed, nil
}

func (b *batch) owns(n *node) bool { return n.pending != nil && n.pending.batch == b.origin }

// own returns n, which c refers to, if this batch made it, else a copy. If what
// the copy replaces is a record, that is noted.
func (b *batch) own(c child, n *node) *node {
	if b.owns(n) {
		return n
	}
	if n.pending == nil && c.hash != (scale.Hash{}) {
		b.removed = append(b.removed, c.hash)
		if c.cell != nil {
			b.replaced = append(b.replaced, c.cell)
		}
	}
	return n.copyFor(b.origin)
}
