package trie

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"pgregory.net/rapid"
)

// modelRoot computes the root of a map by the definition alone: no deletion, no
// splitting, no cache, nothing of this package but its constants.
func modelRoot(layout Layout, state map[string]string) scale.Hash {
	if len(state) == 0 {
		return hashing.Blake2_256([]byte{0})
	}
	var keys []string
	for key := range state {
		var path []byte
		for _, b := range []byte(key) {
			path = append(path, b>>4, b&15)
		}
		keys = append(keys, string(path))
	}
	slices.Sort(keys)
	return hashing.Blake2_256(modelNode(layout, state, keys, 0))
}

// modelNode encodes the node over sorted nibble paths that agree up to depth.
func modelNode(layout Layout, state map[string]string, keys []string, depth int) []byte {
	first, last := keys[0], keys[len(keys)-1]
	end := depth
	for end < len(first) && end < len(last) && first[end] == last[end] {
		end++
	}
	var data *string
	if len(first) == end {
		packed := make([]byte, len(first)/2)
		for i := range packed {
			packed[i] = first[2*i]<<4 | first[2*i+1]
		}
		found := state[string(packed)]
		data, keys = &found, keys[1:]
	}
	detached := data != nil && layout == Layout1 && len(*data) > 32
	out := modelHeader(len(keys) == 0, data != nil, detached, first[depth:end])
	var children []byte
	var bitmap uint16
	for len(keys) > 0 {
		size := 1
		for size < len(keys) && keys[size][end] == keys[0][end] {
			size++
		}
		bitmap |= 1 << keys[0][end]
		encoded := modelNode(layout, state, keys[:size], end+1)
		if len(encoded) >= 32 {
			hash := hashing.Blake2_256(encoded)
			encoded = hash[:]
		}
		children = append(append(children, byte(len(encoded))<<2), encoded...)
		keys = keys[size:]
	}
	if bitmap != 0 {
		out = append(out, byte(bitmap), byte(bitmap>>8))
	}
	if detached {
		hash := hashing.Blake2_256([]byte(*data))
		out = append(out, hash[:]...)
	} else if data != nil {
		e := scale.NewEncoder(out)
		e.Bytes([]byte(*data))
		out = e.Encoded()
	}
	return append(out, children...)
}

func modelHeader(isLeaf, hasValue, detached bool, partial string) []byte {
	kind, space := byte(0x80), 63
	switch {
	case isLeaf && detached:
		kind, space = 0x20, 31
	case isLeaf:
		kind = 0x40
	case detached:
		kind, space = 0x10, 15
	case hasValue:
		kind = 0xc0
	}
	var out []byte
	if len(partial) < space {
		out = append(out, kind|byte(len(partial)))
	} else {
		out = append(out, kind|byte(space))
		rest := len(partial) - space
		for rest >= 255 {
			out = append(out, 255)
			rest -= 255
		}
		out = append(out, byte(rest))
	}
	if len(partial)%2 == 1 {
		out, partial = append(out, partial[0]), partial[1:]
	}
	for i := 0; i < len(partial); i += 2 {
		out = append(out, partial[i]<<4|partial[i+1])
	}
	return out
}

// drawKey draws keys that share prefixes often and are sometimes long.
func drawKey(t *rapid.T) []byte {
	key := rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 0x10, 0x11, 0xff}), 0, 4).Draw(t, "key")
	if rapid.IntRange(0, 5).Draw(t, "long") == 0 {
		key = append(key, bytes.Repeat([]byte{0xab}, rapid.IntRange(6, 200).Draw(t, "tail"))...)
	}
	return key
}

// drawValue draws values around the size at which they are detached, few enough
// that equal nodes occur in several places.
func drawValue(t *rapid.T) []byte {
	size := rapid.SampledFrom([]int{0, 1, 2, 30, 31, 32, 33, 34, 64, 300}).Draw(t, "size")
	return bytes.Repeat([]byte{rapid.SampledFrom([]byte{0, 7}).Draw(t, "fill")}, size)
}

