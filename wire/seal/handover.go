package seal

import (
	"crypto/hpke"
	"errors"

	"github.com/bitcloak/bitcloak/wire"
)

// ErrHandover says that a handover's answer cannot be used.
var ErrHandover = errors.New("seal: the handover does not open: it answers another request, or was altered")

const handoverTag = "bitcloak/handover/v1"

// HandoverKey is the key pair of one handover.
type HandoverKey struct{ key hpke.PrivateKey }

// NewHandoverKey draws one.
func NewHandoverKey() (*HandoverKey, error) {
	key, err := suiteKEM().GenerateKey()
	if err != nil {
		return nil, err
	}
	return &HandoverKey{key: key}, nil
}

// Public is what the request names.
func (k *HandoverKey) Public() (public [wire.PublicKeySize]byte) {
	copy(public[:], k.key.PublicKey().Bytes())
	return public
}

// SealHandover seals secrets to the key of a request that was found to be good.
// The request's digest is authenticated with them.
func SealHandover(instance wire.Instance, request *wire.HandoverRequest, secrets *wire.HandoverSecrets) ([]byte, error) {
	public, err := suiteKEM().NewPublicKey(request.Key[:])
	if err != nil {
		return nil, ErrPublicKey
	}
	encapsulated, sender, err := hpke.NewSender(public, suiteKDF(), suiteAEAD(), handoverInfo(instance))
	if err != nil {
		return nil, err
	}
	plaintext := wire.HandoverSecretsCodec.Marshal(*secrets)
	defer clear(plaintext)
	digest := request.Digest(instance)
	ciphertext, err := sender.Seal(digest[:], plaintext)
	if err != nil {
		return nil, err
	}
	return append(encapsulated, ciphertext...), nil
}

// Open opens the answer to a request.
func (k *HandoverKey) Open(instance wire.Instance, request *wire.HandoverRequest, answer []byte) (secrets wire.HandoverSecrets, err error) {
	if len(answer) < wire.EncapsulatedSize {
		return secrets, ErrHandover
	}
	recipient, err := hpke.NewRecipient(answer[:wire.EncapsulatedSize], k.key, suiteKDF(), suiteAEAD(), handoverInfo(instance))
	if err != nil {
		return secrets, ErrHandover
	}
	digest := request.Digest(instance)
	plaintext, err := recipient.Open(digest[:], answer[wire.EncapsulatedSize:])
	if err != nil {
		return secrets, ErrHandover
	}
	defer clear(plaintext)
	if secrets, err = wire.HandoverSecretsCodec.Unmarshal(plaintext); err != nil {
		return wire.HandoverSecrets{}, ErrHandover
	}
	return secrets, nil
}

func handoverInfo(instance wire.Instance) []byte { return instance.Append([]byte(handoverTag)) }
