package trie

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// A failure is found again by running the test again.
func init() {
	if err := flag.Set("rapid.seed", "20260722"); err != nil {
		panic(err)
	}
}

// Roots that smoldot computed of lists whose item i is i%150 bytes of i%256.
func TestOrderedRoot(t *testing.T) {
	for _, test := range []struct {
		count   int
		layout0 string
		layout1 string
	}{
		{0, "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314", "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314"},
		{1, "0x8077a6c7a347a74bf93a813cad4edc5e1b53566593dac5e6b19f7b48c365842b", "0x8077a6c7a347a74bf93a813cad4edc5e1b53566593dac5e6b19f7b48c365842b"},
		{2, "0xa0f0213cc3a0d5405986eeabd800a7a26bc58e8558d706be25bc312dfc936915", "0xa0f0213cc3a0d5405986eeabd800a7a26bc58e8558d706be25bc312dfc936915"},
		{64, "0x26bdf5ba350ae7af2a4d1a7f95a2a8450d1763b73200b26440d8701c898421b7", "0x48eec42616f02a18e028a3503c5fdc2ba3330f2e84672e1d3e0a7efd45ede1c9"},
		{65, "0xc5971f69ff2afb94aa97b52978aecab6f67f14acb92821cdbc2161e00108ec43", "0xb213018e459ea63d1b325a06567599497e495b9f98ba47176070fbf252047c90"},
		{300, "0x12623506a814941548bb4ca72e3e2d8a521061dae93c41ccb0b9b947848dc075", "0x740c3847df741fee6ec1985d8160e8eda8199d768091e27e3361395a20ec545a"},
	} {
		items := make([][]byte, test.count)
		for i := range items {
			items[i] = bytes.Repeat([]byte{byte(i)}, i%150)
		}
		for layout, want := range map[Layout]string{Layout0: test.layout0, Layout1: test.layout1} {
			root, err := OrderedRoot(layout, items)
			if err != nil || root.String() != want {
				t.Errorf("%d items, layout %d: %s, %v, want %s", test.count, layout, root, err, want)
			}
		}
	}
	if _, err := OrderedRoot(Layout0, [][]byte{make([]byte, MaxValueSize+1)}); !errors.Is(err, ErrValueSize) {
		t.Errorf("too large an item: %v", err)
	}
}

func TestRefusedChanges(t *testing.T) {
	a, b := Change{Key: []byte{1}}, Change{Key: []byte{2}}
	for name, test := range map[string]struct {
		changes []Change
		want    error
	}{
		"descending":      {[]Change{b, a}, ErrUnsorted},
		"one key twice":   {[]Change{a, a}, ErrUnsorted},
		"key too long":    {[]Change{{Key: make([]byte, MaxKeySize+1)}}, ErrKeySize},
		"value too large": {[]Change{{Value: make([]byte, MaxValueSize+1)}}, ErrValueSize},
	} {
		tr := Open(nil, EmptyRoot, Options{})
		if err := tr.Apply(test.changes); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if tr.Root() != EmptyRoot {
			t.Errorf("%s: the trie changed", name)
		}
	}
	tr := Open(nil, EmptyRoot, Options{})
	put(t, tr, bytes.Repeat([]byte{0xab}, MaxKeySize), []byte("longest"))
	put(t, tr, bytes.Repeat([]byte{0xab}, MaxKeySize-1), []byte("second"))
	store := NewMemoryStore()
	set := tr.Commit()
	store.Insert(set)
	value, found, err := Open(store, set.NewRoot, Options{}).Get(bytes.Repeat([]byte{0xab}, MaxKeySize))
	if err != nil || !found || string(value) != "longest" {
		t.Errorf("the longest key: %q, %v, %v", value, found, err)
	}
	if _, found, err := tr.Get(make([]byte, MaxKeySize+1)); found || err != nil {
		t.Errorf("a key too long to exist: %v, %v", found, err)
	}
}

// faultyStore loses or damages one record.
type faultyStore struct {
	*MemoryStore
	lost, damaged scale.Hash
}

func (s faultyStore) Get(hash scale.Hash) ([]byte, error) {
	data, err := s.MemoryStore.Get(hash)
	switch hash {
	case s.lost:
		return nil, ErrNotFound
	case s.damaged:
		data = append(bytes.Clone(data[:len(data)-1]), data[len(data)-1]^1)
	}
	return data, err
}

