package keys

import (
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
)

// sr25519Marker is set in the last byte of every sr25519 signature; schnorrkel
// refuses signatures without it, so an ed25519 signature is never taken for one.
const sr25519Marker = 0x80

// ed25519Options are the rules of ZIP-215, which polkadot-sdk's host function
// ed25519_verify follows (ed25519-zebra).
var ed25519Options = &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}

// substrateContext is never written after initialisation.
var substrateContext = sr25519.NewSigningContext([]byte(signingContext))

// Verify reports whether signature is public's over message. It is a pure
// function: every node answers alike.
func Verify(kind Kind, public [PublicSize]byte, message []byte, signature [SignatureSize]byte) bool {
	switch kind {
	case Ed25519:
		return ed25519.VerifyWithOptions(public[:], message, signature[:], ed25519Options)
	case Sr25519:
		key, err := sr25519.NewPublicKeyFromBytes(public[:])
		if err != nil {
			return false
		}
		parsed, err := sr25519.NewSignatureFromBytes(signature[:])
		if err != nil {
			return false
		}
		return key.Verify(substrateContext.NewTranscriptBytes(message), parsed)
	}
	return false
}
