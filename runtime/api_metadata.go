package runtime

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// maxMetadata bounds the description of a runtime, in bytes.
const maxMetadata = 4 << 20

var opaqueMetadataCodec = scale.Newtype("sp_core::OpaqueMetadata", "", scale.Bytes(maxMetadata), func(v *[]byte) *[]byte { return v })

func metadataAPI() api {
	versionArg := scale.Struct("", "", scale.Field("version", scale.U32, func(v *uint32) *uint32 { return v }))
	return api{
		name: "Metadata", version: 2, docs: "The API that describes the runtime.",
		methods: []method{
			newMethod("metadata", "The metadata in version 14.", noArgs, opaqueMetadataCodec,
				func(r *Runtime, _ *struct{}) ([]byte, error) { return r.metadata(14), nil }),
			newMethod("metadata_at_version", "The metadata in a version.", versionArg, scale.Option(opaqueMetadataCodec),
				func(r *Runtime, version *uint32) (scale.Optional[[]byte], error) {
					if encoded := r.metadata(*version); encoded != nil {
						return scale.Some(encoded), nil
					}
					return scale.None[[]byte](), nil
				}),
			newMethod("metadata_versions", "The versions of metadata that there are.", noArgs, scale.Vec(scale.U32, 16),
				func(*Runtime, *struct{}) ([]uint32, error) { return MetadataVersions(), nil }),
		},
	}
}
