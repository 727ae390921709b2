package keys

import (
	"crypto/rand"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// PublicSize, SeedSize and SignatureSize are in bytes, for both kinds.
	PublicSize    = 32
	SeedSize      = 32
	SignatureSize = 64
)

// Kind is a signature scheme, numbered as in Substrate's MultiSignature.
type Kind uint8

const (
	Ed25519 Kind = 0
	Sr25519 Kind = 1
)

// String returns the scheme's name as subkey and polkadot.js write it.
func (k Kind) String() string {
	switch k {
	case Ed25519:
		return "ed25519"
	case Sr25519:
		return "sr25519"
	}
	return fmt.Sprintf("unknown key kind %d", uint8(k))
}

// ParseKind reads what Kind.String writes.
func ParseKind(name string) (Kind, error) {
	switch name {
	case "ed25519":
		return Ed25519, nil
	case "sr25519":
		return Sr25519, nil
	}
	return 0, fmt.Errorf("%w: %q, expected sr25519 or ed25519", ErrKind, name)
}

// Pair is a secret key and its public key. Its methods may be called
// concurrently, except Wipe.
type Pair interface {
	Kind() Kind
	Public() [PublicSize]byte
	// AccountID is the account that the pair signs for: its public key.
	AccountID() scale.AccountID
	// Sign signs the message as it is. It panics after Wipe.
	Sign(message []byte) [SignatureSize]byte
	// Derive follows junctions, from the outermost on, to another pair.
	Derive(path ...Junction) (Pair, error)
	// Wipe overwrites the secret; the public key stays usable.
	Wipe()
}

// NewPair expands a 32-byte seed. The caller may wipe its seed afterwards.
func NewPair(kind Kind, seed [SeedSize]byte) (Pair, error) {
	defer clear(seed[:])
	switch kind {
	case Sr25519:
		return newSr25519(&seed), nil
	case Ed25519:
		return newEd25519(&seed), nil
	}
	return nil, fmt.Errorf("%w: %d", ErrKind, uint8(kind))
}

// Generate makes a pair from the operating system's random source.
func Generate(kind Kind) (Pair, error) {
	var seed [SeedSize]byte
	rand.Read(seed[:])
	defer clear(seed[:])
	return NewPair(kind, seed)
}
