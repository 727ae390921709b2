package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// chain makes blocks of random changes and remembers what every state must hold.
type chain struct {
	t      *testing.T
	store  *Store
	random *rand.Rand
	head   header.Header
	states []map[string]string
	height uint64
}

func newChain(t *testing.T, store *Store, seed uint64) *chain {
	c := &chain{t: t, store: store, random: rand.New(rand.NewPCG(seed, 1))}
	state := map[string]string{}
	tr := trie.Open(nil, trie.EmptyRoot, trie.Options{Layout: trie.Layout1})
	for i := range 50 {
		state[c.key()] = c.value(i)
	}
	c.apply(tr, state)
	c.head = header.Header{StateRoot: tr.Root()}
	if err := store.WriteGenesis(Block{Header: c.head, Timestamp: 7, State: tr.Commit()}); err != nil {
		t.Fatal(err)
	}
	c.states = append(c.states, state)
	return c
}

// key is one of few, so that changes meet.
func (c *chain) key() string { return fmt.Sprintf("%02x/%d", c.random.IntN(16), c.random.IntN(12)) }

// value repeats often, so that records occur at several places and come back; some are detached.
func (c *chain) value(i int) string {
	text := fmt.Sprintf("value %d", c.random.IntN(4))
	if i%2 == 0 {
		text += "-long-enough-to-be-a-record-of-its-own"
	}
	return text
}

