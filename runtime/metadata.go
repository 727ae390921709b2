package runtime

import (
	"sync"

	"github.com/bitcloak/bitcloak/substrate/metadata"
)

// MetadataVersions are the formats in which the runtime describes itself.
func MetadataVersions() []uint32 { return []uint32{14, 15} }

// Metadata is the runtime's description in one of these formats, nil for others. It
// is made once and is read-only.
func Metadata(version uint32) []byte { return composed.metadata(version) }

// descriptions are the encoded metadata, made when they are first asked for.
type descriptions struct{ version14, version15 func() []byte }

func describe(declared metadata.Runtime) descriptions {
	encode := func(version uint32) func() []byte {
		return sync.OnceValue(func() []byte {
			encoded, err := declared.Encode(version)
			if err != nil {
				panic(err) // the declarations contradict each other: a mistake in the program
			}
			return encoded
		})
	}
	return descriptions{version14: encode(14), version15: encode(15)}
}

func (d *descriptions) metadata(version uint32) []byte {
	switch version {
	case 14:
		return d.version14()
	case 15:
		return d.version15()
	default:
		return nil
	}
}
