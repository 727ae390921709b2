package wallet

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// secretSession is what a wallet keeps of a session.
type secretSession struct {
	Secret    [32]byte
	Opened    uint32 // epoch of the opening
	ExpiresAt uint64 // ms since 1970
	Next      uint64 // no sequence from here on was ever used
}

// Record is what a wallet keeps of an account on one network, beside its key.
type Record struct {
	session scale.Optional[secretSession]
	opening scale.Optional[secretSession] // sent, and not yet seen open
	order   uint64                        // the highest order number seen or used
	history uint64                        // entries of the account's history up to here have been looked at for order numbers
}

// Format keeps secrets out of logs, whatever the verb.
func (Record) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "wallet record [redacted]")
}

// Format keeps secrets out of logs, whatever the verb.
func (secretSession) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "session [redacted]")
}

const recordVersion = 1

var secretSessionCodec = scale.Struct("bitcloak_wallet::Session", "",
	scale.Field("secret", scale.Bytes32, func(s *secretSession) *[32]byte { return &s.Secret }),
	scale.Field("opened", scale.U32, func(s *secretSession) *uint32 { return &s.Opened }),
	scale.Field("expires_at", scale.U64, func(s *secretSession) *uint64 { return &s.ExpiresAt }),
	scale.Field("next", scale.U64, func(s *secretSession) *uint64 { return &s.Next }))

var recordCodec = scale.Struct("bitcloak_wallet::Record", "",
	scale.Field("session", scale.Option(secretSessionCodec), func(r *Record) *scale.Optional[secretSession] { return &r.session }),
	scale.Field("opening", scale.Option(secretSessionCodec), func(r *Record) *scale.Optional[secretSession] { return &r.opening }),
	scale.Field("order", scale.U64, func(r *Record) *uint64 { return &r.order }),
	scale.Field("history", scale.U64, func(r *Record) *uint64 { return &r.history }))

// maximumRecord bounds a sealed record, in bytes.
const maximumRecord = 4 << 10

// vaultKey follows from the account's secret: the public key of a hard-derived child, which nobody can compute without the secret
// and which is shown nowhere. (sr25519 signatures are random, so none of them could serve.)
func vaultKey(pair keys.Pair, instance wire.Instance) (key [chacha20poly1305.KeySize]byte, err error) {
	child, err := pair.Derive(keys.Junction{Hard: true, ChainCode: hashing.Blake2_256([]byte("bitcloak/session-vault/v1"))})
	if err != nil {
		return key, err
	}
	defer child.Wipe()
	public := child.Public()
	defer clear(public[:])
	account := pair.AccountID()
	info := append(instance.Append([]byte("bitcloak/session-vault/v1")), account[:]...)
	derived, err := hkdf.Key(sha256.New, public[:], nil, string(info), len(key))
	copy(key[:], derived)
	clear(derived)
	return key, err
}

// sealRecord is version || nonce || ciphertext.
func sealRecord(key *[chacha20poly1305.KeySize]byte, record *Record) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	plaintext, err := recordCodec.TryMarshal(*record)
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	sealed := make([]byte, 1+chacha20poly1305.NonceSizeX, 1+chacha20poly1305.NonceSizeX+len(plaintext)+chacha20poly1305.Overhead)
	sealed[0] = recordVersion
	rand.Read(sealed[1:])
	return aead.Seal(sealed, sealed[1:], plaintext, sealed[:1]), nil
}

func openRecord(key *[chacha20poly1305.KeySize]byte, sealed []byte) (record Record, ok bool) {
	const head = 1 + chacha20poly1305.NonceSizeX
	if len(sealed) < head || len(sealed) > maximumRecord || sealed[0] != recordVersion {
		return record, false
	}
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return record, false
	}
	plaintext, err := aead.Open(nil, sealed[1:head], sealed[head:], sealed[:1])
	if err != nil {
		return record, false
	}
	defer clear(plaintext)
	record, err = recordCodec.Unmarshal(plaintext)
	return record, err == nil
}