// machine drives a trie over a counting store beside a map.
type machine struct {
	layout  Layout
	cache   *Cache
	store   *MemoryStore
	trie    *Trie
	state   map[string]string
	kept    []snapshot  // roots not yet left behind, the oldest first
	pending []ChangeSet // commits between them
}

type snapshot struct {
	root  scale.Hash
	state map[string]string
}

func newMachine(t *rapid.T) *machine {
	m := &machine{
		layout: Layout(rapid.IntRange(0, 1).Draw(t, "layout")),
		store:  NewMemoryStore(),
		state:  map[string]string{},
	}
	switch rapid.IntRange(0, 2).Draw(t, "cache") {
	case 1:
		m.cache = NewCache(2000) // far too small: nodes come and go
	case 2:
		m.cache = NewCache(1 << 20)
	}
	m.kept = []snapshot{{EmptyRoot, map[string]string{}}}
	m.trie = Open(m.store, EmptyRoot, m.options())
	return m
}

func (m *machine) options() Options { return Options{Layout: m.layout, Cache: m.cache} }

func (m *machine) apply(t *rapid.T) {
	byKey := map[string]Change{}
	for range rapid.IntRange(1, 12).Draw(t, "changes") {
		key := drawKey(t)
		if rapid.Bool().Draw(t, "existing") && len(m.state) > 0 {
			key = []byte(rapid.SampledFrom(slices.Sorted(maps.Keys(m.state))).Draw(t, "pick"))
		}
		change := Change{Key: key, Delete: rapid.Bool().Draw(t, "delete")}
		if !change.Delete {
			change.Value = drawValue(t)
		}
		byKey[string(key)] = change
	}
	var changes []Change
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		change := byKey[key]
		changes = append(changes, change)
		if change.Delete {
			delete(m.state, key)
		} else {
			m.state[key] = string(change.Value)
		}
	}
	if err := m.trie.Apply(changes); err != nil {
		t.Fatal(err)
	}
	for _, change := range changes { // the trie keeps nothing of what it was given
		clear(change.Key)
		clear(change.Value)
	}
}

func (m *machine) clearPrefix(t *rapid.T) {
	prefix := drawKey(t)
	limit := rapid.IntRange(-1, 3).Draw(t, "limit")
	deleted, more, err := m.trie.ClearPrefix(prefix, limit)
	if err != nil {
		t.Fatal(err)
	}
	matching := 0
	for _, key := range slices.Sorted(maps.Keys(m.state)) {
		if bytes.HasPrefix([]byte(key), prefix) {
			if limit < 0 || matching < limit {
				delete(m.state, key)
			}
			matching++
		}
	}
	want := matching
	if limit >= 0 {
		want = min(limit, matching)
	}
	if deleted != want || more != (matching > want) {
		t.Fatalf("ClearPrefix(%x, %d) of %d keys: %d deleted, more %v", prefix, limit, matching, deleted, more)
	}
}

func (m *machine) commit(t *rapid.T) {
	set := m.trie.Commit()
	if set.OldRoot != m.kept[len(m.kept)-1].root {
		t.Fatal("commit does not continue the last root")
	}
	m.store.Insert(set)
	m.kept = append(m.kept, snapshot{set.NewRoot, maps.Clone(m.state)})
	m.pending = append(m.pending, set)
	if rapid.Bool().Draw(t, "reopen") {
		m.trie = Open(m.store, set.NewRoot, m.options())
	}
}

// abandon throws changes away, and sometimes the newest root with them.
func (m *machine) abandon(t *rapid.T) {
	m.trie.Root()
	last := len(m.kept) - 1
	if rapid.Bool().Draw(t, "fork") && last > 0 {
		m.store.Discard(m.pending[last-1])
		m.kept, m.pending = m.kept[:last], m.pending[:last-1]
		last--
	}
	m.state = maps.Clone(m.kept[last].state)
	m.trie = Open(m.store, m.kept[last].root, m.options())
}

