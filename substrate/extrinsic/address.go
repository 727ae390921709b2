package extrinsic

import "github.com/bitcloak/bitcloak/substrate/scale"

// MaxRawAddress bounds the Raw form of an address, in bytes. No runtime here
// resolves that form; it is decoded so that it can be refused by name.
const MaxRawAddress = 256

// Kinds of MultiAddress, by their index in the encoding.
const (
	AddressID    = 0
	AddressIndex = 1
	AddressRaw   = 2
	Address32    = 3
	Address20    = 4
)

// MultiAddress names an account. Only the kind's own field is set; the index of
// AddressIndex is the unit type, as in every runtime without account indices.
type MultiAddress struct {
	Kind    uint8
	ID      scale.AccountID
	Raw     []byte
	Bytes32 [32]byte
	Bytes20 [20]byte
}

// AddressOf names an account by its identifier, the usual form.
func AddressOf(id scale.AccountID) MultiAddress { return MultiAddress{Kind: AddressID, ID: id} }

// Account is the account that the address names; ok is false for the forms that
// need a lookup, which these runtimes do not offer.
func (a *MultiAddress) Account() (id scale.AccountID, ok bool) {
	if a.Kind != AddressID {
		return scale.AccountID{}, false
	}
	return a.ID, true
}

// AddressCodec encodes a MultiAddress<AccountId32, ()>.
var AddressCodec = scale.Enum("sp_runtime::multiaddress::MultiAddress",
	func(a *MultiAddress) *uint8 { return &a.Kind },
	scale.Variant(AddressID, "Id", "",
		scale.Field("", scale.AccountIDCodec, func(a *MultiAddress) *scale.AccountID { return &a.ID }).
			TypeNamed("AccountId")),
	scale.Variant(AddressIndex, "Index", "",
		scale.Field("", compactUnit, func(*MultiAddress) *struct{} { return &nothing }).
			TypeNamed("AccountIndex")),
	scale.Variant(AddressRaw, "Raw", "",
		scale.Field("", scale.Bytes(MaxRawAddress), func(a *MultiAddress) *[]byte { return &a.Raw }).
			TypeNamed("Vec<u8>")),
	scale.Variant(Address32, "Address32", "",
		scale.Field("", scale.Bytes32, func(a *MultiAddress) *[32]byte { return &a.Bytes32 }).
			TypeNamed("[u8; 32]")),
	scale.Variant(Address20, "Address20", "",
		scale.Field("", scale.Bytes20, func(a *MultiAddress) *[20]byte { return &a.Bytes20 }).
			TypeNamed("[u8; 20]")),
).WithParams(
	scale.TypeParam{Name: "AccountId", Type: scale.AccountIDCodec.Type},
	scale.TypeParam{Name: "AccountIndex", Type: scale.Unit.Type})

// nothing is what fields of the unit type point at.
var nothing struct{}

// compactUnit is Compact<()>, which has no bytes.
var compactUnit = scale.Codec[struct{}]{
	Type: scale.CompactType(scale.Unit.Type), Encode: scale.Unit.Encode, Decode: scale.Unit.Decode,
}
