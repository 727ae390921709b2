package scale

// Hash is 32 bytes of a hash function's output; its text is 0x-hex.
type Hash [32]byte

// AccountID is an account's 32-byte public key or derived address.
type AccountID [32]byte

// Array is the codec of a fixed array A of elements T; slice gives all of them,
// e.g. func(a *[3]uint32) []uint32 { return a[:] }.
func Array[A, T any](elem Codec[T], slice func(*A) []T) Codec[A] {
	var zero A
	return Codec[A]{
		Type: ArrayType(elem.Type, uint32(len(slice(&zero)))),
		Encode: func(e *Encoder, v *A) {
			items := slice(v)
			for i := range items {
				elem.Encode(e, &items[i])
			}
		},
		Decode: func(d *Decoder, v *A) {
			items := slice(v)
			for i := range items {
				elem.Decode(d, &items[i])
			}
		},
	}
}

// FixedBytes is Array for bytes, copied at once.
func FixedBytes[A any](slice func(*A) []byte) Codec[A] {
	var zero A
	return Codec[A]{
		Type:   ArrayType(U8.Type, uint32(len(slice(&zero)))),
		Encode: func(e *Encoder, v *A) { e.Raw(slice(v)) },
		Decode: func(d *Decoder, v *A) { d.Fill(slice(v)) },
	}
}

// Codecs of byte arrays.
var (
	Bytes4  = FixedBytes(func(a *[4]byte) []byte { return a[:] })
	Bytes8  = FixedBytes(func(a *[8]byte) []byte { return a[:] })
	Bytes16 = FixedBytes(func(a *[16]byte) []byte { return a[:] })
	Bytes20 = FixedBytes(func(a *[20]byte) []byte { return a[:] })
	Bytes32 = FixedBytes(func(a *[32]byte) []byte { return a[:] })
	Bytes33 = FixedBytes(func(a *[33]byte) []byte { return a[:] })
	Bytes64 = FixedBytes(func(a *[64]byte) []byte { return a[:] })
	Bytes65 = FixedBytes(func(a *[65]byte) []byte { return a[:] })
)

// Codecs of the named 32-byte arrays, under the paths that clients look for.
var (
	AccountIDCodec = Newtype("sp_core::crypto::AccountId32", "", Bytes32,
		func(v *AccountID) *[32]byte { return (*[32]byte)(v) })
	HashCodec = Newtype("primitive_types::H256", "", Bytes32,
		func(v *Hash) *[32]byte { return (*[32]byte)(v) })
)

// String is h in 0x-hex.
func (h Hash) String() string { return HexString(h[:]) }

// MarshalText writes 0x-hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(HexString(h[:])), nil }

// UnmarshalText reads 0x-hex of exactly 32 bytes.
func (h *Hash) UnmarshalText(text []byte) error { return parseHexInto(h[:], text) }

// ParseHash reads 0x-hex of exactly 32 bytes.
func ParseHash(text string) (h Hash, err error) {
	err = parseHexInto(h[:], []byte(text))
	return h, err
}

// String is a in 0x-hex; package ss58 writes addresses for people.
func (a AccountID) String() string { return HexString(a[:]) }

// MarshalText writes 0x-hex.
func (a AccountID) MarshalText() ([]byte, error) { return []byte(HexString(a[:])), nil }

// UnmarshalText reads 0x-hex of exactly 32 bytes.
func (a *AccountID) UnmarshalText(text []byte) error { return parseHexInto(a[:], text) }
