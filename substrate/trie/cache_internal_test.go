package trie

import (
	"encoding/binary"
	"testing"
)

// A cache with room for everything does not remember what each commit has replaced.
func TestCacheForgetsReplacedNodes(t *testing.T) {
	cache, store := NewCache(1<<30), NewMemoryStore()
	root := EmptyRoot
	most := 0
	for round := range uint64(4_000) {
		tr := Open(store, root, Options{Layout: Layout1, Cache: cache})
		var changes []Change
		for key := range uint64(4) { // keys far apart, always the same ones
			changes = append(changes, Change{Key: binary.BigEndian.AppendUint64(nil, key<<61), Value: binary.BigEndian.AppendUint64(nil, round)})
		}
		if err := tr.Apply(changes); err != nil {
			t.Fatal(err)
		}
		store.Insert(tr.Commit())
		root = tr.Root()
		most = max(most, len(cache.ring))
	}
	if most > 2*minSweep {
		t.Errorf("the ring grew to %d cells for a trie of some ten nodes", most)
	}
	value, found, err := Open(store, root, Options{Cache: cache}).Get(binary.BigEndian.AppendUint64(nil, 3<<61))
	if err != nil || !found || binary.BigEndian.Uint64(value) != 3_999 {
		t.Errorf("value %x, %v, %v", value, found, err)
	}
	alive := 0
	for _, at := range cache.ring {
		if at.node.Load() != nil {
			alive++
		}
		if !at.listed {
			t.Fatal("a cell in the ring is not listed")
		}
	}
	if alive == 0 || alive > 50*recentRoots {
		t.Errorf("%d nodes are alive", alive)
	}
}
