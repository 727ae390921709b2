package chain

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// ErrOtherVersion refuses to run this program's runtime on the state of a block that another version made.
var ErrOtherVersion = errors.New("chain: the block belongs to a runtime that this program does not hold; ask a node that runs it")

// Methods of runtime APIs that describe the runtime: they are answered for every version kept.
const (
	coreVersion       = "Core_version"
	metadataPlain     = "Metadata_metadata"
	metadataAtVersion = "Metadata_metadata_at_version"
	metadataVersions  = "Metadata_metadata_versions"
	plainFormat       = 14 // of Metadata_metadata
)

// CheckVersion reports whether this program may make the block after the head, or else gives a *runtime.VersionError.
func (c *Chain) CheckVersion() (err error) {
	defer recoverFailure(&err)
	head := c.Head()
	return c.viewOf(head.Hash, head.Number, head.StateRoot).runtime().CheckVersion(head.Number + 1)
}

// ownVersion is the program's runtime, as it is kept.
func ownVersion() store.Version {
	own := runtime.New(nil).Version()
	kept := store.Version{SpecVersion: own.SpecVersion, Description: frame.RuntimeVersionCodec.Marshal(own)}
	for _, format := range runtime.MetadataVersions() {
		kept.Metadata = append(kept.Metadata, store.Metadata{Format: format, Encoded: runtime.Metadata(format)})
	}
	return kept
}

// keepVersion writes down that this program's runtime makes blocks from the one after the head on, unless that is known.
// Then programs to come can describe it. It does nothing while the next block is another's.
func (c *Chain) keepVersion() error {
	var other *runtime.VersionError
	if err := c.CheckVersion(); errors.As(err, &other) {
		return nil
	} else if err != nil {
		return err
	}
	own := ownVersion()
	kept, err := c.store.Versions()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(kept, func(v store.Version) bool { return v.SpecVersion == own.SpecVersion })
	switch {
	case at >= 0:
		own.First = kept[at].First
	case len(kept) > 0:
		own.First = c.Head().Number + 1
	}
	if at < 0 || !sameVersion(kept[at], own) {
		if err := c.store.PutVersion(own); err != nil {
			return err
		}
		if kept, err = c.store.Versions(); err != nil {
			return err
		}
	}
	c.versions.Store(&kept)
	return nil
}

func sameVersion(a, b store.Version) bool {
	return bytes.Equal(a.Description, b.Description) && slices.EqualFunc(a.Metadata, b.Metadata, func(x, y store.Metadata) bool {
		return x.Format == y.Format && bytes.Equal(x.Encoded, y.Encoded)
	})
}

// versionAfter is the version that makes the block after number; nil where it is this program's.
func (c *Chain) versionAfter(number uint32) *store.Version {
	kept := c.versions.Load()
	if kept == nil {
		return nil
	}
	for i := len(*kept) - 1; i >= 0; i-- {
		version := &(*kept)[i]
		if version.First > number+1 && i > 0 {
			continue
		}
		if version.SpecVersion == c.Version().SpecVersion {
			return nil
		}
		return version
	}
	return nil
}

// VersionAfter is the version of the runtime that makes the block after the one with this hash, as Substrate answers for
// a block: clients that decode a block ask at its parent.
func (c *Chain) VersionAfter(hash scale.Hash) (frame.RuntimeVersion, error) {
	h, err := c.store.Header(hash)
	if err != nil {
		return frame.RuntimeVersion{}, err
	}
	if other := c.versionAfter(h.Number); other != nil {
		return frame.RuntimeVersionCodec.Unmarshal(other.Description)
	}
	return c.Version(), nil
}

// MetadataAfter is that runtime's description in a format; nil if it has none.
func (c *Chain) MetadataAfter(hash scale.Hash, format uint32) ([]byte, error) {
	h, err := c.store.Header(hash)
	if err != nil {
		return nil, err
	}
	if other := c.versionAfter(h.Number); other != nil {
		return metadataOf(other, format), nil
	}
	return runtime.Metadata(format), nil
}

func metadataOf(version *store.Version, format uint32) []byte {
	for i := range version.Metadata {
		if version.Metadata[i].Format == format {
			return version.Metadata[i].Encoded
		}
	}
	return nil
}

// describe answers a call of the runtime API from what is kept of another version.
func describe(version *store.Version, method string, arguments []byte) ([]byte, error) {
	opaque := scale.Bytes(1 << 24)
	switch method {
	case coreVersion:
		return version.Description, nil
	case metadataPlain:
		return opaque.Marshal(metadataOf(version, plainFormat)), nil
	case metadataVersions:
		var formats []uint32
		for i := range version.Metadata {
			formats = append(formats, version.Metadata[i].Format)
		}
		return scale.Vec(scale.U32, len(formats)).Marshal(formats), nil
	case metadataAtVersion:
		format, err := scale.U32.Unmarshal(arguments)
		if err != nil {
			return nil, err
		}
		if encoded := metadataOf(version, format); encoded != nil {
			return scale.Option(opaque).Marshal(scale.Some(encoded)), nil
		}
		return scale.Option(opaque).Marshal(scale.None[[]byte]()), nil
	}
	return nil, fmt.Errorf("%w (spec version %d)", ErrOtherVersion, version.SpecVersion)
}
