package worker

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const keyFileName = "keys.sealed"

// maxKeyFile bounds the key file, in bytes.
const maxKeyFile = 4 << 10

// secrets are what a worker must not lose and nobody else may have. The first
// seed is kept only until the epochs that it opens have passed; snapshots carry
// the later ones. A worker that waits for a handover has neither seed nor state key.
type secrets struct {
	signing   ed25519.PrivateKey
	state     [32]byte // blinds leaves and remainder; the same on every worker
	firstSeed scale.Optional[seal.Seed]
}

// keyRecord is the plaintext of the key file.
type keyRecord struct {
	Signing   [32]byte // ed25519 seed
	State     [32]byte
	FirstSeed scale.Optional[[32]byte]
}

var keyRecordCodec = scale.Struct("bitcloak_worker::Keys", "",
	scale.Field("signing", scale.Bytes32, func(r *keyRecord) *[32]byte { return &r.Signing }),
	scale.Field("state", scale.Bytes32, func(r *keyRecord) *[32]byte { return &r.State }),
	scale.Field("first_seed", scale.Option(scale.Bytes32), func(r *keyRecord) *scale.Optional[[32]byte] { return &r.FirstSeed }))

// origin is where the first seed of a new data folder comes from.
type origin struct {
	seed     *seal.Seed // provisioned; nil: drawn
	handover bool       // none: a replica will hand its own over
}

// newSecrets draws a worker's signing key.
func newSecrets() *secrets {
	var signing [ed25519.SeedSize]byte
	rand.Read(signing[:])
	defer clear(signing[:])
	return &secrets{signing: ed25519.NewKeyFromSeed(signing[:])}
}

// stateKey follows from the contract's first seed, so that all workers provisioned
// with one seed blind alike (I5).
func stateKey(instance wire.Instance, first *seal.Seed) [32]byte {
	return first.Subkey("bitcloak/state-key/v1", instance)
}

// start takes the contract's first seed.
func (s *secrets) start(instance wire.Instance, first seal.Seed) {
	s.state, s.firstSeed = stateKey(instance, &first), scale.Some(first)
	first.Wipe()
}

// loadSecrets opens the key file, or makes one in a new data folder.
func loadSecrets(folder string, v *vault, from origin) (*secrets, error) {
	name := filepath.Join(folder, keyFileName)
	contents, err := readBounded(name, maxKeyFile)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrKeyFile, err)
	}
	if contents == nil {
		s := newSecrets()
		switch {
		case from.seed != nil:
			s.start(v.instance, *from.seed)
		case !from.handover:
			s.start(v.instance, seal.NewSeed())
		}
		return s, s.save(folder, v)
	}
	_, plaintext, err := v.open(kindKeys, contents)
	if err != nil {
		return nil, fmt.Errorf("%w (%s: %w)", ErrKeyFile, name, err)
	}
	defer clear(plaintext)
	record, err := keyRecordCodec.Unmarshal(plaintext)
	if err != nil {
		return nil, fmt.Errorf("%w (%s does not decode)", ErrKeyFile, name)
	}
	s := &secrets{signing: ed25519.NewKeyFromSeed(record.Signing[:]), state: record.State}
	s.firstSeed = scale.Optional[seal.Seed]{Some: record.FirstSeed.Some, Value: record.FirstSeed.Value}
	record.wipe()
	return s, nil
}

// renew draws another signing key.
func (s *secrets) renew(folder string, v *vault) error {
	clear(s.signing)
	fresh := newSecrets()
	s.signing = fresh.signing
	return s.save(folder, v)
}

// save writes the key file.
func (s *secrets) save(folder string, v *vault) error {
	record := keyRecord{State: s.state, FirstSeed: scale.Optional[[32]byte]{Some: s.firstSeed.Some, Value: s.firstSeed.Value}}
	copy(record.Signing[:], s.signing.Seed())
	plaintext := keyRecordCodec.Marshal(record)
	record.wipe()
	defer clear(plaintext)
	if err := replaceFile(filepath.Join(folder, keyFileName), v.seal(kindKeys, [bindingSize]byte{}, plaintext)); err != nil {
		return fmt.Errorf("worker: write the sealed keys (check the data folder's permissions and space): %w", err)
	}
	return nil
}

// forgetFirstSeed erases the first seed from memory and disk.
func (s *secrets) forgetFirstSeed(folder string, v *vault) error {
	if !s.firstSeed.Some {
		return nil
	}
	s.firstSeed.Value.Wipe()
	s.firstSeed.Some = false
	return s.save(folder, v)
}

// public is the worker's key on the chain.
func (s *secrets) public() (key [32]byte) {
	copy(key[:], s.signing.Public().(ed25519.PublicKey))
	return key
}

// sign signs a digest of package wire.
func (s *secrets) sign(digest wire.Hash) (signature [64]byte) {
	copy(signature[:], ed25519.Sign(s.signing, digest[:]))
	return signature
}

// wipe overwrites all secrets.
func (s *secrets) wipe() {
	clear(s.signing)
	clear(s.state[:])
	s.firstSeed.Value.Wipe()
	s.firstSeed.Some = false
}

// String keeps secrets out of logs.
func (*secrets) String() string { return "[redacted]" }

func (r *keyRecord) wipe() {
	clear(r.Signing[:])
	clear(r.State[:])
	clear(r.FirstSeed.Value[:])
}
