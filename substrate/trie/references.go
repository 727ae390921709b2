package trie

import "github.com/bitcloak/bitcloak/substrate/scale"

// Reference is a record that an encoded node refers to.
type Reference struct {
	Hash  scale.Hash
	Value bool // a detached value, which refers to nothing; otherwise a node
}

// References are the records that an encoded node refers to, in the order of a
// walk: its own detached value, then the nodes below it. Inline nodes refer to
// none, being too short for a hash. Whoever starts at a root and reads only what
// was referred to, by its hash, reads the whole trie and nothing else, each record
// as often as there are places that hold it.
func References(node []byte) ([]Reference, error) {
	n, err := decodeNode(node)
	if err != nil {
		return nil, err
	}
	references := make([]Reference, 0, len(n.children)+1)
	if n.kind == valueDetached {
		references = append(references, Reference{Hash: scale.Hash(n.data), Value: true})
	}
	for i := range n.children {
		if hash := n.children[i].hash; hash != (scale.Hash{}) {
			references = append(references, Reference{Hash: hash})
		}
	}
	return references, nil
}
