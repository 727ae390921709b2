package wire

import "errors"

// Classes of envelopes: the first byte.
const (
	ClassCommand uint8 = 1
	ClassOpening uint8 = 2
)

// Sizes in bytes. Every envelope of a class has one length, so that a place, an
// amend, a cancel and a dummy look alike (I7).
const (
	TagSize          = 16   // of a command envelope
	SealOverhead     = 16   // Poly1305 tag
	EncapsulatedSize = 1120 // HPKE enc of MLKEM768-X25519
	PublicKeySize    = 1216 // of MLKEM768-X25519

	CommandEnvelopeSize = 256
	OpeningEnvelopeSize = 1536
	MaxEnvelopeSize     = OpeningEnvelopeSize

	CommandPlaintextSize = CommandEnvelopeSize - 1 - TagSize - SealOverhead
	OpeningPlaintextSize = OpeningEnvelopeSize - 1 - 4 - EncapsulatedSize - SealOverhead
)

// Tag finds a command envelope's session and sequence number, once.
type Tag [TagSize]byte

// ErrEnvelope is the chain's reason to refuse an envelope.
var ErrEnvelope = errors.New("envelope refused: a command takes 256 bytes and starts with 1, an opening takes 1,536 and starts with 2")

// CheckEnvelope tells whether the chain takes b: a known class in its length.
func CheckEnvelope(b []byte) error {
	switch {
	case len(b) == CommandEnvelopeSize && b[0] == ClassCommand:
		return nil
	case len(b) == OpeningEnvelopeSize && b[0] == ClassOpening:
		return nil
	default:
		return ErrEnvelope
	}
}

// EnvelopeTag is the tag of a command envelope, which CheckEnvelope has passed.
func EnvelopeTag(envelope []byte) Tag { return Tag(envelope[1 : 1+TagSize]) }

// EnvelopeEpoch is the epoch of an opening envelope, which CheckEnvelope has passed.
func EnvelopeEpoch(envelope []byte) uint32 {
	e := envelope[1:5]
	return uint32(e[0]) | uint32(e[1])<<8 | uint32(e[2])<<16 | uint32(e[3])<<24
}