// Whichever record is missing or damaged: what does not need it works, what
// needs it fails with the cause, and a failed batch changes nothing.
func TestFaultyStore(t *testing.T) {
	tr, root := provenState(t)
	set := tr.Commit()
	store := NewMemoryStore()
	store.Insert(set)
	var changes []Change
	for _, key := range testKeys() {
		changes = append(changes, Change{Key: key, Value: []byte("changed")})
	}
	sortChanges(changes)
	for i, record := range set.Inserted {
		for _, faulty := range []faultyStore{
			{MemoryStore: store, lost: record.Hash},
			{MemoryStore: store, damaged: record.Hash},
		} {
			want := ErrNotFound
			if faulty.damaged == record.Hash {
				want = ErrCorrupt
			}
			opened := Open(faulty, root, Options{Layout: Layout1, Parallel: i % 3})
			err := opened.WalkValues(nil, nil, func(_, _ []byte) bool { return true })
			var where *RecordError
			if !errors.Is(err, want) || !errors.As(err, &where) || where.Hash != record.Hash {
				t.Fatalf("record %d: %v, want %v", i, err, want)
			}
			if err := opened.Apply(changes); err != nil && (!errors.Is(err, want) || opened.Root() != root) {
				t.Fatalf("record %d: %v, root %s", i, err, opened.Root())
			}
		}
	}
	if _, _, err := Open(nil, root, Options{}).Get([]byte{1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no store: %v", err)
	}
}

func TestMalformedRecord(t *testing.T) {
	store := NewMemoryStore()
	store.records[EmptyRoot] = counted{data: []byte{0}, count: 1}
	tr := Open(store, EmptyRoot, Options{})
	tr.empty = false // as a branch that refers to the empty node would lead there
	if _, _, err := tr.Get([]byte{1}); !errors.Is(err, ErrNode) {
		t.Errorf("the empty node inside a trie: %v", err)
	}
}

// One subtree at two places is inserted twice, and survives the removal of one.
func TestRepeatedSubtrees(t *testing.T) {
	store := NewMemoryStore()
	tr := Open(store, EmptyRoot, Options{Layout: Layout1})
	value := bytes.Repeat([]byte("v"), 40)
	for _, place := range []byte{0x10, 0x20} {
		for i := range byte(3) {
			put(t, tr, []byte{place, i << 4, 1, 2, 3}, value)
		}
	}
	first := tr.Commit()
	store.Insert(first)
	counts := map[scale.Hash]int{}
	for _, record := range first.Inserted {
		counts[record.Hash]++
	}
	if len(counts) == len(first.Inserted) {
		t.Fatal("no record occurs twice: the test has lost its subject")
	}
	if _, _, err := tr.ClearPrefix([]byte{0x10}, -1); err != nil {
		t.Fatal(err)
	}
	second := tr.Commit()
	store.Insert(second)
	store.Prune(first) // the empty root is left behind
	store.Prune(second)
	reopened := Open(store, second.NewRoot, Options{Layout: Layout1})
	for i := range byte(3) {
		got, found, err := reopened.Get([]byte{0x20, i << 4, 1, 2, 3})
		if err != nil || !found || !bytes.Equal(got, value) {
			t.Errorf("key %d: %x, %v, %v", i, got, found, err)
		}
	}
	if _, _, err := Open(store, first.NewRoot, Options{}).Get([]byte{0x10}); !errors.Is(err, ErrNotFound) {
		t.Errorf("the pruned root is still there: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("pruning twice went unnoticed")
		}
	}()
	store.Prune(second)
}

// A parallel batch makes the same trie, reports the same records in the same
// order and fails alike.
func TestParallelAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	stores := [2]*MemoryStore{NewMemoryStore(), NewMemoryStore()}
	tries := [2]*Trie{
		Open(stores[0], EmptyRoot, Options{Layout: Layout1}),
		Open(stores[1], EmptyRoot, Options{Layout: Layout1, Parallel: 4, Cache: NewCache(1 << 16)}),
	}
	for range 6 {
		var changes []Change
		for _, i := range random.Perm(4000)[:1500] {
			changes = append(changes, Change{Key: benchKey(i), Value: benchValue(random.Uint64N(50)), Delete: random.IntN(3) == 0})
		}
		sortChanges(changes)
		var sets [2]ChangeSet
		for i, tr := range tries {
			if err := tr.Apply(changes); err != nil {
				t.Fatal(err)
			}
			sets[i] = tr.Commit()
			stores[i].Insert(sets[i])
			stores[i].Prune(sets[i])
		}
		if sets[0].NewRoot != sets[1].NewRoot || !slices.Equal(sets[0].Removed, sets[1].Removed) {
			t.Fatal("parallel and serial batches differ")
		}
		if !slices.EqualFunc(sets[0].Inserted, sets[1].Inserted, func(a, b Record) bool {
			return a.Hash == b.Hash && bytes.Equal(a.Data, b.Data)
		}) {
			t.Fatal("parallel and serial batches insert different records")
		}
		if stores[0].Len() != stores[1].Len() {
			t.Fatal("parallel and serial stores differ")
		}
	}
}

