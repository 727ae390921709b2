package trie

import (
	"bytes"
	"slices"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// OrderedRoot is the root of a list: its items under their compact-encoded
// indices. The extrinsics root of a block is one in layout 0, whatever the layout
// of the state.
func OrderedRoot(layout Layout, items [][]byte) (scale.Hash, error) {
	changes := make([]Change, len(items))
	for i, item := range items {
		var encoder scale.Encoder
		encoder.Compact(uint64(i))
		changes[i] = Change{Key: encoder.Encoded(), Value: item}
	}
	// Little-endian keys do not ascend with the index.
	slices.SortFunc(changes, func(a, b Change) int { return bytes.Compare(a.Key, b.Key) })
	t := Open(nil, EmptyRoot, Options{Layout: layout})
	if err := t.Apply(changes); err != nil {
		return scale.Hash{}, err
	}
	return t.Root(), nil
}
