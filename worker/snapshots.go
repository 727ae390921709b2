package worker

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// maxSnapshot bounds a snapshot file, in bytes: 64 GiB, above what the contract's
// default limits can fill.
const maxSnapshot = 64 << 30

// snapshotNames are the two generations. The older is replaced, so that a crash in
// between, or a file that turns out damaged, leaves the other.
var snapshotNames = [2]string{"snapshot.0.sealed", "snapshot.1.sealed"}

// snapshots is the sealed generations in a data folder.
type snapshots struct {
	folder string
	vault  *vault
	next   int       // which name is written next
	epochs [2]uint32 // of what this process wrote under each name; unknownEpoch before
}

// unknownEpoch is that of a file of an earlier process.
const unknownEpoch = ^uint32(0)

func newSnapshots(folder string, v *vault) *snapshots {
	return &snapshots{folder: folder, vault: v, epochs: [2]uint32{unknownEpoch, unknownEpoch}}
}

// generation is a snapshot file before it is opened.
type generation struct {
	slot       int
	checkpoint uint64
	root       wire.Hash
}

func bindSnapshot(checkpoint uint64, root wire.Hash) (binding [bindingSize]byte) {
	binary.LittleEndian.PutUint64(binding[:], checkpoint)
	copy(binding[8:], root[:])
	return binding
}

// save seals a state as the newest generation.
func (s *snapshots) save(state *savedState) error {
	padded := seal.PadSnapshot(state.plaintext) // its size would tell the host what is in it (I7)
	file := s.vault.seal(kindSnapshot, bindSnapshot(state.checkpoint, state.root), padded)
	clear(padded)
	if err := replaceFile(filepath.Join(s.folder, snapshotNames[s.next]), file); err != nil {
		return fmt.Errorf("worker: write a snapshot (check the data folder's permissions and space): %w", err)
	}
	s.epochs[s.next] = state.epoch
	s.next = 1 - s.next
	return nil
}

// removeNext removes the older generation.
func (s *snapshots) removeNext() error {
	name := filepath.Join(s.folder, snapshotNames[s.next])
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("worker: remove a snapshot whose epoch is over: %w", err)
	}
	return syncFolder(s.folder)
}

// list gives the generations, the one that claims the latest checkpoint first.
// What cannot even be that is reported.
func (s *snapshots) list(report func(name string, err error)) []generation {
	var found []generation
	for slot, name := range snapshotNames {
		g, err := s.peek(slot)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			report(name, err)
		default:
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b generation) int { return cmp.Compare(b.checkpoint, a.checkpoint) })
	s.next = 0
	if len(found) > 0 {
		s.next = 1 - found[0].slot
	}
	return found
}

// peek reads what a file claims, unverified.
func (s *snapshots) peek(slot int) (g generation, err error) {
	file, err := os.Open(filepath.Join(s.folder, snapshotNames[slot]))
	if err != nil {
		return g, err
	}
	defer file.Close()
	var head [ciphertextAt]byte
	if _, err := io.ReadFull(file, head[:]); err != nil {
		return g, fmt.Errorf("%w (%w)", ErrSnapshotDamaged, err)
	}
	g = generation{slot: slot, checkpoint: binary.LittleEndian.Uint64(head[bindingAt:])}
	copy(g.root[:], head[bindingAt+8:nonceAt])
	return g, nil
}

// open reads and decrypts a generation. The caller clears the plaintext.
func (s *snapshots) open(g generation) ([]byte, error) {
	contents, err := readBounded(filepath.Join(s.folder, snapshotNames[g.slot]), maxSnapshot)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotDamaged, err)
	}
	binding, plaintext, err := s.vault.open(kindSnapshot, contents)
	switch {
	case errors.Is(err, errDamaged):
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotForeign, err)
	case binding != bindSnapshot(g.checkpoint, g.root):
		return nil, fmt.Errorf("%w (it changed while it was read)", ErrSnapshotDamaged)
	}
	content, err := seal.UnpadSnapshot(plaintext)
	if err != nil {
		clear(plaintext)
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotDamaged, err)
	}
	return content, nil
}
