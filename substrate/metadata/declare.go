package metadata

import "github.com/bitcloak/bitcloak/substrate/scale"

// Runtime declares a runtime.
type Runtime struct {
	Pallets   []Pallet
	Extrinsic Extrinsic
	Type      *scale.Type // the runtime's own, e.g. "bitcloak_runtime::Runtime"

	// What follows appears in version 15 only.
	APIs               []API
	Call, Event, Error *scale.Type // the outer enums
	Custom             []Custom
}

// Pallet declares a pallet; nil types stand for none.
type Pallet struct {
	Name                  string
	Index                 uint8
	Docs                  string // version 15 only
	Prefix                string // of its storage; Name if empty, as it should be: polkadot-api ignores it
	Storage               []StorageEntry
	Calls, Events, Errors *scale.Type
	Constants             []Constant
}

// Hasher turns a map's key into a part of the storage key, numbered as in metadata.
type Hasher uint8

// The hashers.
const (
	Blake2_128       Hasher = 0
	Blake2_256       Hasher = 1
	Blake2_128Concat Hasher = 2
	Twox128          Hasher = 3
	Twox256          Hasher = 4
	Twox64Concat     Hasher = 5
	Identity         Hasher = 6
)

// StorageEntry declares a storage item: a plain value without Keys, else a map.
type StorageEntry struct {
	Name     string
	Docs     string
	Keys     []Key
	Value    *scale.Type
	Optional bool   // an absent value reads as nothing; Default is then unused
	Default  []byte // else what an absent value reads as, encoded
}

// Key is one key of a map and how it is hashed.
type Key struct {
	Hasher Hasher
	Type   *scale.Type
}

// Constant declares a value fixed by the code.
type Constant struct {
	Name  string
	Docs  string
	Type  *scale.Type
	Value []byte // encoded
}

// ConstantOf is a constant encoded by its codec.
func ConstantOf[T any](name, docs string, c scale.Codec[T], value T) Constant {
	return Constant{Name: name, Docs: docs, Type: c.Type, Value: c.Marshal(value)}
}

// Extrinsic declares the format of extrinsics.
type Extrinsic struct {
	Version                         uint8
	Type                            *scale.Type // UncheckedExtrinsic
	Address, Call, Signature, Extra *scale.Type
	Extensions                      []Extension
}

// Extension declares a transaction extension.
type Extension struct {
	Name     string
	Type     *scale.Type // what it sends in the extrinsic
	Implicit *scale.Type // what it adds to the signed data alone
}

// API declares a runtime API: a trait whose methods the node calls.
type API struct {
	Name    string
	Docs    string
	Methods []Method
}

// Method declares a method; its export is "Name_method".
type Method struct {
	Name   string
	Docs   string
	Inputs []Input
	Output *scale.Type
}

// Input declares a method's parameter.
type Input struct {
	Name string
	Type *scale.Type
}

// Custom is a value of the project's own, under a name of its choice.
type Custom struct {
	Name  string
	Type  *scale.Type
	Value []byte // encoded
}

// OuterEnum describes the enum that joins one part of every pallet that has it,
// e.g. func(p *Pallet) *scale.Type { return p.Calls }. Calls that contain
// RuntimeCall need its pointer before the pallets are complete: give out
// scale.NewType() and later assign, *runtimeCall = *OuterEnum(...).
func OuterEnum(path string, pallets []Pallet, part func(*Pallet) *scale.Type) *scale.Type {
	var variants []scale.TypeVariant
	for i := range pallets {
		if t := part(&pallets[i]); t != nil {
			variants = append(variants, scale.TypeVariant{
				Name: pallets[i].Name, Index: pallets[i].Index, Fields: []scale.TypeField{{Type: t}},
			})
		}
	}
	return scale.VariantType(path, "", variants...)
}
