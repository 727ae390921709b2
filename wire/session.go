package wire

import (
	"strconv"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// MaxSessionDuration bounds a session, in ms from the block that opens it: 90 days.
const MaxSessionDuration = 90 * 24 * 3600 * 1000

// Signature schemes of sessions, numbered as in sp_runtime::MultiSignature.
const (
	SchemeEd25519 uint8 = 0
	SchemeSr25519 uint8 = 1
)

// SessionSignature is an account's signature over SessionText. Accounts are
// public keys of the scheme; ecdsa accounts are hashes and cannot open sessions.
type SessionSignature struct {
	Scheme uint8
	Bytes  [64]byte
}

// SessionSignatureCodec is the codec of SessionSignature.
var SessionSignatureCodec = scale.Enum("bitcloak_wire::SessionSignature", func(v *SessionSignature) *uint8 { return &v.Scheme },
	scale.Variant(SchemeEd25519, "Ed25519", "",
		scale.Field("", scale.Bytes64, func(v *SessionSignature) *[64]byte { return &v.Bytes })),
	scale.Variant(SchemeSr25519, "Sr25519", "",
		scale.Field("", scale.Bytes64, func(v *SessionSignature) *[64]byte { return &v.Bytes })),
)

// Opening is the plaintext of an opening envelope.
type Opening struct {
	Account   AccountID
	Secret    [32]byte
	ExpiresAt uint64 // ms since 1970
	Signature SessionSignature
}

// OpeningCodec is the codec of Opening, without its padding.
var OpeningCodec = scale.Struct("bitcloak_wire::Opening", "Opens a trading session of an account.",
	scale.Field("account", scale.AccountIDCodec, func(v *Opening) *AccountID { return &v.Account }),
	scale.Field("secret", scale.Bytes32, func(v *Opening) *[32]byte { return &v.Secret }),
	scale.Field("expires_at", scale.U64, func(v *Opening) *uint64 { return &v.ExpiresAt }),
	scale.Field("signature", SessionSignatureCodec, func(v *Opening) *SessionSignature { return &v.Signature }),
)

// EncodeOpening writes the plaintext of an opening envelope to dst.
func EncodeOpening(dst *[OpeningPlaintextSize]byte, opening *Opening) error {
	e := scale.NewEncoder(dst[:0])
	OpeningCodec.Encode(e, opening)
	if e.Err() != nil {
		return e.Err()
	}
	clear(dst[e.Len():]) // an opening takes 137 bytes of 395
	return nil
}

// DecodeOpening reads the plaintext of an opening envelope.
func DecodeOpening(plaintext []byte) (opening Opening, err error) {
	d := scale.NewDecoder(plaintext)
	OpeningCodec.Decode(d, &opening)
	return opening, finishPadded(d, OpeningPlaintextSize)
}

// SessionID names a session without showing its secret.
func SessionID(secret [32]byte) Hash { return tagged("bitcloak/session-id/v1", secret[:]) }

// SessionText is what the account's owner reads and signs to open a session.
// address is the account's SS58 address with prefix 2. Extensions sign it inside
// <Bytes> and </Bytes>: see WrapBytes.
func SessionText(instance Instance, address string, session Hash, expiresAt uint64) []byte {
	text := make([]byte, 0, 384)
	text = append(text, "Bitcloak: open a trading session\nnetwork: "...)
	text = append(text, instance.Genesis.String()...)
	text = append(text, "\ncontract: "...)
	text = strconv.AppendUint(text, uint64(instance.Contract), 10)
	text = append(text, "\naccount: "...)
	text = append(text, address...)
	text = append(text, "\nsession: "...)
	text = append(text, session.String()...)
	text = append(text, "\nexpires: "...)
	text = strconv.AppendUint(text, expiresAt, 10)
	return append(text, '\n')
}

// WrapBytes is text as browser extensions sign it: they never sign raw text that
// could be a transaction.
func WrapBytes(text []byte) []byte {
	wrapped := make([]byte, 0, len(text)+15)
	wrapped = append(wrapped, "<Bytes>"...)
	wrapped = append(wrapped, text...)
	return append(wrapped, "</Bytes>"...)
}
