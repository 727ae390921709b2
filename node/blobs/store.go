package blobs

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

const (
	// kept is how many snapshots are kept: the latest, and the one before it for those who began to fetch it.
	kept = 2
	// MaxMissing bounds what one call lists as missing.
	MaxMissing = 256

	announcedName = "announced"
	partialSuffix = ".partial"
)

// announcement is a snapshot of the chain, and its manifest once it is here.
type announcement struct {
	snapshot wire.Snapshot
	manifest *wire.Manifest
}

// names reports whether the snapshot consists of the blob, among others.
func (a *announcement) names(hash wire.Hash, chunks map[wire.Hash]bool) bool {
	return a.snapshot.Root == hash || a.manifest != nil && chunks[hash]
}

// Store is the blobs in a folder. It may be used concurrently.
type Store struct {
	folder string
	log    *slog.Logger

	mutex     sync.RWMutex
	announced []announcement // the latest first
	chunks    map[wire.Hash]bool
	held      map[wire.Hash]bool
}

var announcedCodec = scale.Vec(wire.SnapshotCodec, kept)

// Open opens the store in a folder, which is made if need be. What a crash left half done is removed.
func Open(folder string, log *slog.Logger) (*Store, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Store{folder: folder, log: log, held: map[wire.Hash]bool{}}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrFolder, err)
	}
	if err := s.list(); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrFolder, err)
	}
	s.load()
	return s, s.drop()
}

// list finds the blobs that are here.
func (s *Store) list() error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, partialSuffix) { // a write that a crash cut off
			if err := os.Remove(filepath.Join(s.folder, name)); err != nil {
				return err
			}
			continue
		}
		if hash, err := scale.ParseHash("0x" + name); err == nil {
			s.held[hash] = true
		}
	}
	return nil
}

// load reads which snapshots were announced last. A list that cannot be read is none: the chain says it again.
func (s *Store) load() {
	encoded, err := os.ReadFile(filepath.Join(s.folder, announcedName))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	snapshots, decodeErr := announcedCodec.Unmarshal(encoded)
	if err = errors.Join(err, decodeErr); err != nil {
		s.log.Warn("the list of published snapshots cannot be read; it is made anew", "error", err)
		return
	}
	for i := range snapshots {
		s.announced = append(s.announced, announcement{snapshot: snapshots[i]})
	}
	s.readManifests()
}

// readManifests decodes the manifests that are here, and collects what they name.
func (s *Store) readManifests() {
	s.chunks = map[wire.Hash]bool{}
	for i := range s.announced {
		a := &s.announced[i]
		if a.manifest == nil && s.held[a.snapshot.Root] {
			if blob := s.read(a.snapshot.Root); blob != nil {
				if manifest, err := wire.DecodeManifest(blob, &a.snapshot); err == nil {
					a.manifest = &manifest
				}
			}
		}
		if a.manifest != nil {
			for _, chunk := range a.manifest.Chunks {
				s.chunks[chunk] = true
			}
		}
	}
}

// wanted reports whether an announced snapshot names the blob.
func (s *Store) wanted(hash wire.Hash) bool {
	for i := range s.announced {
		if s.announced[i].names(hash, s.chunks) {
			return true
		}
	}
	return false
}

// Follow takes the chain's latest announcement. A new one replaces the older of the two that are kept, with its blobs;
// one that is not new changes nothing.
func (s *Store) Follow(latest wire.Snapshot) error {
	s.mutex.RLock()
	known := s.knows(&latest)
	s.mutex.RUnlock()
	if known {
		return nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.knows(&latest) {
		return nil
	}
	next := []announcement{{snapshot: latest}}
	for _, a := range s.announced {
		if a.snapshot != latest && len(next) < kept {
			next = append(next, a)
		}
	}
	snapshots := make([]wire.Snapshot, len(next))
	for i := range next {
		snapshots[i] = next[i].snapshot
	}
	// The list comes first: after a crash in between, blobs that it does not name are dropped at the next start.
	if err := s.write(announcedName, announcedCodec.Marshal(snapshots)); err != nil {
		return err
	}
	s.announced = next
	s.readManifests()
	return s.drop()
}

func (s *Store) knows(latest *wire.Snapshot) bool {
	if len(s.announced) == 0 {
		return false
	}
	newest := &s.announced[0].snapshot
	return *newest == *latest || latest.Checkpoint < newest.Checkpoint
}

// drop removes the blobs that no kept snapshot names.
func (s *Store) drop() error {
	var failed error
	for hash := range s.held {
		if !s.wanted(hash) {
			failed = errors.Join(failed, s.remove(hash))
		}
	}
	return failed
}

// Put takes a blob that an announced snapshot names; one that is here already changes nothing.
func (s *Store) Put(blob []byte) (wire.Hash, error) {
	if len(blob) == 0 || len(blob) > wire.MaxBlob {
		return wire.Hash{}, ErrSize
	}
	hash := wire.BlobHash(blob)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case !s.wanted(hash):
		return hash, ErrUnwanted
	case s.held[hash]:
		return hash, nil
	}
	if err := s.write(fileName(hash), blob); err != nil {
		return hash, err
	}
	s.held[hash] = true
	if !s.chunks[hash] { // a manifest
		s.readManifests()
	}
	return hash, nil
}

// Get is the blob of a hash; nil if it is not here.
func (s *Store) Get(hash wire.Hash) []byte {
	s.mutex.RLock()
	held := s.held[hash]
	var blob []byte
	if held {
		blob = s.readFile(hash)
	}
	s.mutex.RUnlock()
	if !held || blob != nil {
		return blob
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.read(hash) // damaged: noticed once more under the lock, and removed
}

// Missing lists up to MaxMissing blobs of an announced snapshot that are not here: its manifest, or some of its chunks.
func (s *Store) Missing(root wire.Hash) ([]wire.Hash, error) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for i := range s.announced {
		a := &s.announced[i]
		if a.snapshot.Root != root {
			continue
		}
		if a.manifest == nil || !s.held[root] {
			return []wire.Hash{root}, nil
		}
		missing := []wire.Hash{}
		for _, chunk := range a.manifest.Chunks {
			if !s.held[chunk] && len(missing) < MaxMissing {
				missing = append(missing, chunk)
			}
		}
		return missing, nil
	}
	return nil, ErrUnknownRoot
}
