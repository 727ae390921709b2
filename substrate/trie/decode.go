package trie

import (
	"math/bits"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// decodeNode reads an encoded node, which it keeps and never changes. It accepts
// only what appendNode can write for a trie's node: one form for each node, no
// trailing bytes, no branch that would have been merged with its only child.
// The empty node is no node: a trie has it only as the empty root.
func decodeNode(encoded []byte) (*node, error) {
	var d scale.Decoder
	d.Reset(encoded)
	n, isBranch, err := decodePartial(&d)
	if err != nil {
		return nil, err
	}
	if isBranch {
		if n.bitmap = d.U16(); n.bitmap == 0 && d.Err() == nil {
			return nil, ErrNode
		}
	}
	switch n.kind {
	case valueInline:
		n.data = d.BytesView(MaxValueSize)
	case valueDetached:
		n.data = d.View(hashSize)
	}
	if isBranch {
		if err := decodeChildren(&d, n); err != nil {
			return nil, err
		}
	}
	if d.Finish() != nil {
		return nil, ErrNode
	}
	return n, nil
}

// decodePartial reads the header and the partial key into a new node.
func decodePartial(d *scale.Decoder) (n *node, isBranch bool, err error) {
	first := d.U8()
	n = &node{}
	mask := byte(0x3f)
	switch {
	case first >= headerBranchValue:
		isBranch, n.kind = true, valueInline
	case first >= headerBranch:
		isBranch = true
	case first >= headerLeaf:
		n.kind = valueInline
	case first >= headerLeafDetached:
		n.kind, mask = valueDetached, 0x1f
	case first >= headerBranchDetached:
		isBranch, n.kind, mask = true, valueDetached, 0x0f
	default:
		return nil, false, ErrNode
	}
	length := int(first & mask)
	if first&mask == mask {
		for {
			more := d.U8()
			length += int(more)
			if length > 2*MaxKeySize {
				return nil, false, ErrNode
			}
			if more != 255 {
				break
			}
		}
	}
	n.partial = nibbles{packed: d.View((length + 1) / 2), odd: length%2 == 1}
	if d.Err() != nil || n.partial.odd && n.partial.packed[0] > 0xf {
		return nil, false, ErrNode
	}
	return n, isBranch, nil
}

// decodeChildren reads the children named by n's bitmap. A child that is not a
// hash is an inline node, so shorter than 32 bytes: the recursion is at most a
// few levels deep.
func decodeChildren(d *scale.Decoder, n *node) error {
	count := bits.OnesCount16(n.bitmap)
	if count == 1 && n.kind == valueNone {
		return ErrNode
	}
	n.children = make([]child, count)
	for i := range n.children {
		reference := d.BytesView(hashSize)
		if d.Err() != nil {
			return ErrNode
		}
		if len(reference) == hashSize {
			n.children[i].hash = scale.Hash(reference)
			if n.children[i].hash == (scale.Hash{}) {
				return ErrNode // nothing is known to hash to it; here it means "no hash"
			}
			continue
		}
		inline, err := decodeNode(reference)
		if err != nil {
			return err
		}
		n.children[i] = hold(inline)
	}
	return nil
}
