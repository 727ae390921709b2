package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/wire"
)

// ErrPublished says that a published snapshot cannot be opened.
var ErrPublished = errors.New("seal: the published snapshot does not open: another seed, or altered chunks")

// SealedSnapshot is a snapshot as any store may keep it.
type SealedSnapshot struct {
	Announcement wire.Snapshot
	Manifest     []byte
	Chunks       [][]byte
}

// SealSnapshot encrypts a snapshot's plaintext under the seed of its epoch. It is a
// pure function, so that all workers publish the same bytes; the key depends on the
// plaintext, so that two plaintexts never meet under one key and nonce.
func SealSnapshot(seed *Seed, instance wire.Instance, epoch uint32, checkpoint uint64, root wire.Hash, content []byte) (sealed SealedSnapshot, err error) {
	plaintext := PadSnapshot(content)
	defer clear(plaintext)
	if uint64(len(plaintext)) > wire.MaxSnapshotChunks*wire.SnapshotChunkSize {
		return sealed, wire.ErrManifest
	}
	manifest := wire.Manifest{
		Version: wire.ManifestVersion, Instance: instance, Epoch: epoch, Checkpoint: checkpoint, StateRoot: root,
		ID: snapshotID(seed, instance, checkpoint, root, plaintext), Size: uint64(len(plaintext)),
	}
	aead, err := snapshotCipher(seed, &manifest)
	if err != nil {
		return sealed, err
	}
	for part := range slices.Chunk(plaintext, wire.SnapshotChunkSize) {
		chunk := aead.Seal(nil, chunkNonce(len(sealed.Chunks)), part, nil)
		sealed.Chunks = append(sealed.Chunks, chunk)
		manifest.Chunks = append(manifest.Chunks, wire.BlobHash(chunk))
	}
	sealed.Manifest = wire.ManifestCodec.Marshal(manifest)
	sealed.Announcement = wire.Snapshot{Epoch: epoch, Checkpoint: checkpoint, StateRoot: root, Root: wire.BlobHash(sealed.Manifest)}
	return sealed, nil
}

// OpenSnapshot decrypts a published snapshot, whose chunks come in order and match
// the manifest. The caller clears the content.
func OpenSnapshot(seed *Seed, instance wire.Instance, manifest *wire.Manifest, chunk func(index int) ([]byte, error)) ([]byte, error) {
	if manifest.Instance != instance {
		return nil, ErrPublished
	}
	aead, err := snapshotCipher(seed, manifest)
	if err != nil {
		return nil, err
	}
	var plaintext []byte // grows with what was opened: the size is a claim until then
	for index, hash := range manifest.Chunks {
		sealed, err := chunk(index)
		if err == nil && wire.BlobHash(sealed) != hash {
			err = ErrPublished
		}
		if err == nil {
			plaintext, err = appendChunk(plaintext, aead, index, sealed)
		}
		if err != nil {
			clear(plaintext)
			return nil, err
		}
	}
	id := snapshotID(seed, instance, manifest.Checkpoint, manifest.StateRoot, plaintext)
	if uint64(len(plaintext)) != manifest.Size || id != manifest.ID {
		clear(plaintext)
		return nil, ErrPublished
	}
	return UnpadSnapshot(plaintext)
}

func appendChunk(plaintext []byte, aead cipher.AEAD, index int, sealed []byte) ([]byte, error) {
	if cap(plaintext)-len(plaintext) < len(sealed) { // grow by hand, so that what is left behind is wiped
		grown := append(make([]byte, 0, 2*cap(plaintext)+len(sealed)), plaintext...)
		clear(plaintext)
		plaintext = grown
	}
	opened, err := aead.Open(plaintext, chunkNonce(index), sealed, nil)
	if err != nil {
		return plaintext, ErrPublished
	}
	return opened, nil
}

// snapshotID is a keyed hash of what is sealed.
func snapshotID(seed *Seed, instance wire.Instance, checkpoint uint64, root wire.Hash, plaintext []byte) (id [32]byte) {
	key := seed.Subkey("bitcloak/snapshot-id/v1", instance)
	defer clear(key[:])
	h, err := blake2b.New256(key[:])
	if err != nil {
		panic("seal: BLAKE2b refuses a 32-byte key: " + err.Error())
	}
	h.Write(binary.LittleEndian.AppendUint64(nil, checkpoint))
	h.Write(root[:])
	h.Write(plaintext)
	h.Sum(id[:0])
	return id
}

func snapshotCipher(seed *Seed, manifest *wire.Manifest) (cipher.AEAD, error) {
	parent := seed.Subkey("bitcloak/published-snapshot/v1", manifest.Instance)
	defer clear(parent[:])
	key := expand(&parent, manifest.ID[:])
	defer clear(key[:])
	return chacha20poly1305.New(key[:])
}

func chunkNonce(index int) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, uint64(index)), 0)
}
