package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// view is a state that counts how often it is closed.
type view struct {
	trie.NodeStore
	closed chan struct{}
	wait   chan struct{} // the first record is read when it is closed
}

func newView(store trie.NodeStore) view {
	wait := make(chan struct{})
	close(wait)
	return view{NodeStore: store, closed: make(chan struct{}), wait: wait}
}

func (v view) Get(hash scale.Hash) ([]byte, error) {
	<-v.wait
	return v.NodeStore.Get(hash)
}

func (v view) Close() error { close(v.closed); return nil }

func openFolder(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := OpenFolder(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// take makes a snapshot and waits for it.
func take(t *testing.T, f *Folder, g *given, height uint64) {
	t.Helper()
	v := newView(g.store)
	f.Take(height, g.header, g.root, v)
	<-v.closed
	idle(t, f)
}

// idle waits until nothing is being made.
func idle(t *testing.T, f *Folder) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		f.mutex.Lock()
		busy := f.busy
		f.mutex.Unlock()
		if !busy {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the snapshot is not finished")
		}
	}
}

func heights(f *Folder) string {
	var out []uint64
	for _, d := range f.List() {
		out = append(out, d.Height)
	}
	return fmt.Sprint(out)
}

// The latest two are kept, over restarts, and can be read back whole.
func TestFolder(t *testing.T) {
	g := some(t, 2<<20)
	path := filepath.Join(t.TempDir(), "snapshots")
	f := openFolder(t, path)
	for _, height := range []uint64{9, 20, 100} {
		take(t, f, g, height)
	}
	take(t, f, g, 100) // there already
	if got := heights(f); got != "[20 100]" || f.Latest() != 100 {
		t.Errorf("kept are %s, the latest %d", got, f.Latest())
	}
	if err := os.MkdirAll(filepath.Join(path, "200.part"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = openFolder(t, path)
	if got := heights(f); got != "[20 100]" {
		t.Errorf("after a restart: %s", got)
	}
	if entries, err := os.ReadDir(path); err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	d := f.List()[0]
	r, err := NewReader(d, g.description.Hash)
	if err != nil || d.Height != 20 {
		t.Fatal(d, err)
	}
	for i := range d.Chunks {
		chunk, err := f.Chunk(20, i)
		if err != nil || !bytes.Equal(chunk, g.chunks[i]) {
			t.Fatalf("chunk %d: %v", i, err)
		}
		if _, err := r.Apply(i, chunk); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{second(f.Chunk(21, 0)), second(f.Chunk(20, d.Chunks)), second(f.Chunk(9, 0))} {
		if !errors.Is(err, ErrAbsent) {
			t.Errorf("what is not there: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Damaged files are not served.
func TestDamagedFiles(t *testing.T) {
	g := some(t, 2<<20)
	path := t.TempDir()
	f := openFolder(t, path)
	take(t, f, g, 5)
	take(t, f, g, 6)
	flip := func(name string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(filepath.Join(path, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flip("5/" + chunkName(1))
	if _, err := f.Chunk(5, 1); !errors.Is(err, ErrAbsent) {
		t.Errorf("a flipped chunk: %v", err)
	}
	if got := heights(f); got != "[6]" {
		t.Errorf("offered are %s", got)
	}
	flip("6/" + manifestName)
	if f = openFolder(t, path); heights(f) != "[]" {
		t.Errorf("with a flipped manifest: %s", heights(f))
	}
}

// One is made at a time, and an unfinished one holds nobody up.
func TestTakingIsOneAtATime(t *testing.T) {
	g := some(t, 2<<20)
	path := t.TempDir()
	f := openFolder(t, path)
	slow := newView(g.store)
	slow.wait = make(chan struct{})
	f.Take(1, g.header, g.root, slow)
	other := newView(g.store)
	f.Take(2, g.header, g.root, other)
	<-other.closed
	if got := heights(f); got != "[]" {
		t.Errorf("a second one was made: %s", got)
	}
	ended := make(chan error)
	go func() { ended <- f.Close() }()
	for f.ending.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	close(slow.wait)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	<-slow.closed
	if entries, err := os.ReadDir(path); err != nil || len(entries) != 0 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	late := newView(g.store)
	f.Take(3, g.header, g.root, late)
	<-late.closed
}

// A state that cannot be read makes no snapshot.
func TestUnreadableState(t *testing.T) {
	g := some(t, 5_000)
	f := openFolder(t, t.TempDir())
	v := newView(trie.NewMemoryStore())
	f.Take(1, g.header, g.root, v)
	<-v.closed
	idle(t, f)
	take(t, f, g, 2)
	if got := heights(f); got != "[2]" {
		t.Errorf("kept are %s", got)
	}
}
