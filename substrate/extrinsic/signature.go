package extrinsic

import "github.com/bitcloak/bitcloak/substrate/scale"

// Kinds of MultiSignature, by their index in the encoding.
const (
	SignatureEd25519 = 0
	SignatureSr25519 = 1
	SignatureEcdsa   = 2
)

// MultiSignature is a signature under one of three schemes: the first 64 bytes
// for Ed25519 and Sr25519, all 65 for Ecdsa (the last being the recovery id).
type MultiSignature struct {
	Kind  uint8
	Bytes [65]byte
}

// SignatureOf is a 64-byte signature of kind SignatureEd25519 or SignatureSr25519.
func SignatureOf(kind uint8, signature [64]byte) MultiSignature {
	s := MultiSignature{Kind: kind}
	copy(s.Bytes[:], signature[:])
	return s
}

// Short is the signature of a 64-byte scheme; ok is false for Ecdsa.
func (s *MultiSignature) Short() (signature [64]byte, ok bool) {
	return [64]byte(s.Bytes[:64]), s.Kind == SignatureEd25519 || s.Kind == SignatureSr25519
}

func shortBytes(s *MultiSignature) *[64]byte { return (*[64]byte)(s.Bytes[:64]) }

// SignatureCodec encodes a MultiSignature.
var SignatureCodec = scale.Enum("sp_runtime::MultiSignature",
	func(s *MultiSignature) *uint8 { return &s.Kind },
	scale.Variant(SignatureEd25519, "Ed25519", "",
		scale.Field("", scale.Bytes64, shortBytes).TypeNamed("ed25519::Signature")),
	scale.Variant(SignatureSr25519, "Sr25519", "",
		scale.Field("", scale.Bytes64, shortBytes).TypeNamed("sr25519::Signature")),
	scale.Variant(SignatureEcdsa, "Ecdsa", "",
		scale.Field("", scale.Bytes65, func(s *MultiSignature) *[65]byte { return &s.Bytes }).
			TypeNamed("ecdsa::Signature")))
