package worker

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	publicationFolder = "published"
	// announcementName is written last, so that a folder without it is half a
	// publication. It is sealed, or the host could have this worker vote for another.
	announcementName = "announcement.sealed"
	maxAnnouncement  = 4 << 10 // bytes
)

// publication is the snapshot of the newest epoch as anyone may store it, on the disk
// until the next one: so a restart does not lose it, and no memory is held by chunks
// that wait for the node.
type publication struct {
	folder string
	vault  *vault

	mutex   sync.Mutex
	current scale.Optional[wire.Snapshot]
}

// open finds what the process before has sealed, and removes half a publication.
func (p *publication) open(folder string, v *vault) error {
	p.folder, p.vault = filepath.Join(folder, publicationFolder), v
	sealed, err := readBounded(filepath.Join(p.folder, announcementName), maxAnnouncement)
	if err == nil && sealed == nil {
		return p.remove()
	}
	if err == nil {
		_, record, openErr := v.open(kindPublished, sealed)
		if err = openErr; err == nil {
			var announced wire.Snapshot
			if announced, err = wire.SnapshotCodec.Unmarshal(record); err == nil {
				p.current = scale.Some(announced)
				return nil
			}
		}
	}
	return errors.Join(fmt.Errorf("worker: the last published snapshot cannot be used: %w", err), p.remove())
}

func (p *publication) remove() error { return os.RemoveAll(p.folder) }

// announcement is what this worker votes for.
func (p *publication) announcement() scale.Optional[wire.Snapshot] {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.current
}

// store seals a snapshot of the contract and replaces the one before.
func (p *publication) store(seed *seal.Seed, s *savedState) error {
	sealed, err := seal.SealSnapshot(seed, p.vault.instance, s.epoch, s.checkpoint, s.root, s.contract())
	if err != nil {
		return err
	}
	p.mutex.Lock()
	p.current = scale.None[wire.Snapshot]()
	p.mutex.Unlock()
	if err := errors.Join(p.remove(), os.MkdirAll(p.folder, 0o700)); err != nil {
		return err
	}
	for i, chunk := range sealed.Chunks {
		if err := p.write(chunk); err != nil {
			return err
		}
		sealed.Chunks[i] = nil
	}
	if err := p.write(sealed.Manifest); err != nil {
		return err
	}
	record := p.vault.seal(kindPublished, [bindingSize]byte{}, wire.SnapshotCodec.Marshal(sealed.Announcement))
	if err := replaceFile(filepath.Join(p.folder, announcementName), record); err != nil {
		return err
	}
	p.mutex.Lock()
	p.current = scale.Some(sealed.Announcement)
	p.mutex.Unlock()
	return nil
}

func (p *publication) name(hash wire.Hash) string {
	return filepath.Join(p.folder, hex.EncodeToString(hash[:]))
}

// write stores a blob. After a crash it may be damaged: that is seen when it is read.
func (p *publication) write(blob []byte) error {
	return os.WriteFile(p.name(wire.BlobHash(blob)), blob, 0o600)
}

// blob reads a blob; nil if it is not what it was.
func (p *publication) blob(hash wire.Hash) []byte {
	blob, err := readBounded(p.name(hash), wire.MaxBlob)
	if err != nil || blob == nil || wire.BlobHash(blob) != hash {
		return nil
	}
	return blob
}
