package blobs

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// snapshot seals a made-up state of some chunks for an epoch.
func snapshot(t *testing.T, epoch uint32, chunks int) seal.SealedSnapshot {
	t.Helper()
	seed := seal.Seed{byte(epoch)}
	plaintext := bytes.Repeat([]byte{byte(epoch), 1, 2, 3}, (chunks-1)*wire.SnapshotChunkSize/4+25)
	sealed, err := seal.SealSnapshot(&seed, wire.Instance{}, epoch, 10*uint64(epoch)+1, wire.Hash{9}, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func open(t *testing.T, folder string) *Store {
	t.Helper()
	s, err := Open(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Store) mustFollow(t *testing.T, snapshot wire.Snapshot) {
	t.Helper()
	if err := s.Follow(snapshot); err != nil {
		t.Fatal(err)
	}
}

// putAll does as a worker does: it sends what is missing until nothing is.
func putAll(t *testing.T, s *Store, sealed *seal.SealedSnapshot) {
	t.Helper()
	blobs := map[wire.Hash][]byte{sealed.Announcement.Root: sealed.Manifest}
	for _, chunk := range sealed.Chunks {
		blobs[wire.BlobHash(chunk)] = chunk
	}
	for range 3 {
		missing, err := s.Missing(sealed.Announcement.Root)
		if err != nil {
			t.Fatal(err)
		}
		for _, hash := range missing {
			if _, err := s.Put(blobs[hash]); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkWhole(t, s, sealed)
}

func checkWhole(t *testing.T, s *Store, sealed *seal.SealedSnapshot) {
	t.Helper()
	if missing, err := s.Missing(sealed.Announcement.Root); err != nil || len(missing) != 0 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	for i, chunk := range append([][]byte{sealed.Manifest}, sealed.Chunks...) {
		if !bytes.Equal(s.Get(wire.BlobHash(chunk)), chunk) {
			t.Errorf("blob %d is not what was put", i)
		}
	}
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// TestKeepsWhatIsAnnounced: the manifest first, then what it names; all is there after a restart.
func TestKeepsWhatIsAnnounced(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	one := snapshot(t, 1, 3)
	s.mustFollow(t, one.Announcement)
	if missing, err := s.Missing(one.Announcement.Root); err != nil || !slices.Equal(missing, []wire.Hash{one.Announcement.Root}) {
		t.Fatalf("missing %v, %v; want the manifest", missing, err)
	}
	putAll(t, s, &one)
	again := open(t, folder)
	checkWhole(t, again, &one)
	if hash, err := again.Put(one.Manifest); err != nil || hash != one.Announcement.Root {
		t.Errorf("putting a blob twice: %v", err)
	}
}

// TestRefusesWhatNobodyAnnounced: whoever sends it.
func TestRefusesWhatNobodyAnnounced(t *testing.T) {
	s := open(t, t.TempDir())
	one, other := snapshot(t, 1, 2), snapshot(t, 2, 2)
	if _, err := s.Put(one.Manifest); !errors.Is(err, ErrUnwanted) {
		t.Errorf("a manifest before any announcement: %v", err)
	}
	s.mustFollow(t, one.Announcement)
	for name, test := range map[string]struct {
		blob []byte
		err  error
	}{
		"a chunk before its manifest":     {one.Chunks[0], ErrUnwanted},
		"another snapshot's manifest":     {other.Manifest, ErrUnwanted},
		"nothing":                         {nil, ErrSize},
		"a blob beyond the largest":       {make([]byte, wire.MaxBlob+1), ErrSize},
		"anything of the greatest length": {make([]byte, wire.MaxBlob), ErrUnwanted},
	} {
		if _, err := s.Put(test.blob); !errors.Is(err, test.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	putAll(t, s, &one)
	if _, err := s.Put(other.Chunks[0]); !errors.Is(err, ErrUnwanted) {
		t.Errorf("another snapshot's chunk: %v", err)
	}
	if _, err := s.Missing(other.Announcement.Root); !errors.Is(err, ErrUnknownRoot) {
		t.Errorf("missing of another root: %v", err)
	}
	if s.Get(other.Announcement.Root) != nil {
		t.Error("a blob that was refused is here")
	}
}

// TestDropsOldSnapshots: the latest two are kept, in files too; an older announcement changes nothing.
func TestDropsOldSnapshots(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	all := []seal.SealedSnapshot{snapshot(t, 1, 2), snapshot(t, 2, 3), snapshot(t, 3, 2)}
	for i := range all {
		s.mustFollow(t, all[i].Announcement)
		putAll(t, s, &all[i])
	}
	s.mustFollow(t, all[0].Announcement)
	checkWhole(t, s, &all[1])
	checkWhole(t, s, &all[2])
	if _, err := s.Missing(all[0].Announcement.Root); !errors.Is(err, ErrUnknownRoot) {
		t.Errorf("the third-last snapshot is still known: %v", err)
	}
	if s.Get(all[0].Announcement.Root) != nil || s.Get(wire.BlobHash(all[0].Chunks[0])) != nil {
		t.Error("blobs of the third-last snapshot are still here")
	}
	const blobs = 1 + 3 + 1 + 2
	if names := files(t, folder); len(names) != blobs+1 {
		t.Errorf("%d files: %v", len(names), names)
	}
}

// TestDamageIsNoticed: a blob that is not what it was is given to nobody, and asked for again.
func TestDamageIsNoticed(t *testing.T) {
	for name, damage := range map[string]func(path string, blob []byte) error{
		"a flipped bit": func(path string, blob []byte) error {
			blob[len(blob)/2] ^= 4
			return os.WriteFile(path, blob, 0o600)
		},
		"truncated": func(path string, blob []byte) error { return os.WriteFile(path, blob[:len(blob)-1], 0o600) },
		"longer":    func(path string, blob []byte) error { return os.WriteFile(path, append(blob, 0), 0o600) },
		"gone":      func(path string, _ []byte) error { return os.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			one := snapshot(t, 1, 2)
			s.mustFollow(t, one.Announcement)
			putAll(t, s, &one)
			for _, blob := range [][]byte{one.Chunks[1], one.Manifest} {
				hash := wire.BlobHash(blob)
				if err := damage(filepath.Join(folder, fileName(hash)), slices.Clone(blob)); err != nil {
					t.Fatal(err)
				}
				if s.Get(hash) != nil {
					t.Error("a damaged blob was given away")
				}
				if missing, err := s.Missing(one.Announcement.Root); err != nil || !slices.Equal(missing, []wire.Hash{hash}) {
					t.Errorf("missing %v, %v; want the damaged one", missing, err)
				}
			}
			putAll(t, s, &one)
		})
	}
}

// TestCutOffWrites: what a crash leaves in the middle of a write is no blob, and is gone after the next start.
func TestCutOffWrites(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	one := snapshot(t, 1, 2)
	s.mustFollow(t, one.Announcement)
	if _, err := s.Put(one.Manifest); err != nil {
		t.Fatal(err)
	}
	chunk := one.Chunks[0]
	for _, name := range []string{fileName(wire.BlobHash(chunk)), announcedName} {
		if err := os.WriteFile(filepath.Join(folder, name+partialSuffix), chunk[:1000], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Another thing a crash can leave: a file that was renamed but whose bytes the disk never got.
	if err := os.WriteFile(filepath.Join(folder, fileName(wire.BlobHash(one.Chunks[1]))), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, folder)
	if again.Get(wire.BlobHash(one.Chunks[1])) != nil || again.Get(wire.BlobHash(chunk)) != nil {
		t.Error("half a blob was given away")
	}
	if names := files(t, folder); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
	putAll(t, again, &one)
}

// TestListIsLost: without the list of announcements nothing is kept but what the chain announces now.
func TestListIsLost(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	one := snapshot(t, 1, 2)
	s.mustFollow(t, one.Announcement)
	putAll(t, s, &one)
	if err := os.WriteFile(filepath.Join(folder, announcedName), []byte{200, 1}, 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, folder)
	if names := files(t, folder); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
	again.mustFollow(t, one.Announcement)
	putAll(t, again, &one)
}
