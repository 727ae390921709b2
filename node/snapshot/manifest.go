package snapshot

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// manifestName is the file that says what a snapshot's folder holds. It is written last.
const manifestName = "manifest"

var errManifest = errors.New("snapshot: its manifest is missing or damaged")

// stored is a snapshot on the disk. The files are not forced to it: what a loss of power leaves incomplete is found by
// the hashes, and the next snapshot is never far.
type stored struct {
	Height uint64
	Header []byte
	Chunks []scale.Hash
}

var storedCodec = scale.Struct("bitcloak_node::snapshot::Manifest", "",
	scale.Field("height", scale.U64, func(s *stored) *uint64 { return &s.Height }),
	scale.Field("header", scale.Bytes(MaxHeader), func(s *stored) *[]byte { return &s.Header }),
	scale.Field("chunks", scale.Vec(scale.HashCodec, MaxChunks), func(s *stored) *[]scale.Hash { return &s.Chunks }),
)

func (s *stored) describe() Description {
	return Description{Height: s.Height, Header: s.Header, Hash: scale.Hash(hashing.Blake2_256(s.Header)), Chunks: uint32(len(s.Chunks))}
}

// writeManifest writes the manifest and its hash.
func writeManifest(folder string, s stored) error {
	encoded := storedCodec.Marshal(s)
	sum := hashing.Blake2_256(encoded)
	return os.WriteFile(filepath.Join(folder, manifestName), append(encoded, sum[:]...), 0o600)
}

func readManifest(folder string) (stored, error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestName))
	cut := len(text) - len(scale.Hash{})
	if err != nil || cut < 0 || scale.Hash(hashing.Blake2_256(text[:cut])) != scale.Hash(text[cut:]) {
		return stored{}, errors.Join(errManifest, err)
	}
	s, err := storedCodec.Unmarshal(text[:cut])
	return s, err
}
