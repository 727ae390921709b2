package blobs

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bitcloak/bitcloak/wire"
)

func fileName(hash wire.Hash) string { return hex.EncodeToString(hash[:]) }

// write makes a file hold contents: after a crash it is whole, as it was, or absent. The caller holds the lock.
func (s *Store) write(name string, contents []byte) error {
	temporary := filepath.Join(s.folder, name+partialSuffix)
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrFolder, err)
	}
	_, err = file.Write(contents)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(temporary, filepath.Join(s.folder, name))
	}
	if err == nil {
		err = s.syncFolder()
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrFolder, errors.Join(err, removeIfThere(temporary)))
	}
	return nil
}

func (s *Store) syncFolder() error {
	folder, err := os.Open(s.folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// read is readFile; a damaged blob is removed, so that it is asked for again. The caller holds the lock.
func (s *Store) read(hash wire.Hash) []byte {
	blob := s.readFile(hash)
	if blob == nil && s.held[hash] {
		s.log.Warn("a blob of a published snapshot is damaged; it is removed, and workers send it again", "blob", hash.String())
		if err := s.remove(hash); err != nil {
			s.log.Error("a damaged blob cannot be removed", "error", err)
		}
	}
	return blob
}

// readFile reads a blob and compares it with its hash; nil if it is not what it was.
func (s *Store) readFile(hash wire.Hash) []byte {
	file, err := os.Open(filepath.Join(s.folder, fileName(hash)))
	if err != nil {
		return nil
	}
	defer file.Close()
	blob, err := io.ReadAll(io.LimitReader(file, wire.MaxBlob+1))
	if err != nil || len(blob) > wire.MaxBlob || wire.BlobHash(blob) != hash {
		return nil
	}
	return blob
}

// remove forgets a blob. One whose file stays is wanted no more, or damaged: it is tried again at the next start.
func (s *Store) remove(hash wire.Hash) error {
	delete(s.held, hash)
	if err := removeIfThere(filepath.Join(s.folder, fileName(hash))); err != nil {
		return fmt.Errorf("%w (%w)", ErrFolder, err)
	}
	return nil
}
