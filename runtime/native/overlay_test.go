package native_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"pgregory.net/rapid"
)

// model is the overlay told simply: a stack of whole states.
type model struct{ states []map[string][]byte }

func (m *model) top() map[string][]byte { return m.states[len(m.states)-1] }

func (m *model) keys(prefix string) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(m.top())) {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// committed is a trie with some keys: plain values, and one sequence.
func committed(t testing.TB) (*trie.MemoryStore, scale.Hash, map[string][]byte) {
	t.Helper()
	state := map[string][]byte{
		"a": []byte("1"), "ab": {}, "b": bytes.Repeat([]byte{7}, 100), "c1": []byte("x"), "c2": []byte("y"),
		"list": scale.Vec(scale.U32, 8).Marshal([]uint32{1, 2}),
	}
	store := trie.NewMemoryStore()
	backend := native.NewTrieBackend(store, trie.EmptyRoot, trie.Options{})
	var changes []trie.Change
	for _, key := range slices.Sorted(maps.Keys(state)) {
		changes = append(changes, trie.Change{Key: []byte(key), Value: state[key]})
	}
	root := backend.Root(changes)
	store.Insert(backend.Commit())
	return store, root, state
}

func TestOverlayAgreesWithAModel(t *testing.T) {
	store, root, state := committed(t)
	names := []string{"a", "ab", "abc", "b", "c1", "c2", "c3", "list", "other", ""}
	rapid.Check(t, func(t *rapid.T) {
		overlay := native.NewOverlay(native.NewTrieBackend(store, root, trie.Options{}))
		m := &model{states: []map[string][]byte{maps.Clone(state)}}
		key := func() string { return rapid.SampledFrom(names).Draw(t, "key") }
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { compare(t, overlay, m, key()) },
			"set": func(t *rapid.T) {
				k, value := key(), rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value")
				if k == "list" {
					k = "a"
				}
				overlay.Set([]byte(k), value)
				m.top()[k] = value
			},
			"clear": func(t *rapid.T) {
				k := key()
				overlay.Clear([]byte(k))
				delete(m.top(), k)
			},
			"append": func(t *rapid.T) {
				n := rapid.Uint32().Draw(t, "element")
				overlay.Append([]byte("list"), scale.U32.Marshal(n))
				list := []uint32{}
				if old, exists := m.top()["list"]; exists {
					list, _ = scale.Vec(scale.U32, 1<<20).Unmarshal(old)
				}
				m.top()["list"] = scale.Vec(scale.U32, 1<<20).Marshal(append(list, n))
			},
			"clear prefix": func(t *rapid.T) {
				prefix, limit := rapid.SampledFrom([]string{"a", "c", "l", "z"}).Draw(t, "prefix"), rapid.Uint32Range(0, 3).Draw(t, "limit")
				removed, all := overlay.ClearPrefix([]byte(prefix), limit)
				keys := m.keys(prefix)
				gone := keys[:min(len(keys), int(limit))]
				if int(removed) != len(gone) || all != (len(gone) == len(keys)) {
					t.Fatalf("removed %d, all %v of %q with limit %d", removed, all, keys, limit)
				}
				for _, k := range gone {
					delete(m.top(), k)
				}
			},
			"begin": func(*rapid.T) {
				overlay.Begin()
				m.states = append(m.states, maps.Clone(m.top()))
			},
			"commit": func(t *rapid.T) {
				if len(m.states) == 1 {
					t.Skip("no transaction")
				}
				overlay.Commit()
				m.states = append(m.states[:len(m.states)-2], m.top())
			},
			"rollback": func(t *rapid.T) {
				if len(m.states) == 1 {
					t.Skip("no transaction")
				}
				overlay.Rollback()
				m.states = m.states[:len(m.states)-1]
			},
		})
	})
}

// compare reads one key, walks all and computes the root.
func compare(t *rapid.T, overlay *native.Overlay, m *model, key string) {
	value, exists := overlay.Get([]byte(key))
	want, expected := m.top()[key]
	if exists != expected || !bytes.Equal(value, want) || overlay.Exists([]byte(key)) != expected {
		t.Fatalf("%q is %x (%v), want %x (%v)", key, value, exists, want, expected)
	}
	var walked []string
	if overlay.Exists(nil) {
		walked = append(walked, "")
	}
	at := []byte{}
	for {
		next, found := overlay.NextKey(at)
		if !found {
			break
		}
		walked = append(walked, string(next))
		at = next
	}
	if fmt.Sprint(walked) != fmt.Sprint(m.keys("")) {
		t.Fatalf("walked %q, want %q", walked, m.keys(""))
	}
	var all []trie.Change
	for _, k := range m.keys("") {
		all = append(all, trie.Change{Key: []byte(k), Value: m.top()[k]})
	}
	fresh := native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{})
	if got, want := overlay.StorageRoot(), fresh.Root(all); got != want {
		t.Fatalf("root %s, want %s", got, want)
	}
}

func TestCommitLeavesTheStateOnDisk(t *testing.T) {
	store, root, _ := committed(t)
	backend := native.NewTrieBackend(store, root, trie.Options{})
	overlay := native.NewOverlay(backend)
	overlay.Set([]byte("new"), []byte("value"))
	overlay.Clear([]byte("b"))
	next := overlay.StorageRoot()
	store.Insert(backend.Commit())
	reread := native.NewOverlay(native.NewTrieBackend(store, next, trie.Options{}))
	if value, exists := reread.Get([]byte("new")); !exists || string(value) != "value" {
		t.Fatal("the new value is not there")
	}
	if reread.Exists([]byte("b")) {
		t.Fatal("the cleared value is there")
	}
}

func TestMisuseAndDamageStop(t *testing.T) {
	store, root, _ := committed(t)
	overlay := func() *native.Overlay {
		return native.NewOverlay(native.NewTrieBackend(store, root, trie.Options{}))
	}
	missing := native.NewOverlay(native.NewTrieBackend(store, scale.Hash{1}, trie.Options{}))
	for name, f := range map[string]func(){
		"commit without begin":      func() { overlay().Commit() },
		"rollback without begin":    func() { overlay().Rollback() },
		"append to what is no list": func() { o := overlay(); o.Set([]byte("v"), nil); o.Append([]byte("v"), nil) },
		"state that is not there":   func() { missing.Get([]byte("a")) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("it went on")
				}
			}()
			f()
		})
	}
}
