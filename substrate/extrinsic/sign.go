package extrinsic

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// maxPlainPayload is the longest signed data, in bytes, that is signed as it
// is; what is longer is hashed first.
const maxPlainPayload = 256

// SigningPayload appends to dst the bytes that a signature covers: the call,
// the extensions' explicit parts and their implicit parts, or the BLAKE2b-256
// hash of all that if it is longer than 256 bytes. The era must be valid, as
// decoded ones and those of Mortal are.
func SigningPayload(dst, call []byte, extensions *Extensions, implicit *Implicit) []byte {
	// At most 24 bytes of explicit parts and 72 of implicit ones.
	tail := scale.NewEncoder(make([]byte, 0, 128))
	ExtensionsCodec.Encode(tail, extensions)
	ImplicitCodec.Encode(tail, implicit)
	if len(call)+tail.Len() > maxPlainPayload {
		hash := hashing.Blake2_256(call, tail.Encoded())
		return append(dst, hash[:]...)
	}
	return append(append(dst, call...), tail.Encoded()...)
}

// SigningPayload appends to dst the bytes that x's signature must cover.
func (x *Extrinsic) SigningPayload(dst []byte, implicit *Implicit) []byte {
	return SigningPayload(dst, x.Call, &x.Extensions, implicit)
}

// Signer signs for one account.
type Signer struct {
	Account scale.AccountID
	Kind    uint8 // SignatureEd25519 or SignatureSr25519
	Sign    func(message []byte) [64]byte
}

// pair is what SignerOf needs of a key pair; keys.Pair is one.
type pair[K ~uint8] interface {
	Kind() K
	AccountID() scale.AccountID
	Sign(message []byte) [64]byte
}

// SignerOf is the Signer that a key pair makes.
func SignerOf[K ~uint8](p pair[K]) Signer {
	return Signer{Account: p.AccountID(), Kind: uint8(p.Kind()), Sign: p.Sign}
}

// Sign makes a signed extrinsic, encoded with its length prefix.
func Sign(call []byte, extensions Extensions, implicit Implicit, signer Signer) ([]byte, error) {
	if _, err := ExtensionsCodec.TryMarshal(extensions); err != nil {
		return nil, err
	}
	payload := SigningPayload(nil, call, &extensions, &implicit)
	x := Extrinsic{
		Version: 4, Signed: true, Address: AddressOf(signer.Account),
		Signature: SignatureOf(signer.Kind, signer.Sign(payload)), Extensions: extensions, Call: call,
	}
	return x.Encode()
}
