package seal

import (
	"crypto/rand"
	"errors"

	"github.com/bitcloak/bitcloak/wire"
)

// RootKey is a session's root in the epoch of its opening.
func RootKey(secret [KeySize]byte, instance wire.Instance, account wire.AccountID, epoch uint32) [KeySize]byte {
	defer clear(secret[:])
	info := append(instance.Append([]byte("bitcloak/session/v1")), account[:]...)
	return expand(&secret, appendU32(info, epoch))
}

// RatchetKey is the root of the next epoch, given which one that is.
func RatchetKey(root [KeySize]byte, epoch uint32) [KeySize]byte {
	defer clear(root[:])
	return expand(&root, appendU32([]byte("bitcloak/ratchet/v1"), epoch))
}

// QueryKey authenticates the questions of a session's owner, in every epoch.
func QueryKey(secret [KeySize]byte, instance wire.Instance, account wire.AccountID) [KeySize]byte {
	defer clear(secret[:])
	return expand(&secret, append(instance.Append([]byte("bitcloak/query/v1")), account[:]...))
}

// Session is a wallet's end of a session. It is not safe for concurrent use.
type Session struct {
	instance  wire.Instance
	account   wire.AccountID
	expiresAt uint64
	secret    [KeySize]byte
	root      [KeySize]byte
	opened    uint32 // epoch of the opening
	epoch     uint32 // epoch of root
	cipher    *CommandCipher
}

// ErrSessionEpoch says that a session cannot seal for an epoch.
var ErrSessionEpoch = errors.New("seal: that epoch lies before the session's own or more than 65,536 after: open a new session")

// NewSecret draws a session's secret.
func NewSecret() (secret [KeySize]byte) {
	rand.Read(secret[:])
	return secret
}

// NewSession is the session of a secret, opened (or about to be) in epoch.
func NewSession(instance wire.Instance, account wire.AccountID, secret [KeySize]byte, expiresAt uint64, epoch uint32) *Session {
	root := RootKey(secret, instance, account, epoch)
	return &Session{
		instance: instance, account: account, expiresAt: expiresAt, secret: secret, root: root,
		opened: epoch, epoch: epoch, cipher: NewCommandCipher(root, instance),
	}
}

// ID names the session.
func (s *Session) ID() wire.Hash { return wire.SessionID(s.secret) }

// Opened is the epoch of the opening, to be stored beside the secret.
func (s *Session) Opened() uint32 { return s.opened }

// Message is what the account's owner signs to open the session.
func (s *Session) Message() []byte {
	return SessionMessage(s.instance, s.account, s.ID(), s.expiresAt)
}

// Open seals the opening envelope of the session, given the owner's signature
// over Message. to must be of the epoch the session was made for.
func (s *Session) Open(to *PublicKey, signature wire.SessionSignature) ([]byte, error) {
	if to.epoch != s.opened || to.instance != s.instance {
		return nil, ErrSessionEpoch
	}
	return to.Opening(&wire.Opening{Account: s.account, Secret: s.secret, ExpiresAt: s.expiresAt, Signature: signature})
}

// Seal seals a command for an epoch. Never seal two commands with one sequence:
// whoever sees both learns what differs. Write the sequence down before sending.
func (s *Session) Seal(epoch uint32, sequence uint64, command *wire.Command) ([]byte, error) {
	if err := s.advance(epoch); err != nil {
		return nil, err
	}
	return s.cipher.Seal(sequence, command)
}

// QueryKey authenticates the session's questions.
func (s *Session) QueryKey() [KeySize]byte { return QueryKey(s.secret, s.instance, s.account) }

// Wipe overwrites the session's keys.
func (s *Session) Wipe() {
	clear(s.secret[:])
	clear(s.root[:])
	s.cipher = nil
}

func (s *Session) advance(epoch uint32) error {
	if epoch == s.epoch {
		return nil
	}
	if epoch < s.opened || epoch-s.opened > MaxEpochStep {
		return ErrSessionEpoch
	}
	if epoch < s.epoch { // the wallet keeps the secret and can go back
		s.root, s.epoch = RootKey(s.secret, s.instance, s.account, s.opened), s.opened
	}
	for s.epoch < epoch {
		s.epoch++
		s.root = RatchetKey(s.root, s.epoch)
	}
	s.cipher = NewCommandCipher(s.root, s.instance)
	return nil
}
