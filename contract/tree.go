package contract

import (
	"math/bits"
	"slices"

	"github.com/bitcloak/bitcloak/wire"
)

// tree is the Merkle tree of the leaf hashes: levels[0] holds them, levels[n+1]
// the parents of levels[n], as long as a level has more than one node. Above the
// single node on top, every left neighbour's sibling is an empty subtree.
type tree struct {
	levels [wire.TreeDepth + 1][]wire.Hash
	empty  [wire.TreeDepth + 1]wire.Hash
}

func newTree() tree { return tree{empty: wire.EmptySubtrees()} }

// hashLeaves brings the tree up to date with the leaves changed in this
// checkpoint; the cost is that of the changed paths, each node hashed once.
func (c *Contract) hashLeaves() {
	l := &c.ledger
	l.indexes = l.indexes[:0]
	for i := range l.changed {
		l.indexes = append(l.indexes, l.changed[i].leaf)
	}
	l.changed = l.changed[:0]
	slices.Sort(l.indexes)
	for _, index := range l.indexes {
		full := c.fullLeaf(index)
		l.tree.set(0, index, full.Hash())
	}
	l.tree.update(l.indexes)
}

// fullLeaf is a leaf as it is hashed and shown to its owner.
func (c *Contract) fullLeaf(index uint32) wire.Leaf {
	v := &c.ledger.leaves[index]
	return wire.Leaf{
		Version: wire.LeafVersion, Account: c.accounts.list[v.account].id, Asset: c.ledger.assets[v.asset].id,
		Available: v.available, Held: v.held, Blinding: c.blinding(index, v.changed),
	}
}

// set writes a node; nodes come in ascending order, so a level grows by one at a time.
func (t *tree) set(level int, index uint32, hash wire.Hash) {
	if int(index) == len(t.levels[level]) {
		t.levels[level] = append(t.levels[level], hash)
		return
	}
	t.levels[level][index] = hash
}

// update hashes the ancestors of the leaves at the given ascending indexes, which
// it overwrites.
func (t *tree) update(indexes []uint32) {
	for level := 0; len(t.levels[level]) > 1; level++ {
		parents := indexes[:0]
		for _, index := range indexes {
			parent := index >> 1
			if len(parents) > 0 && parents[len(parents)-1] == parent {
				continue
			}
			parents = append(parents, parent)
			t.set(level+1, parent, wire.NodeHash(t.node(level, parent<<1), t.node(level, parent<<1|1)))
		}
		indexes = parents
	}
}

// node is a node of a level, or the empty subtree beyond its end.
func (t *tree) node(level int, index uint32) *wire.Hash {
	if uint64(index) < uint64(len(t.levels[level])) {
		return &t.levels[level][index]
	}
	return &t.empty[level]
}

// height is the level of the single node on top.
func (t *tree) height() int { return bits.Len(uint(max(len(t.levels[0]), 1) - 1)) }

// root is the root of the tree of 32 levels.
func (t *tree) root() wire.Hash {
	level := t.height()
	root := *t.node(level, 0)
	for ; level < wire.TreeDepth; level++ {
		root = wire.NodeHash(&root, &t.empty[level])
	}
	return root
}

// siblings is the path of a leaf upwards, without trailing empty subtrees.
func (t *tree) siblings(index uint32) []wire.Hash {
	height := t.height()
	path := make([]wire.Hash, 0, height)
	for level := range height {
		path = append(path, *t.node(level, index>>level^1))
	}
	for len(path) > 0 && path[len(path)-1] == t.empty[len(path)-1] {
		path = path[:len(path)-1]
	}
	return path
}
