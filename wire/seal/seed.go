package seal

import (
	"crypto/hpke"
	"crypto/rand"

	"github.com/bitcloak/bitcloak/wire"
)

// Seed is the secret of an epoch.
type Seed [KeySize]byte

// NewSeed draws the seed of a contract's first epoch.
func NewSeed() (seed Seed) {
	rand.Read(seed[:])
	return seed
}

// Next is the seed of the epoch after this seed's own; epoch is that next one.
func (s *Seed) Next(epoch uint32) Seed {
	return expand((*[KeySize]byte)(s), appendU32([]byte("epoch"), epoch))
}

// Subkey is a key for one more purpose, such as sealing a worker's snapshots.
// Purposes end in a version, as in "bitcloak/snapshot/v1".
func (s *Seed) Subkey(purpose string, instance wire.Instance) [KeySize]byte {
	return expand((*[KeySize]byte)(s), instance.Append([]byte(purpose)))
}

// keyPair is the contract's key pair of the seed's epoch.
func (s *Seed) keyPair(instance wire.Instance) (hpke.PrivateKey, error) {
	material := s.Subkey("bitcloak/contract-key/v1", instance)
	defer clear(material[:])
	return suiteKEM().DeriveKeyPair(material[:])
}

// Wipe overwrites the seed.
func (s *Seed) Wipe() { clear(s[:]) }

const redacted = "[redacted]"

// String keeps seeds out of logs.
func (Seed) String() string { return redacted }

// GoString keeps seeds out of %#v.
func (Seed) GoString() string { return redacted }

// MarshalText keeps seeds out of JSON.
func (Seed) MarshalText() ([]byte, error) { return []byte(redacted), nil }
