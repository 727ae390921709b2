package store

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// TestCrash cuts the power after every few blocks, loses what was not synced, and goes on.
func TestCrash(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 11))
	fs := vfs.NewCrashableMem()
	s := openMemory(t, fs, func(o *Options) { o.StateWindow = 3 })
	c := newChain(t, s, 9)
	for range 12 {
		for range random.IntN(4) {
			c.next(nil)
		}
		before, _ := c.store.Head()
		unfinished := c.block() // a block that was made but not committed
		fs = fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(100), RNG: random})
		c.store = openMemory(t, fs, func(o *Options) { o.StateWindow = 3 })
		after, ok := c.store.Head()
		if !ok || after != before {
			t.Fatalf("head %+v after the crash, %+v before", after, before)
		}
		c.states = c.states[:len(c.states)-1]
		c.checkStates()
		// The same block again, as CometBFT replays it.
		c.height++
		c.states = append(c.states, nil)
		if err := c.store.Commit(c.height, &unfinished); err != nil {
			t.Fatal(err)
		}
		state := map[string]string{}
		tr := trie.Open(c.store, unfinished.Header.StateRoot, trie.Options{})
		_ = tr.WalkValues(nil, nil, func(key, value []byte) bool { state[string(key)] = string(value); return true })
		c.states[len(c.states)-1] = state
	}
	c.checkStates()
}

func TestReopen(t *testing.T) {
	folder := t.TempDir()
	s, err := Open(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := newChain(t, s, 10)
	c.next(nil)
	want, _ := s.Head()
	if _, err := Open(folder, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if c.store, err = Open(folder, Options{}); err != nil {
		t.Fatal(err)
	}
	defer c.store.Close()
	if got, ok := c.store.Head(); !ok || got != want {
		t.Errorf("head %+v, want %+v", got, want)
	}
	c.next(nil)
	c.checkStates()
}

func TestDamageIsNamed(t *testing.T) {
	s := openMemory(t, vfs.NewMem(), nil)
	c := newChain(t, s, 12)
	block := c.next(&Checkpoint{Index: 0, Messages: []byte{1}})
	hash := block.Header.Hash()
	flip := func(key []byte) {
		t.Helper()
		value, err := s.read(key)
		if err != nil {
			t.Fatal(err)
		}
		value[len(value)/2] ^= 1
		if err := s.db.Set(key, value, nil); err != nil {
			t.Fatal(err)
		}
	}
	flip(hashKey(kindBody, hash))
	if _, err := s.Body(hash); !errors.Is(err, ErrDamaged) {
		t.Errorf("body: %v", err)
	}
	flip(hashKey(kindBlock, hash))
	if _, err := s.Header(hash); !errors.Is(err, ErrDamaged) {
		t.Errorf("header: %v", err)
	}
	flip(indexKey(kindCheckpoint, 0))
	if _, err := s.Checkpoints(0, 1, 100); !errors.Is(err, ErrDamaged) {
		t.Errorf("checkpoint: %v", err)
	}
	flip(hashKey(kindRecord, block.Header.StateRoot))
	_, _, err := trie.Open(s, block.Header.StateRoot, trie.Options{}).Get([]byte("x"))
	if !errors.Is(err, trie.ErrCorrupt) {
		t.Errorf("state record: %v", err)
	}
	if err := s.db.Set(numberKey(kindHash, 1), []byte{1}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.HashAt(1); !errors.Is(err, ErrDamaged) {
		t.Errorf("number index: %v", err)
	}
	if err := s.load(); !errors.Is(err, ErrDamaged) {
		t.Errorf("head whose header is damaged: %v", err)
	}
	if err := s.db.Set(keyFormat, []byte{99}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.load(); !errors.Is(err, ErrFormat) {
		t.Errorf("format: %v", err)
	}
}

// Pruning notices a record that is missing, or counted too low, before it makes things worse.
func TestPruningNoticesDamage(t *testing.T) {
	for name, harm := range map[string]func(s *Store, key []byte) error{
		"missing":         func(s *Store, key []byte) error { return s.db.Delete(key, nil) },
		"counted too low": func(s *Store, key []byte) error { return s.db.Set(key, joinRecord(0, []byte{1}), nil) },
		"no count":        func(s *Store, key []byte) error { return s.db.Set(key, nil, nil) },
	} {
		s := openMemory(t, vfs.NewMem(), func(o *Options) { o.StateWindow = 1 })
		c := newChain(t, s, 20)
		c.next(nil)
		block := c.block()
		for len(goes(block.State)) == 0 {
			if err := s.Commit(c.height+1, &block); err != nil {
				t.Fatal(err)
			}
			c.height++
			block = c.block()
		}
		before, _ := s.Head()
		if err := harm(s, hashKey(kindRecord, goes(block.State)[0])); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(c.height+1, &block); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := s.Head(); after != before {
			t.Errorf("%s: the head moved", name)
		}
	}
}

// goes lists what a change set removes and does not bring in again.
func goes(set trie.ChangeSet) (out []scale.Hash) {
	for _, hash := range set.Removed {
		if !slices.ContainsFunc(set.Inserted, func(r trie.Record) bool { return r.Hash == hash }) {
			out = append(out, hash)
		}
	}
	return out
}
