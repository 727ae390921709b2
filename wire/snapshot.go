package wire

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Snapshot announces a published snapshot of the contract: workers vote for it on
// the chain, and its root finds its manifest in any store of blobs.
type Snapshot struct {
	Epoch      uint32 // it is sealed to this epoch's seed
	Checkpoint uint64 // the state is that after this checkpoint
	StateRoot  Hash
	Root       Hash // blake2_256 of the manifest
}

// SnapshotCodec is the codec of Snapshot.
var SnapshotCodec = scale.Struct("bitcloak_wire::Snapshot", "A published snapshot of the contract.",
	scale.Field("epoch", scale.U32, func(v *Snapshot) *uint32 { return &v.Epoch }),
	scale.Field("checkpoint", scale.U64, func(v *Snapshot) *uint64 { return &v.Checkpoint }),
	scale.Field("state_root", scale.HashCodec, func(v *Snapshot) *Hash { return &v.StateRoot }),
	scale.Field("root", scale.HashCodec, func(v *Snapshot) *Hash { return &v.Root }),
)

// Digest is what workers sign with ed25519 to announce the snapshot.
func (v *Snapshot) Digest(instance Instance) Hash {
	return tagged("bitcloak/snapshot/v1", instance.Append(nil), SnapshotCodec.Marshal(*v))
}

const (
	// SnapshotChunkSize is the plaintext of each chunk but the last, in bytes.
	SnapshotChunkSize = 1 << 20
	// MaxSnapshotChunks bounds a snapshot: 32 GiB.
	MaxSnapshotChunks = 1 << 15
	// MaxBlob bounds a manifest and a sealed chunk, in bytes.
	MaxBlob = SnapshotChunkSize + 4096
	// ManifestVersion is the only version of Manifest.
	ManifestVersion uint8 = 1
)

// Manifest lists the sealed chunks of a published snapshot by their hashes.
type Manifest struct {
	Version    uint8
	Instance   Instance
	Epoch      uint32
	Checkpoint uint64
	StateRoot  Hash
	ID         [32]byte // keyed hash of the plaintext
	Size       uint64   // of the plaintext, in bytes
	Chunks     []Hash   // blake2_256 of each sealed chunk
}

// ManifestCodec is the codec of Manifest.
var ManifestCodec = scale.Struct("bitcloak_wire::Manifest", "The sealed chunks of a published snapshot.",
	scale.Field("version", scale.U8, func(v *Manifest) *uint8 { return &v.Version }),
	scale.Field("instance", InstanceCodec, func(v *Manifest) *Instance { return &v.Instance }),
	scale.Field("epoch", scale.U32, func(v *Manifest) *uint32 { return &v.Epoch }),
	scale.Field("checkpoint", scale.U64, func(v *Manifest) *uint64 { return &v.Checkpoint }),
	scale.Field("state_root", scale.HashCodec, func(v *Manifest) *Hash { return &v.StateRoot }),
	scale.Field("id", scale.Bytes32, func(v *Manifest) *[32]byte { return &v.ID }),
	scale.Field("size", scale.U64, func(v *Manifest) *uint64 { return &v.Size }),
	scale.Field("chunks", scale.Vec(scale.HashCodec, MaxSnapshotChunks), func(v *Manifest) *[]Hash { return &v.Chunks }),
)

// ErrManifest says that bytes are not the manifest of an announced snapshot.
var ErrManifest = errors.New("the manifest is not that of the announced snapshot; ask another node for it")

// BlobHash is the address of a manifest or a sealed chunk.
func BlobHash(blob []byte) Hash { return hashing.Blake2_256(blob) }

// DecodeManifest reads the manifest of an announced snapshot and checks that it is
// it and that its numbers agree.
func DecodeManifest(blob []byte, announced *Snapshot) (manifest Manifest, err error) {
	if len(blob) > MaxBlob || BlobHash(blob) != announced.Root {
		return manifest, ErrManifest
	}
	manifest, err = ManifestCodec.Unmarshal(blob)
	if err != nil || manifest.Version != ManifestVersion || manifest.Epoch != announced.Epoch ||
		manifest.Checkpoint != announced.Checkpoint || manifest.StateRoot != announced.StateRoot ||
		manifest.Size == 0 || manifest.Size > MaxSnapshotChunks*SnapshotChunkSize ||
		uint64(len(manifest.Chunks)) != (manifest.Size-1)/SnapshotChunkSize+1 {
		return Manifest{}, ErrManifest
	}
	return manifest, nil
}
