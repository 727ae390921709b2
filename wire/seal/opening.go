package seal

import (
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/wire"
)

// addressPrefix is Kusama's SS58 prefix, in which session texts name accounts.
const addressPrefix = 2

const openingTag = "bitcloak/opening/v1"

// SessionMessage is what an account's owner signs to open a session: the text
// of spec/wire.md inside <Bytes> and </Bytes>.
func SessionMessage(instance wire.Instance, account wire.AccountID, session wire.Hash, expiresAt uint64) []byte {
	address, err := ss58.Encode(addressPrefix, account)
	if err != nil {
		panic("seal: SS58 refuses prefix 2: " + err.Error()) // fixed and valid
	}
	return wire.WrapBytes(wire.SessionText(instance, address, session, expiresAt))
}

// openingAdditional is class || epoch.
func openingAdditional(epoch uint32) []byte { return appendU32([]byte{wire.ClassOpening}, epoch) }

// Opening seals a signed opening as an envelope.
func (p *PublicKey) Opening(opening *wire.Opening) ([]byte, error) {
	var plaintext [wire.OpeningPlaintextSize]byte
	defer clear(plaintext[:])
	if err := wire.EncodeOpening(&plaintext, opening); err != nil {
		return nil, err
	}
	sealed, err := p.seal(context(openingTag, p.instance, p.epoch), openingAdditional(p.epoch), plaintext[:])
	if err != nil {
		return nil, err
	}
	envelope := make([]byte, 0, wire.OpeningEnvelopeSize)
	envelope = appendU32(append(envelope, wire.ClassOpening), p.epoch)
	return append(envelope, sealed...), nil
}

// Opening opens an envelope of class opening and checks the account's signature
// over it.
func (k *Keyring) Opening(envelope []byte) (opening wire.Opening, err error) {
	if len(envelope) != wire.OpeningEnvelopeSize || envelope[0] != wire.ClassOpening {
		return opening, wire.ErrEnvelope
	}
	epoch := wire.EnvelopeEpoch(envelope)
	sealed := envelope[5:]
	recipient, err := k.recipient(epoch, sealed[:wire.EncapsulatedSize], context(openingTag, k.instance, epoch))
	if err != nil {
		return opening, err
	}
	plaintext, err := recipient.Open(openingAdditional(epoch), sealed[wire.EncapsulatedSize:])
	if err != nil {
		return opening, ErrSealed
	}
	defer clear(plaintext)
	if opening, err = wire.DecodeOpening(plaintext); err != nil {
		return wire.Opening{}, err
	}
	message := SessionMessage(k.instance, opening.Account, wire.SessionID(opening.Secret), opening.ExpiresAt)
	if !keys.Verify(keys.Kind(opening.Signature.Scheme), opening.Account, message, opening.Signature.Bytes) {
		return wire.Opening{}, ErrSignature
	}
	return opening, nil
}
