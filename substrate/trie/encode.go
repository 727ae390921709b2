package trie

import "github.com/bitcloak/bitcloak/substrate/scale"

// Node headers: the high bits of the first byte tell the kind of node, the rest
// starts the number of nibbles of the partial key
// (sp-trie, trie_constants and node_header).
const (
	emptyNode            = 0x00
	headerBranchDetached = 0x10 // 4 bits of length follow
	headerLeafDetached   = 0x20 // 5 bits
	headerLeaf           = 0x40 // 6 bits
	headerBranch         = 0x80 // 6 bits, no value
	headerBranchValue    = 0xc0 // 6 bits
)

// header is n's kind and the largest length that its first byte can hold.
func (n *node) header() (first, lengthMask byte) {
	switch {
	case n.bitmap == 0 && n.kind == valueDetached:
		return headerLeafDetached, 0x1f
	case n.bitmap == 0:
		return headerLeaf, 0x3f
	case n.kind == valueDetached:
		return headerBranchDetached, 0x0f
	case n.kind == valueInline:
		return headerBranchValue, 0x3f
	}
	return headerBranch, 0x3f
}

// appendNode appends n's encoding. Pending children must be encoded before.
func appendNode(e *scale.Encoder, n *node) {
	appendPartial(e, n)
	if n.bitmap != 0 {
		e.U16(n.bitmap)
	}
	switch n.kind {
	case valueInline:
		e.Bytes(n.data)
	case valueDetached:
		e.Raw(n.data)
	}
	for i := range n.children {
		appendChild(e, &n.children[i])
	}
}

// appendPartial appends the header and the partial key.
func appendPartial(e *scale.Encoder, n *node) {
	first, mask := n.header()
	length := n.partial.len()
	if length < int(mask) {
		e.U8(first | byte(length))
	} else {
		e.U8(first | mask)
		rest := length - int(mask)
		for ; rest >= 255; rest -= 255 {
			e.U8(255)
		}
		e.U8(byte(rest))
	}
	packed := n.partial.packed
	if n.partial.odd {
		e.U8(packed[0] & 0xf)
		packed = packed[1:]
	}
	e.Raw(packed)
}

func appendChild(e *scale.Encoder, c *child) {
	if c.hash != (scale.Hash{}) {
		e.Bytes(c.hash[:])
		return
	}
	if n := c.held(); n.pending != nil {
		e.Bytes(n.pending.encoded)
	} else {
		e.Bytes(encodeNode(n))
	}
}

// encodeNode is n's encoding in memory of its own.
func encodeNode(n *node) []byte {
	var e scale.Encoder
	appendNode(&e, n)
	return e.Encoded()
}
