package snapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

const (
	// keep is how many snapshots are kept: while one is replaced, peers may still be reading the one before.
	keep = 2
	// rest is how many times as long as a chunk took to make the maker rests after it: a snapshot takes at most a quarter
	// of one processor.
	rest = 3
)

// ErrAbsent is the answer to a request for a chunk that is not here.
var ErrAbsent = errors.New("snapshot: not here, or not any more")

// View is a state that nothing changes until it is closed.
type View interface {
	trie.NodeStore
	Close() error
}

// Folder keeps the latest snapshots on the disk.
type Folder struct {
	path string
	log  *slog.Logger

	mutex  sync.Mutex
	stored []stored // by rising height
	busy   bool     // one is being made

	stop   context.CancelFunc
	ending context.Context
	makers sync.WaitGroup
}

// OpenFolder finds the snapshots in a folder, which is made if needed, and removes what was not finished.
func OpenFolder(path string, log *slog.Logger) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	f := &Folder{path: path, log: log}
	f.ending, f.stop = context.WithCancel(context.Background())
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		one, err := readManifest(filepath.Join(path, entry.Name()))
		if err == nil && entry.Name() != folderName(one.Height) {
			err = errManifest
		}
		if err != nil {
			log.Info("an unfinished snapshot is removed", "folder", entry.Name(), "reason", err)
			if err := os.RemoveAll(filepath.Join(path, entry.Name())); err != nil {
				return nil, err
			}
			continue
		}
		f.stored = append(f.stored, one)
	}
	slices.SortFunc(f.stored, func(a, b stored) int { return cmp.Compare(a.Height, b.Height) })
	return f, nil
}

func folderName(height uint64) string { return strconv.FormatUint(height, 10) }

func chunkName(index int) string { return fmt.Sprintf("chunk-%05d", index) }

// Close ends the making of a snapshot, if one is being made.
func (f *Folder) Close() error {
	f.stop()
	f.makers.Wait()
	return nil
}

// List describes the snapshots that are here.
func (f *Folder) List() []Description {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	out := make([]Description, len(f.stored))
	for i := range f.stored {
		out[i] = f.stored[i].describe()
	}
	return out
}

// Latest is the height of the latest snapshot, 0 if there is none.
func (f *Folder) Latest() uint64 {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.stored) == 0 {
		return 0
	}
	return f.stored[len(f.stored)-1].Height
}

// Chunk reads a chunk. A snapshot whose files are damaged is given up, so that nobody is sent anything wrong.
func (f *Folder) Chunk(height uint64, index uint32) ([]byte, error) {
	f.mutex.Lock()
	at := slices.IndexFunc(f.stored, func(s stored) bool { return s.Height == height })
	if at < 0 || int(index) >= len(f.stored[at].Chunks) {
		f.mutex.Unlock()
		return nil, fmt.Errorf("%w (height %d, chunk %d)", ErrAbsent, height, index)
	}
	want := f.stored[at].Chunks[index]
	f.mutex.Unlock()
	chunk, err := os.ReadFile(filepath.Join(f.path, folderName(height), chunkName(int(index))))
	if err == nil && scale.Hash(hashing.Blake2_256(chunk)) == want {
		return chunk, nil
	}
	f.log.Error("a snapshot is damaged and given up", "height", height, "chunk", index, "error", err)
	f.remove(height)
	return nil, fmt.Errorf("%w (height %d, chunk %d: damaged)", ErrAbsent, height, index)
}

// remove forgets a snapshot and deletes its files.
func (f *Folder) remove(height uint64) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.stored = slices.DeleteFunc(f.stored, func(s stored) bool { return s.Height == height })
	if err := os.RemoveAll(filepath.Join(f.path, folderName(height))); err != nil {
		f.log.Warn("a snapshot cannot be removed", "height", height, "error", err)
	}
}

// Take makes a snapshot in the background, of the state at root after a height, whose latest block has this header. The
// view is closed when it is done. While one is being made no other is begun: Take does nothing then.
func (f *Folder) Take(height uint64, header []byte, root scale.Hash, view View) {
	f.mutex.Lock()
	known := slices.ContainsFunc(f.stored, func(s stored) bool { return s.Height == height })
	if f.busy || known || f.ending.Err() != nil {
		f.mutex.Unlock()
		f.closeView(view)
		return
	}
	f.busy = true
	f.makers.Add(1)
	f.mutex.Unlock()
	go func() {
		defer f.makers.Done()
		began := time.Now()
		made, err := f.make(height, header, root, view)
		f.closeView(view)
		f.finish(made, err)
		if err == nil {
			f.log.Info("snapshot taken", "height", height, "chunks", len(made.Chunks), "took", time.Since(began))
		} else if f.ending.Err() == nil {
			f.log.Error("no snapshot could be taken", "height", height, "error", err)
		}
	}()
}

func (f *Folder) closeView(view View) {
	if err := view.Close(); err != nil {
		f.log.Warn("the view of a snapshot cannot be closed", "error", err)
	}
}

// make writes the chunks and the manifest into a folder of another name, which gets its own when all is there.
func (f *Folder) make(height uint64, header []byte, root scale.Hash, view View) (stored, error) {
	made := stored{Height: height, Header: header}
	final := filepath.Join(f.path, folderName(height))
	partial := final + ".part"
	if err := errors.Join(os.RemoveAll(partial), os.Mkdir(partial, 0o700)); err != nil {
		return made, err
	}
	began := time.Now()
	err := write(view, root, func(chunk []byte) error {
		name := filepath.Join(partial, chunkName(len(made.Chunks)))
		if err := os.WriteFile(name, chunk, 0o600); err != nil {
			return err
		}
		made.Chunks = append(made.Chunks, scale.Hash(hashing.Blake2_256(chunk)))
		select {
		case <-f.ending.Done():
			return f.ending.Err()
		case <-time.After(rest * time.Since(began)):
			began = time.Now()
			return nil
		}
	})
	if err == nil {
		err = writeManifest(partial, made)
	}
	if err == nil {
		err = os.Rename(partial, final)
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(partial))
	}
	return made, err
}

// finish adds what was made and removes what is too old.
func (f *Folder) finish(made stored, err error) {
	f.mutex.Lock()
	f.busy = false
	var old []uint64
	if err == nil {
		f.stored = append(f.stored, made)
		for _, s := range f.stored[:max(0, len(f.stored)-keep)] {
			old = append(old, s.Height)
		}
	}
	f.mutex.Unlock()
	for _, height := range old {
		f.remove(height)
	}
}
