package trie

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const benchKeys = 1_000_000

// benchKey looks like an account's: 32 bytes of prefix, a hash, the account.
func benchKey(i int) []byte {
	var account [32]byte
	binary.LittleEndian.PutUint64(account[:], uint64(i))
	prefix := hashing.StoragePrefix("System", "Account")
	return hashing.AppendBlake2_128Concat(prefix[:], account[:])
}

type benchState struct {
	store *MemoryStore
	root  scale.Hash
	cache *Cache
}

// millionKeys is built once for all benchmarks.
var millionKeys = sync.OnceValue(func() benchState {
	state := benchState{store: NewMemoryStore(), cache: NewCache(2 << 30)}
	changes := make([]Change, benchKeys)
	for i := range changes {
		changes[i] = Change{Key: benchKey(i), Value: benchValue(uint64(i))}
	}
	sortChanges(changes)
	t := Open(state.store, EmptyRoot, Options{Layout: Layout1, Cache: state.cache, Parallel: 2})
	if err := t.Apply(changes); err != nil {
		panic(err)
	}
	set := t.Commit()
	state.store.Insert(set)
	state.root = set.NewRoot
	return state
})

// benchValue has the size of an AccountInfo.
func benchValue(n uint64) []byte {
	return binary.LittleEndian.AppendUint64(make([]byte, 72, 80), n)
}

func sortChanges(changes []Change) {
	slices.SortFunc(changes, func(a, b Change) int { return bytes.Compare(a.Key, b.Key) })
}

func randomChanges(random *rand.Rand, count int) []Change {
	changes := make([]Change, 0, count)
	for _, i := range random.Perm(benchKeys)[:count] {
		changes = append(changes, Change{Key: benchKey(i), Value: benchValue(random.Uint64())})
	}
	sortChanges(changes)
	return changes
}

func benchmarkBlock(b *testing.B, updates int, parallel int) {
	state := millionKeys()
	random := rand.New(rand.NewPCG(1, 2))
	root := state.root
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		changes := randomChanges(random, updates)
		b.StartTimer()
		t := Open(state.store, root, Options{Layout: Layout1, Cache: state.cache, Parallel: parallel})
		if err := t.Apply(changes); err != nil {
			b.Fatal(err)
		}
		set := t.Commit()
		b.StopTimer()
		state.store.Insert(set)
		root = set.NewRoot
		b.StartTimer()
	}
}

func BenchmarkBlock4000Of1M(b *testing.B)         { benchmarkBlock(b, 4000, 0) }
func BenchmarkBlock4000Of1MParallel(b *testing.B) { benchmarkBlock(b, 4000, 2) }

func BenchmarkGetOf1M(b *testing.B) {
	state := millionKeys()
	t := Open(state.store, state.root, Options{Layout: Layout1, Cache: state.cache})
	random := rand.New(rand.NewPCG(3, 4))
	keys := make([][]byte, 1<<14)
	for i := range keys {
		keys[i] = benchKey(random.IntN(benchKeys))
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if _, found, err := t.Get(keys[i%len(keys)]); err != nil || !found {
			b.Fatal(found, err)
		}
		i++
	}
}

func BenchmarkProveOf1M(b *testing.B) {
	state := millionKeys()
	t := Open(state.store, state.root, Options{Layout: Layout1, Cache: state.cache})
	key := benchKey(12345)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Prove(key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyOf1M(b *testing.B) {
	state := millionKeys()
	t := Open(state.store, state.root, Options{Layout: Layout1, Cache: state.cache})
	key := benchKey(12345)
	proof, err := t.Prove(key)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, found, err := Verify(state.root, proof, key); err != nil || !found {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkOrderedRoot10000(b *testing.B) {
	items := make([][]byte, 10000)
	for i := range items {
		items[i] = bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 70)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := OrderedRoot(Layout0, items); err != nil {
			b.Fatal(err)
		}
	}
}