func (c *chain) apply(tr *trie.Trie, state map[string]string) {
	c.t.Helper()
	for key, value := range state {
		if err := tr.Put([]byte(key), []byte(value)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// next commits one block, after up to two heights without one.
func (c *chain) next(checkpoint *Checkpoint) Block {
	c.t.Helper()
	for range c.random.IntN(3) {
		c.height++
		if err := c.store.Commit(c.height, nil); err != nil {
			c.t.Fatal(err)
		}
	}
	block := c.block()
	block.Checkpoint = checkpoint
	c.height++
	if err := c.store.Commit(c.height, &block); err != nil {
		c.t.Fatal(err)
	}
	return block
}

func (c *chain) block() Block {
	c.t.Helper()
	last := c.states[len(c.states)-1]
	state := map[string]string{}
	for key, value := range last {
		state[key] = value
	}
	tr := trie.Open(c.store, c.head.StateRoot, trie.Options{Layout: trie.Layout1})
	for i := range c.random.IntN(12) {
		key := c.key()
		if c.random.IntN(3) == 0 {
			delete(state, key)
			if err := tr.Delete([]byte(key)); err != nil {
				c.t.Fatal(err)
			}
			continue
		}
		state[key] = c.value(i)
		if err := tr.Put([]byte(key), []byte(state[key])); err != nil {
			c.t.Fatal(err)
		}
	}
	parent := c.head.Hash()
	c.head = header.Header{ParentHash: parent, Number: c.head.Number + 1, StateRoot: tr.Root(), Digest: []header.DigestItem{}}
	c.states = append(c.states, state)
	return Block{Header: c.head, Timestamp: uint64(c.head.Number) * 1000, State: tr.Commit(),
		Body: [][]byte{{1, 2}, []byte(fmt.Sprint("extrinsic of block ", c.head.Number))}}
}

// recorder notes which records a trie reads.
type recorder struct {
	store *Store
	seen  map[scale.Hash]bool
}

func (r recorder) Get(hash scale.Hash) ([]byte, error) {
	r.seen[hash] = true
	return r.store.Get(hash)
}

// checkStates compares every kept state with what it must hold, and the records of the database with what they reach.
func (c *chain) checkStates() {
	c.t.Helper()
	head, _ := c.store.Head()
	r := recorder{store: c.store, seen: map[scale.Hash]bool{}}
	for number := uint32(0); number <= head.Number; number++ {
		if !c.store.HasState(number) {
			continue
		}
		hash, err := c.store.HashAt(number)
		if err != nil {
			c.t.Fatal(err)
		}
		h, err := c.store.Header(hash)
		if err != nil {
			c.t.Fatal(err)
		}
		got := map[string]string{}
		tr := trie.Open(r, h.StateRoot, trie.Options{Layout: trie.Layout1})
		if err := tr.WalkValues(nil, nil, func(key, value []byte) bool { got[string(key)] = string(value); return true }); err != nil {
			c.t.Fatalf("state %d of %d..%d: %v", number, head.OldestState, head.Number, err)
		}
		if len(got) != len(c.states[number]) {
			c.t.Fatalf("state %d has %d keys instead of %d", number, len(got), len(c.states[number]))
		}
		for key, value := range c.states[number] {
			if got[key] != value {
				c.t.Fatalf("state %d: %q is %q instead of %q", number, key, got[key], value)
			}
		}
	}
	if kept := countRecords(c.t, c.store); kept != len(r.seen) {
		c.t.Fatalf("%d records are kept, the states %d..%d reach %d", kept, head.OldestState, head.Number, len(r.seen))
	}
}

func countRecords(t *testing.T, s *Store) (n int) {
	t.Helper()
	iterator, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindRecord}, UpperBound: []byte{kindRecord + 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer iterator.Close()
	for ok := iterator.First(); ok; ok = iterator.Next() {
		n++
	}
	return n
}

func openMemory(t *testing.T, fs vfs.FS, change func(*Options)) *Store {
	t.Helper()
	options := Options{FS: fs, CacheBytes: 8 << 20}
	if change != nil {
		change(&options)
	}
	s, err := Open("db", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestPruningKeepsExactlyWhatIsReached(t *testing.T) {
	for _, window := range []uint32{1, 2, 7} {
		s := openMemory(t, vfs.NewMem(), func(o *Options) { o.StateWindow = window })
		c := newChain(t, s, uint64(window))
		for i := range 120 {
			c.next(nil)
			if i%10 == 9 {
				c.checkStates()
			}
		}
		head, _ := s.Head()
		if head.OldestState != head.Number-window+1 {
			t.Errorf("window %d: states %d..%d", window, head.OldestState, head.Number)
		}
		if !s.HasState(0) || s.HasState(head.OldestState-1) || !s.HasState(head.OldestState) || !s.HasState(head.Number) || s.HasState(head.Number+1) {
			t.Error("HasState does not follow the window")
		}
	}
}

func TestArchiveKeepsEveryState(t *testing.T) {
	fs := vfs.NewMem()
	s := openMemory(t, fs, func(o *Options) { o.Archive = true })
	c := newChain(t, s, 3)
	for range 40 {
		c.next(nil)
	}
	c.checkStates()
	if head, _ := s.Head(); head.OldestState != 0 {
		t.Fatalf("oldest state %d", head.OldestState)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// An archive that becomes a pruned node sheds its states a few a block, down to the window.
	c.store = openMemory(t, fs, func(o *Options) { o.StateWindow = 5 })
	for range 30 {
		c.next(nil)
	}
	c.checkStates()
	if head, _ := c.store.Head(); head.OldestState != head.Number-4 {
		t.Errorf("states %d..%d", head.OldestState, head.Number)
	}
}

func TestReadsBack(t *testing.T) {
	s := openMemory(t, vfs.NewMem(), nil)
	if _, ok := s.Head(); ok {
		t.Error("a head before genesis")
	}
	if _, err := s.Genesis(); !errors.Is(err, ErrNoGenesis) {
		t.Errorf("genesis: %v", err)
	}
	if err := s.Commit(1, nil); !errors.Is(err, ErrNoGenesis) {
		t.Errorf("commit before genesis: %v", err)
	}
	c := newChain(t, s, 5)
	genesis := c.head.Hash()
	block := c.next(nil)
	hash := block.Header.Hash()
	if got, err := s.Genesis(); err != nil || got != genesis {
		t.Errorf("genesis %v %v", got, err)
	}
	if got, err := s.HashAt(1); err != nil || got != hash {
		t.Errorf("hash of 1: %v %v", got, err)
	}
	if got, err := s.NumberMadeAt(c.height); err != nil || got != 1 {
		t.Errorf("number at %d: %d %v", c.height, got, err)
	}
	if _, err := s.NumberMadeAt(c.height + 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("number of a height without block: %v", err)
	}
	if got, err := s.EncodedHeader(hash); err != nil || !bytes.Equal(got, header.Codec.Marshal(block.Header)) {
		t.Errorf("header %x %v", got, err)
	}
	body, err := s.Body(hash)
	if err != nil || len(body) != 2 || string(body[1]) != "extrinsic of block 1" {
		t.Errorf("body %q %v", body, err)
	}
	if body, err := s.Body(genesis); err != nil || len(body) != 0 {
		t.Errorf("genesis body %q %v", body, err)
	}
	for _, err := range []error{second(s.HashAt(2)), second(s.Header(scale.Hash{1})), second(s.Body(scale.Hash{1}))} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("what is not there: %v", err)
		}
	}
	if _, err := s.Get(scale.Hash{1}); !errors.Is(err, trie.ErrNotFound) {
		t.Errorf("record that is not there: %v", err)
	}
	head, _ := s.Head()
	want := Head{Height: c.height, Number: 1, Hash: hash, StateRoot: block.Header.StateRoot, MadeAt: c.height, Timestamp: 1000}
	if head != want {
		t.Errorf("head %+v, want %+v", head, want)
	}
	if head.Finalized() != 1 {
		t.Errorf("block %d is final, not what CometBFT has committed to", head.Finalized())
	}
	if err := s.Commit(c.height+1, nil); err != nil {
		t.Fatal(err)
	}
	if head, _ := s.Head(); head.Finalized() != 1 || head.Height != c.height+1 {
		t.Errorf("head %+v after a height that makes nothing", head)
	}
}

func second[T any](_ T, err error) error { return err }

func TestCheckpoints(t *testing.T) {
	s := openMemory(t, vfs.NewMem(), nil)
	c := newChain(t, s, 6)
	for i := range uint64(5) {
		c.next(&Checkpoint{Index: i, Messages: bytes.Repeat([]byte{byte(i)}, 1000)})
		c.next(nil)
	}
	page, err := s.Checkpoints(1, 3, 1<<20)
	if err != nil || len(page) != 3 || page[0].Index != 1 || page[2].Index != 3 {
		t.Fatalf("page %v %v", page, err)
	}
	hash, _ := s.HashAt(page[1].Number)
	if page[1].Hash != hash || page[1].Number != 5 || page[1].Messages[999] != 2 {
		t.Errorf("checkpoint 2: %+v", page[1])
	}
	if page, err := s.Checkpoints(0, 100, 2500); err != nil || len(page) != 2 {
		t.Errorf("page of 2500 bytes: %d checkpoints, %v", len(page), err)
	}
	if page, err := s.Checkpoints(0, 100, 1); err != nil || len(page) != 1 {
		t.Errorf("a page holds at least one checkpoint: %d, %v", len(page), err)
	}
	if page, err := s.Checkpoints(5, 10, 1<<20); err != nil || len(page) != 0 {
		t.Errorf("beyond the end: %d, %v", len(page), err)
	}
	block := c.block()
	block.Checkpoint = &Checkpoint{Index: 7}
	if err := s.Commit(c.height+1, &block); !errors.Is(err, ErrOrder) {
		t.Errorf("a gap in the checkpoints: %v", err)
	}
}

func TestCommitRefusesDisorder(t *testing.T) {
	s := openMemory(t, vfs.NewMem(), nil)
	c := newChain(t, s, 8)
	c.next(nil)
	if err := s.Commit(c.height, nil); !errors.Is(err, ErrOrder) {
		t.Errorf("the same height again: %v", err)
	}
	block := c.block()
	foreign := block
	foreign.Header.ParentHash[0] ^= 1
	if err := s.Commit(c.height+1, &foreign); !errors.Is(err, ErrOrder) {
		t.Errorf("another parent: %v", err)
	}
	foreign = block
	foreign.State.OldRoot[0] ^= 1
	if err := s.Commit(c.height+1, &foreign); !errors.Is(err, ErrOrder) {
		t.Errorf("another state below: %v", err)
	}
	if err := s.Commit(c.height+1, &block); err != nil {
		t.Errorf("the block itself, afterwards: %v", err)
	}
	if err := s.WriteGenesis(Block{Header: header.Header{StateRoot: scale.Hash{9}}}); !errors.Is(err, ErrGenesis) {
		t.Errorf("another genesis: %v", err)
	}
}

func FuzzCheckpointRecord(f *testing.F) {
	encoded := checkpointCodec.Marshal(Checkpoint{Index: 3, Messages: []byte{1, 2}})
	f.Add(append(encoded, make([]byte, 32)...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		if _, err := decodeCheckpoint(value); err == nil && len(value) < 32 {
			t.Fatal("a record without hash was accepted")
		}
		_, _ = headCodec.Unmarshal(value)
		_, _ = blockCodec.Unmarshal(value)
		_, _ = bodyCodec.Unmarshal(value)
		m := recordMerge{}
		if m.add(value) == nil && m.add(value) == nil {
			if count, data, err := splitRecord(joinRecord(m.count, m.data)); err != nil || count != m.count || !bytes.Equal(data, m.data) {
				t.Fatalf("%x added up is %d %x %v", value, count, data, err)
			}
		}
	})
}
