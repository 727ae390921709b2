package store

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// kindVersion: spec version, big endian -> Version. Programs of later versions answer questions about earlier blocks
// from it.
const kindVersion = 'v'

// Bounds of a version's record.
const (
	maxVersionBytes  = 64 << 10
	maxMetadataBytes = 16 << 20
	maxMetadata      = 16 // formats
	maxVersions      = 1 << 16
)

// Version is a runtime that has made blocks of this chain.
type Version struct {
	SpecVersion uint32
	First       uint32 // number of the first block that it made; 0 for the runtime of the genesis
	Description []byte // SCALE RuntimeVersion
	Metadata    []Metadata
}

// Metadata is the runtime's description in one format.
type Metadata struct {
	Format  uint32
	Encoded []byte
}

var metadataCodec = scale.Struct("Metadata", "",
	scale.Field("format", scale.U32, func(m *Metadata) *uint32 { return &m.Format }),
	scale.Field("encoded", scale.Bytes(maxMetadataBytes), func(m *Metadata) *[]byte { return &m.Encoded }))

var versionCodec = scale.Struct("Version", "",
	scale.Field("spec_version", scale.U32, func(v *Version) *uint32 { return &v.SpecVersion }),
	scale.Field("first", scale.U32, func(v *Version) *uint32 { return &v.First }),
	scale.Field("description", scale.Bytes(maxVersionBytes), func(v *Version) *[]byte { return &v.Description }),
	scale.Field("metadata", scale.Vec(metadataCodec, maxMetadata), func(v *Version) *[]Metadata { return &v.Metadata }))

// PutVersion keeps the version, in place of what was known of it.
func (s *Store) PutVersion(version Version) error {
	key := binary.BigEndian.AppendUint32([]byte{kindVersion}, version.SpecVersion)
	if err := s.db.Set(key, versionCodec.Marshal(version), pebble.Sync); err != nil {
		return fmt.Errorf("keep spec version %d: %w", version.SpecVersion, err)
	}
	return nil
}

// Versions are the versions kept, in ascending order.
func (s *Store) Versions() ([]Version, error) {
	iterator, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindVersion}, UpperBound: []byte{kindVersion + 1}})
	if err != nil {
		return nil, err
	}
	defer iterator.Close()
	var out []Version
	for ok := iterator.First(); ok && len(out) < maxVersions; ok = iterator.Next() {
		value, err := iterator.ValueAndErr()
		if err != nil {
			return nil, err
		}
		version, err := versionCodec.Unmarshal(value)
		if err != nil || len(out) > 0 && version.First <= out[len(out)-1].First {
			return nil, damaged("what is kept of a runtime's version")
		}
		out = append(out, version)
	}
	return out, iterator.Error()
}
