package seal

import (
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"errors"

	"github.com/bitcloak/bitcloak/wire"
)

// KeySize is the length of seeds, roots and symmetric keys, in bytes.
const KeySize = 32

// Errors of this package. They are wrapped with nothing secret.
var (
	ErrSealed    = errors.New("seal: the bytes do not open: wrong key, epoch or network, or altered on the way")
	ErrEpoch     = errors.New("seal: no key of that epoch is held: seal to the current epoch's contract key")
	ErrSignature = errors.New("seal: the session's signature is not the account's: sign the session text with the account's key")
	ErrPublicKey = errors.New("seal: not an MLKEM768-X25519 public key of 1,216 bytes: read it from the chain again")
	ErrTooLarge  = errors.New("seal: the answer exceeds its largest class: ask for fewer elements")
)

func suiteKEM() hpke.KEM   { return hpke.MLKEM768X25519() }
func suiteKDF() hpke.KDF   { return hpke.HKDFSHA256() }
func suiteAEAD() hpke.AEAD { return hpke.ChaCha20Poly1305() }

// expand is HKDF-SHA256 with an empty salt.
func expand(secret *[KeySize]byte, info []byte) (key [KeySize]byte) {
	return expandSalted(secret[:], nil, info)
}

func expandSalted(secret, salt, info []byte) (key [KeySize]byte) {
	derived, err := hkdf.Key(sha256.New, secret, salt, string(info), KeySize)
	if err != nil {
		panic("seal: HKDF-SHA256 refuses 32 bytes: " + err.Error()) // only for lengths above 8,160
	}
	copy(key[:], derived)
	clear(derived)
	return key
}

// context is tag || Instance || epoch u32: the info of an HPKE message.
func context(tag string, instance wire.Instance, epoch uint32) []byte {
	info := make([]byte, 0, len(tag)+wire.InstanceSize+4)
	return appendU32(instance.Append(append(info, tag...)), epoch)
}

func appendU32(dst []byte, v uint32) []byte {
	return append(dst, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}

func appendU64(dst []byte, v uint64) []byte {
	return appendU32(appendU32(dst, uint32(v)), uint32(v>>32))
}

// PublicKey is a contract key that wallets seal to.
type PublicKey struct {
	instance wire.Instance
	epoch    uint32
	key      hpke.PublicKey
}

// ParsePublicKey reads a contract key as it stands on the chain.
func ParsePublicKey(instance wire.Instance, key *wire.ContractKey) (*PublicKey, error) {
	parsed, err := suiteKEM().NewPublicKey(key.Public[:])
	if err != nil {
		return nil, ErrPublicKey
	}
	return &PublicKey{instance: instance, epoch: key.Epoch, key: parsed}, nil
}

// Epoch is the epoch the key belongs to.
func (p *PublicKey) Epoch() uint32 { return p.epoch }

// seal encrypts plaintext to the contract: enc || ciphertext.
func (p *PublicKey) seal(info, additional, plaintext []byte) ([]byte, error) {
	encapsulated, sender, err := hpke.NewSender(p.key, suiteKDF(), suiteAEAD(), info)
	if err != nil {
		return nil, err
	}
	ciphertext, err := sender.Seal(additional, plaintext)
	if err != nil {
		return nil, err
	}
	return append(encapsulated, ciphertext...), nil
}
