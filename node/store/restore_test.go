package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// reached are the records of the state at root, one for each place.
func reached(t *testing.T, from trie.NodeStore, root scale.Hash) (out []trie.Record) {
	t.Helper()
	for pending := []trie.Reference{{Hash: root}}; len(pending) > 0; {
		next := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		data, err := from.Get(next.Hash)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, trie.Record{Hash: next.Hash, Data: data})
		if next.Value {
			continue
		}
		references, err := trie.References(data)
		if err != nil {
			t.Fatal(err)
		}
		pending = append(pending, references...)
	}
	return out
}

// genesisOf is block 0 of a chain, as newChain makes it.
func genesisOf(t *testing.T, seed uint64) Block {
	t.Helper()
	c := newChain(t, openMemory(t, vfs.NewMem(), nil), seed)
	tr := trie.Open(nil, trie.EmptyRoot, trie.Options{Layout: trie.Layout1})
	c.apply(tr, c.states[0])
	return Block{Header: header.Header{StateRoot: tr.Root()}, Timestamp: 7, State: tr.Commit()}
}

// A view shows the state of its height while later ones are committed and it is pruned.
func TestViewStays(t *testing.T) {
	s := openMemory(t, vfs.NewMem(), func(o *Options) { o.StateWindow = 1 })
	c := newChain(t, s, 30)
	for range 5 {
		c.next(nil)
	}
	want, _ := s.Head()
	view, err := s.View()
	if err != nil {
		t.Fatal(err)
	}
	records := reached(t, view, want.StateRoot)
	for range 20 {
		c.next(nil)
	}
	if s.HasState(want.Number) {
		t.Fatal("the state is not pruned: this shows nothing")
	}
	if view.Head() != want || len(reached(t, view, want.StateRoot)) != len(records) {
		t.Errorf("the view has changed: head %+v, want %+v", view.Head(), want)
	}
	if encoded, err := view.EncodedHeader(); err != nil || header.Codec.Marshal(mustHeader(t, s, want.Hash))[0] != encoded[0] {
		t.Errorf("header: %v", err)
	}
	if err := view.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustHeader(t *testing.T, s *Store, hash scale.Hash) header.Header {
	t.Helper()
	h, err := s.Header(hash)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// restored brings the head of a chain into another store.
func restored(t *testing.T, from, to *Store, genesis Block) Head {
	t.Helper()
	head, _ := from.Head()
	r, err := to.BeginRestore(genesis)
	if err != nil {
		t.Fatal(err)
	}
	records := reached(t, from, head.StateRoot)
	for _, part := range [][]trie.Record{records[:len(records)/2], records[len(records)/2:]} {
		if err := r.Add(part); err != nil {
			t.Fatal(err)
		}
		if now, _ := to.Head(); now.Number != 0 {
			t.Fatal("the head moved before all was there")
		}
	}
	if err := r.Finish(Restored{Height: head.Height + 3, Header: mustHeader(t, from, head.Hash), MadeAt: head.MadeAt,
		Timestamp: head.Timestamp, Checkpoints: 40, Checkpoint: &Checkpoint{Index: 40, Messages: []byte{9}}}); err != nil {
		t.Fatal(err)
	}
	return head
}

// A restored store goes on as the one that has run from genesis: states, counts and pruning agree.
func TestRestoreGoesOn(t *testing.T) {
	window := func(o *Options) { o.StateWindow = 3 }
	source := openMemory(t, vfs.NewMem(), window)
	c := newChain(t, source, 31)
	for range 30 {
		c.next(nil)
	}
	fs := vfs.NewCrashableMem()
	s := openMemory(t, fs, window)
	genesis := genesisOf(t, 31)
	if err := s.WriteGenesis(genesis); err != nil {
		t.Fatal(err)
	}
	head := restored(t, source, s, genesis)
	fs = fs.CrashClone(vfs.CrashCloneCfg{})
	if s = openMemory(t, fs, window); s.WriteGenesis(genesis) != nil {
		t.Fatal("not whole after the power was cut")
	}
	got, _ := s.Head()
	if got.Number != head.Number || got.First != head.Number || got.Finalized() != head.Number || got.Height != head.Height+3 || got.Checkpoints != 41 {
		t.Errorf("head %+v, restored from %+v", got, head)
	}
	checkOrigin(t, s, head)
	checkCounts(t, s, genesis, head)
	c.store, c.height = s, got.Height
	for i := range 20 {
		c.next(&Checkpoint{Index: 41 + uint64(i), Messages: []byte{1}})
		now, _ := s.Head()
		for number := max(now.OldestState, got.First); number <= now.Number; number++ {
			checkState(t, s, number, c.states[number])
		}
	}
	checkState(t, s, 0, c.states[0])
	checkExactly(t, s, genesis)
}

// checkCounts finds every record counted once for each place: in the restored state, and twice in that of genesis.
func checkCounts(t *testing.T, s *Store, genesis Block, head Head) {
	t.Helper()
	want := map[scale.Hash]int64{}
	for _, record := range reached(t, s, head.StateRoot) {
		want[record.Hash]++
	}
	several := 0
	for _, count := range want {
		if count > 1 {
			several++
		}
	}
	if several == 0 {
		t.Error("no record stands at several places: this shows nothing")
	}
	for _, record := range reached(t, s, genesis.Header.StateRoot) {
		want[record.Hash] += 2
	}
	for hash, places := range want {
		value, err := s.read(hashKey(kindRecord, hash))
		if err != nil {
			t.Fatal(err)
		}
		if count, _, err := splitRecord(value); err != nil || count != places {
			t.Errorf("record %v is counted %d times, it has %d places (%v)", hash, count, places, err)
		}
	}
}

// checkOrigin asks for what is older than where the store begins.
func checkOrigin(t *testing.T, s *Store, head Head) {
	t.Helper()
	for name, err := range map[string]error{
		"an older block": second(s.HashAt(head.Number - 1)), "its body": second(s.Body(head.Hash)),
		"an older checkpoint": second(s.Checkpoints(39, 1, 100)), "the first checkpoint": second(s.Checkpoints(0, 1, 100)),
	} {
		if !errors.Is(err, ErrOrigin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if hash, err := s.HashAt(head.Number); err != nil || hash != head.Hash {
		t.Errorf("the first block: %v %v", hash, err)
	}
	if _, err := s.HashAt(head.Number + 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("a later block: %v", err)
	}
	if page, err := s.Checkpoints(40, 5, 100); err != nil || len(page) != 1 || page[0].Hash != head.Hash || page[0].Number != head.Number {
		t.Errorf("checkpoints: %+v %v", page, err)
	}
	if hash, err := s.HashAt(0); err != nil || hash == (scale.Hash{}) {
		t.Errorf("genesis: %v", err)
	}
}

func checkState(t *testing.T, s *Store, number uint32, want map[string]string) {
	t.Helper()
	hash, err := s.HashAt(number)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	tr := trie.Open(s, mustHeader(t, s, hash).StateRoot, trie.Options{Layout: trie.Layout1})
	if err := tr.WalkValues(nil, nil, func(key, value []byte) bool { got[string(key)] = string(value); return true }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("state %d: %v, want %v", number, got, want)
	}
}

// checkExactly finds no record that no kept state reaches.
func checkExactly(t *testing.T, s *Store, genesis Block) {
	t.Helper()
	want := map[scale.Hash]bool{}
	head, _ := s.Head()
	for _, record := range reached(t, s, genesis.Header.StateRoot) {
		want[record.Hash] = true
	}
	for number := head.OldestState; number <= head.Number; number++ {
		hash, err := s.HashAt(number)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range reached(t, s, mustHeader(t, s, hash).StateRoot) {
			want[record.Hash] = true
		}
	}
	if got := countRecords(t, s); got != len(want) {
		t.Errorf("%d records are kept, %d are of use", got, len(want))
	}
}

// What a broken restoration has left is cleared away, when the next one begins and when the store is opened again.
func TestBrokenRestore(t *testing.T) {
	source := openMemory(t, vfs.NewMem(), nil)
	c := newChain(t, source, 33)
	c.next(nil)
	genesis := genesisOf(t, 33)
	fs := vfs.NewMem()
	s := openMemory(t, fs, nil)
	if err := s.WriteGenesis(genesis); err != nil {
		t.Fatal(err)
	}
	clean := countRecords(t, s)
	spoil := func() {
		t.Helper()
		r, err := s.BeginRestore(genesis)
		if err != nil {
			t.Fatal(err)
		}
		if got := countRecords(t, s); got != clean {
			t.Errorf("%d records when it begins, %d at first", got, clean)
		}
		if err := r.Add([]trie.Record{{Hash: scale.Hash{1}, Data: []byte("no such record")}, reached(t, source, c.head.StateRoot)[0]}); err != nil {
			t.Fatal(err)
		}
	}
	spoil()
	spoil()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openMemory(t, fs, nil)
	if err := s.WriteGenesis(genesis); err != nil {
		t.Fatal(err)
	}
	if got := countRecords(t, s); got != clean {
		t.Errorf("%d records after opening again, %d at first", got, clean)
	}
	checkState(t, s, 0, c.states[0])
	restored(t, source, s, genesis)
	restored(t, source, s, genesis) // CometBFT lost its part: the same again
	if err := s.Commit(c.height+4, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginRestore(genesis); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over a chain that has gone on: %v", err)
	}
	if _, err := source.BeginRestore(genesis); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over a chain from genesis: %v", err)
	}
	if _, err := openMemory(t, vfs.NewMem(), nil).BeginRestore(genesis); !errors.Is(err, ErrNoGenesis) {
		t.Errorf("over nothing: %v", err)
	}
}
