package light

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// syncInterval is how often records are forced to the disk. In between they
// survive the end of the process, not the loss of power.
const syncInterval = time.Second

// FileStore keeps records in two files in turn, so that a crash while one is
// written leaves the other. It does not hide or protect them from the host.
type FileStore struct {
	files [2]string

	mutex    sync.Mutex
	sequence uint64
	synced   time.Time
}

// NewFileStore keeps records beside name, with the endings ".0" and ".1".
func NewFileStore(name string) *FileStore {
	return &FileStore{files: [2]string{name + ".0", name + ".1"}}
}

// stored is a file's contents: a record, its number, and a checksum of both.
type stored struct {
	Sequence uint64
	Record   []byte
	Checksum scale.Hash
}

var storedCodec = scale.Struct("bitcloak_light::Stored", "",
	scale.Field("sequence", scale.U64, func(s *stored) *uint64 { return &s.Sequence }),
	scale.Field("record", scale.Bytes(2*MaxLightBlock), func(s *stored) *[]byte { return &s.Record }),
	scale.Field("checksum", scale.HashCodec, func(s *stored) *scale.Hash { return &s.Checksum }))

func (s *stored) checksum() scale.Hash {
	return hashing.Blake2_256([]byte("bitcloak/trusted-head/v1"), scale.U64.Marshal(s.Sequence), s.Record)
}

// Load gives the newer whole record. Files that exist, but none of them whole,
// are an error: falling back to older trust is the operator's decision.
func (f *FileStore) Load() ([]byte, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var newest *stored
	var damage error
	for _, name := range f.files {
		switch s, err := readStored(name); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			damage = errors.Join(damage, err)
		case newest == nil || s.Sequence > newest.Sequence:
			newest = s
		}
	}
	if newest == nil {
		return nil, damage
	}
	f.sequence = newest.Sequence
	return newest.Record, nil
}

func readStored(name string) (*stored, error) {
	contents, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s, err := storedCodec.Unmarshal(contents)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if s.checksum() != s.Checksum {
		return nil, fmt.Errorf("%s: its checksum is wrong", name)
	}
	return &s, nil
}

// Save replaces the older file.
func (f *FileStore) Save(record []byte) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	s := stored{Sequence: f.sequence + 1, Record: record}
	s.Checksum = s.checksum()
	name := f.files[s.Sequence%2]
	if err := replaceFile(name, storedCodec.Marshal(s)); err != nil {
		return err
	}
	f.sequence++
	if time.Since(f.synced) >= syncInterval {
		f.synced = time.Now()
		go syncFile(name) // the disk takes milliseconds, which a follower should not wait
	}
	return nil
}

// replaceFile makes name hold contents, the old or the new whole at any moment
// that the process may end.
func replaceFile(name string, contents []byte) error {
	temporary := name + ".new"
	if err := os.WriteFile(temporary, contents, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}

// syncFile forces a file and its name to the disk. What fails here fails again, and
// is reported, when the file is next written or read.
func syncFile(name string) {
	for _, part := range []string{name, filepath.Dir(name)} {
		if file, err := os.Open(part); err == nil {
			_ = file.Sync()
			_ = file.Close()
		}
	}
}