// Readers of old roots and of the newest one go on while the next is written,
// with a cache so small that nodes are forgotten under their hands.
func TestReadersBesideTheWriter(t *testing.T) {
	for _, size := range []int{20_000, 1 << 24} {
		store := NewMemoryStore()
		options := Options{Layout: Layout1, Cache: NewCache(size), Parallel: 2}
		writer := Open(store, EmptyRoot, options)
		var readers sync.WaitGroup
		failures := make(chan error, 100)
		for block := range 12 {
			var changes []Change
			for i := range 600 {
				changes = append(changes, Change{Key: benchKey(i), Value: benchValue(uint64(block*1000 + i))})
			}
			sortChanges(changes)
			if err := writer.Apply(changes); err != nil {
				t.Fatal(err)
			}
			set := writer.Commit()
			store.Insert(set)
			reader := Open(store, set.NewRoot, options)
			for part := range 2 {
				readers.Go(func() {
					for i := part; i < 600; i += 2 {
						got, _, err := reader.Get(benchKey(i))
						if want := benchValue(uint64(block*1000 + i)); err != nil || !bytes.Equal(got, want) {
							failures <- fmt.Errorf("block %d, key %d: %x, %v", block, i, got, err)
							return
						}
					}
				})
			}
		}
		readers.Wait()
		close(failures)
		for err := range failures {
			t.Error(err)
		}
	}
}

func TestCacheStaysWithinItsSize(t *testing.T) {
	store := NewMemoryStore()
	cache := NewCache(100_000)
	tr := Open(store, EmptyRoot, Options{Layout: Layout1, Cache: cache})
	for block := range 40 {
		var changes []Change
		for i := range 100 {
			changes = append(changes, Change{Key: benchKey(block*100 + i), Value: benchValue(1)})
		}
		sortChanges(changes)
		if err := tr.Apply(changes); err != nil {
			t.Fatal(err)
		}
		set := tr.Commit()
		store.Insert(set)
		size := 0
		for _, at := range cache.ring {
			size += int(at.size)
			if (at.size != 0) != (at.node.Load() != nil) || !at.listed {
				t.Fatal("a cell of the ring is counted wrongly")
			}
		}
		if size != cache.size || size > cache.capacity {
			t.Fatalf("block %d: %d bytes counted, %d held, capacity %d", block, cache.size, size, cache.capacity)
		}
	}
	keys, err := tr.Keys(nil, nil, 1<<20)
	if err != nil || len(keys) != 4000 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

func TestHas(t *testing.T) {
	tr, _ := provenState(t)
	for _, key := range testKeys() {
		_, want, _ := tr.Get(key)
		if has, err := tr.Has(key); err != nil || has != want {
			t.Errorf("Has(%x) = %v, %v", key, has, err)
		}
	}
}

// Writing the value that is there already changes nothing and costs no record.
func TestSameValueChangesNothing(t *testing.T) {
	tr, root := provenState(t)
	store := NewMemoryStore()
	store.Insert(tr.Commit())
	tr = Open(store, root, Options{Layout: Layout1})
	for _, key := range testKeys() {
		if value, found, _ := tr.Get(key); found {
			put(t, tr, key, value)
		} else if err := tr.Delete(key); err != nil {
			t.Fatal(err)
		}
	}
	set := tr.Commit()
	if set.NewRoot != root || len(set.Inserted)+len(set.Removed) != 0 {
		t.Errorf("%d records inserted, %d removed", len(set.Inserted), len(set.Removed))
	}
}
