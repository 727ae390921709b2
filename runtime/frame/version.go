package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// MaxNameBytes bounds the names of a runtime's spec and implementation.
const MaxNameBytes = 64

// maxApis bounds a runtime's list of APIs.
const maxApis = 256

// RuntimeVersion is sp_version's: which runtime this is and what it offers.
type RuntimeVersion struct {
	SpecName           string
	ImplName           string
	AuthoringVersion   uint32
	SpecVersion        uint32
	ImplVersion        uint32
	Apis               []ApiVersion
	TransactionVersion uint32
	StateVersion       uint8 // layout of the state trie
}

// ApiVersion names a runtime API, by blake2_64 of its trait, and its version.
type ApiVersion struct {
	ID      [8]byte
	Version uint32
}

var apiVersionCodec = func() scale.Codec[ApiVersion] {
	c := scale.Struct("", "",
		scale.Field("", scale.Bytes8, func(v *ApiVersion) *[8]byte { return &v.ID }),
		scale.Field("", scale.U32, func(v *ApiVersion) *uint32 { return &v.Version }))
	c.Type = scale.TupleType(scale.Bytes8.Type, scale.U32.Type)
	return c
}()

// RuntimeVersionCodec is sp_version's RuntimeVersion.
var RuntimeVersionCodec = scale.Struct("sp_version::RuntimeVersion", "",
	scale.Field("spec_name", scale.Str(MaxNameBytes), func(v *RuntimeVersion) *string { return &v.SpecName }),
	scale.Field("impl_name", scale.Str(MaxNameBytes), func(v *RuntimeVersion) *string { return &v.ImplName }),
	scale.Field("authoring_version", scale.U32, func(v *RuntimeVersion) *uint32 { return &v.AuthoringVersion }),
	scale.Field("spec_version", scale.U32, func(v *RuntimeVersion) *uint32 { return &v.SpecVersion }),
	scale.Field("impl_version", scale.U32, func(v *RuntimeVersion) *uint32 { return &v.ImplVersion }),
	scale.Field("apis", scale.Vec(apiVersionCodec, maxApis), func(v *RuntimeVersion) *[]ApiVersion { return &v.Apis }),
	scale.Field("transaction_version", scale.U32, func(v *RuntimeVersion) *uint32 { return &v.TransactionVersion }),
	scale.Field("state_version", scale.U8, func(v *RuntimeVersion) *uint8 { return &v.StateVersion }),
)