func (m *machine) prune() {
	if len(m.kept) > 1 {
		m.store.Prune(m.pending[0])
		m.kept, m.pending = m.kept[1:], m.pending[1:]
	}
}

// check compares everything that can be read, at the working state and at every
// kept root, with the maps.
func (m *machine) check(t *rapid.T) {
	if got, want := m.trie.Root(), modelRoot(m.layout, m.state); got != want {
		t.Fatalf("root %s, want %s for %q", got, want, m.state)
	}
	checkReads(t, m.trie, m.state)
	reachable := map[scale.Hash]bool{}
	for _, s := range m.kept {
		old := Open(m.store, s.root, Options{Layout: m.layout})
		checkReads(t, old, s.state)
		collectRecords(t, old, reachable)
	}
	if m.store.Len() != len(reachable) {
		t.Fatalf("store holds %d records, the kept roots need %d", m.store.Len(), len(reachable))
	}
}

func checkReads(t *rapid.T, tr *Trie, state map[string]string) {
	keys := slices.Sorted(maps.Keys(state))
	i := 0
	err := tr.WalkValues(nil, nil, func(key, value []byte) bool {
		if i == len(keys) || string(key) != keys[i] || string(value) != state[keys[i]] {
			t.Fatalf("walk: key %d is %x", i, key)
		}
		i++
		return true
	})
	if err != nil || i != len(keys) {
		t.Fatalf("walk: %d of %d keys, %v", i, len(keys), err)
	}
	for i, key := range keys {
		value, found, err := tr.Get([]byte(key))
		if err != nil || !found || value == nil || string(value) != state[key] {
			t.Fatalf("Get(%x) = %x, %v, %v", key, value, found, err)
		}
		next, found, err := tr.NextKey([]byte(key))
		if err != nil || found != (i+1 < len(keys)) || found && string(next) != keys[i+1] {
			t.Fatalf("NextKey(%x) = %x, %v, %v", key, next, found, err)
		}
	}
	absent := drawKey(t)
	_, exists := state[string(absent)]
	if _, found, err := tr.Get(absent); err != nil || found != exists {
		t.Fatalf("Get(%x): found %v, %v", absent, found, err)
	}
	checkPage(t, tr, keys)
}

func checkPage(t *rapid.T, tr *Trie, keys []string) {
	prefix, after := drawKey(t), drawKey(t)
	if rapid.Bool().Draw(t, "inside") {
		after = append(slices.Clone(prefix), after...)
	}
	limit := rapid.IntRange(0, 3).Draw(t, "page")
	var want []string
	for _, key := range keys {
		if bytes.HasPrefix([]byte(key), prefix) && bytes.Compare([]byte(key), after) > 0 && len(want) < limit {
			want = append(want, key)
		}
	}
	got, err := tr.Keys(prefix, after, limit)
	if err != nil || len(got) != len(want) {
		t.Fatalf("Keys(%x, %x, %d) = %x, %v, want %x", prefix, after, limit, got, err, want)
	}
	for i := range got {
		if string(got[i]) != want[i] {
			t.Fatalf("Keys(%x, %x, %d) = %x, want %x", prefix, after, limit, got, want)
		}
	}
}

// collectRecords notes every record that tr's root leads to.
func collectRecords(t *rapid.T, tr *Trie, seen map[scale.Hash]bool) {
	if tr.empty {
		return
	}
	var visit func(c *child)
	visit = func(c *child) {
		n, err := tr.load(c)
		if err != nil {
			t.Fatal(err)
		}
		if c.hash != (scale.Hash{}) {
			seen[c.hash] = true
		}
		if n.kind == valueDetached {
			seen[scale.Hash(n.data)] = true
		}
		for i := range n.children {
			visit(&n.children[i])
		}
	}
	visit(&tr.root)
}

func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		t.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"apply":   m.apply,
			"clear":   m.clearPrefix,
			"commit":  m.commit,
			"abandon": m.abandon,
			"prune":   func(*rapid.T) { m.prune() },
		})
	})
}
