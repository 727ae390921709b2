package trie

import (
	"math/bits"
	"sync/atomic"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Layout is the version of the trie's value format.
type Layout uint8

const (
	// Layout0 keeps every value inside its node.
	Layout0 Layout = 0
	// Layout1 detaches values of 33 bytes and more.
	Layout1 Layout = 1
)

const (
	// hashSize is in bytes; an encoding shorter than it is inline.
	hashSize = 32
	// detachedSize is the size in bytes from which layout 1 detaches a value
	// (TRIE_VALUE_NODE_THRESHOLD).
	detachedSize = 33
	// MaxKeySize bounds a key, in bytes.
	MaxKeySize = 4096
	// MaxValueSize bounds a value, in bytes: the runtime's code is the largest.
	MaxValueSize = 16 << 20
)

// EmptyRoot is the root of a trie without keys: the hash of the empty node.
var EmptyRoot = scale.Hash(hashing.Blake2_256([]byte{emptyNode}))

type valueKind uint8

const (
	valueNone     valueKind = iota
	valueInline             // data is the value
	valueDetached           // data is the value's hash
)

// value is what a node holds for the key that ends at it.
type value struct {
	kind valueKind
	data []byte
}

// node is a leaf (no children) or a branch. Once its pending part is nil it is
// shared by tries and changes no more, but for what it keeps in memory of
// records below it.
type node struct {
	partial  nibbles
	data     []byte  // of value
	children []child // in the order of the bits of bitmap
	pending  *pending
	detached atomic.Pointer[[]byte] // bytes of a detached value, when in memory
	bitmap   uint16                 // bit i: there is a child at nibble i
	kind     valueKind
}

// pending is what a node has while it belongs to one trie's uncommitted changes.
type pending struct {
	batch    *batch // the only one that changes the node in place; others copy it
	encoded  []byte // nil until the root is computed
	changed  uint16 // bit i: the child at nibble i is pending
	unstored bool   // the bytes of the detached value are not in the store yet
}

// child refers to a node: by its hash, or directly when it is inline or pending.
// A hash of zeros is none; a pending node has one only when it is encoded.
type child struct {
	hash scale.Hash
	cell *cell // nil: the node is in no memory and shall not be kept there
}

// cell is where all copies of a child find the node in memory.
type cell struct {
	node atomic.Pointer[node]
	used atomic.Uint32 // 1: read since the cache's hand passed

	// Under the lock of the cache:
	size   uint16 // as counted
	listed bool   // in the hand's ring
}

// hold makes the child that a node without hash is referred to by.
func hold(n *node) child {
	c := child{cell: &cell{}}
	c.cell.node.Store(n)
	return c
}

// held is the node in memory, or nil.
func (c *child) held() *node {
	if c.cell == nil {
		return nil
	}
	return c.cell.node.Load()
}

func (n *node) value() value { return value{kind: n.kind, data: n.data} }

// setValue writes the value of a pending node and the bytes to be stored with it.
func (n *node) setValue(v value, detached []byte) {
	n.kind, n.data = v.kind, v.data
	n.pending.unstored = detached != nil
	if detached == nil {
		n.detached.Store(nil)
	} else {
		n.detached.Store(&detached)
	}
}

// index is where nibble's child is, or would be, in children.
func (n *node) index(nibble byte) (int, bool) {
	below := n.bitmap & (1<<nibble - 1)
	return bits.OnesCount16(below), n.bitmap&(1<<nibble) != 0
}

// put sets a pending child at nibble, which may be taken, of a pending node.
func (n *node) put(nibble byte, c child) {
	i, taken := n.index(nibble)
	if !taken {
		n.children = append(n.children, child{})
		copy(n.children[i+1:], n.children[i:])
		n.bitmap |= 1 << nibble
	}
	n.children[i] = c
	n.pending.changed |= 1 << nibble
}

// remove takes away the child at nibble, which must exist, of a pending node.
func (n *node) remove(nibble byte) {
	i, _ := n.index(nibble)
	n.children = append(n.children[:i], n.children[i+1:]...)
	n.bitmap &^= 1 << nibble
	n.pending.changed &^= 1 << nibble
}

// only returns the single child of a branch that has just one.
func (n *node) only() (nibble byte, c child) {
	return byte(bits.TrailingZeros16(n.bitmap)), n.children[0]
}

// changedChildren calls visit with the pending children of a pending node.
func (n *node) changedChildren(visit func(c *child)) {
	for rest := n.pending.changed; rest != 0; rest &= rest - 1 {
		i, _ := n.index(byte(bits.TrailingZeros16(rest)))
		visit(&n.children[i])
	}
}

// copyFor is a copy of n that the batch may change.
func (n *node) copyFor(b *batch) *node {
	copied := &node{
		partial:  n.partial,
		data:     n.data,
		children: append(make([]child, 0, len(n.children)), n.children...),
		pending:  &pending{batch: b},
		bitmap:   n.bitmap,
		kind:     n.kind,
	}
	copied.detached.Store(n.detached.Load())
	if n.pending != nil {
		copied.pending.changed = n.pending.changed
		copied.pending.unstored = n.pending.unstored
	}
	return copied
}
