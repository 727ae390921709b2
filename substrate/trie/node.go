package trie

import (
	"math/bits"

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
// shared and never changes again.
type node struct {
	partial  nibbles
	data     []byte  // of value
	children []child // in the order of the bits of bitmap
	pending  *pending
	bitmap   uint16 // bit i: there is a child at nibble i
	kind     valueKind
}

// pending is what a node has while it belongs to one trie's uncommitted changes.
type pending struct {
	batch    *batch // the only one that changes the node in place; others copy it
	encoded  []byte // nil until the root is computed
	detached []byte // the bytes of a detached value that is not stored yet
}

// child is a reference to a node: the node itself when it is inline or pending,
// else its hash. The hash of a pending node is valid while it is encoded.
type child struct {
	node *node
	hash scale.Hash
}

func (n *node) value() value { return value{kind: n.kind, data: n.data} }

// index is where nibble's child is, or would be, in children.
func (n *node) index(nibble byte) (int, bool) {
	below := n.bitmap & (1<<nibble - 1)
	return bits.OnesCount16(below), n.bitmap&(1<<nibble) != 0
}

// set puts a child at nibble, which may be taken.
func (n *node) set(nibble byte, c child) {
	i, taken := n.index(nibble)
	if !taken {
		n.children = append(n.children, child{})
		copy(n.children[i+1:], n.children[i:])
		n.bitmap |= 1 << nibble
	}
	n.children[i] = c
}

// unset removes the child at nibble, which must be taken.
func (n *node) unset(nibble byte) {
	i, _ := n.index(nibble)
	n.children = append(n.children[:i], n.children[i+1:]...)
	n.bitmap &^= 1 << nibble
}

// only returns the single child of a branch that has just one.
func (n *node) only() (nibble byte, c child) {
	return byte(bits.TrailingZeros16(n.bitmap)), n.children[0]
}

// setValue writes the value of a pending node and the bytes that go with it.
func (n *node) setValue(v value, detached []byte) {
	n.kind, n.data, n.pending.detached = v.kind, v.data, detached
}
