package native

import (
	"sync"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Signatures remembers signatures that verified, so that the pool or parallel
// workers can check them ahead of execution. It remembers at most twice its
// capacity, the newer ones, and only valid ones, so nobody can fill it for nothing.
// It may be used concurrently.
type Signatures struct {
	mutex    sync.RWMutex
	capacity int
	newer    map[scale.Hash]struct{}
	older    map[scale.Hash]struct{}
}

// NewSignatures is a memory of this capacity.
func NewSignatures(capacity int) *Signatures {
	return &Signatures{capacity: capacity, newer: make(map[scale.Hash]struct{})}
}

// identify is what a check is remembered by: a hash of all its inputs, each of fixed
// length but the last.
func identify(item *keys.Signed) scale.Hash {
	return hashing.Blake2_256([]byte{byte(item.Kind)}, item.Public[:], item.Signature[:], item.Message)
}

func (s *Signatures) known(id scale.Hash) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	_, newer := s.newer[id]
	_, older := s.older[id]
	return newer || older
}

func (s *Signatures) remember(id scale.Hash) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.newer) >= s.capacity {
		s.older, s.newer = s.newer, make(map[scale.Hash]struct{}, s.capacity)
	}
	s.newer[id] = struct{}{}
}

// verify checks a signature, or knows that it has been checked.
func (s *Signatures) verify(item *keys.Signed) bool {
	if s == nil {
		return keys.Verify(item.Kind, item.Public, item.Message, item.Signature)
	}
	id := identify(item)
	if s.known(id) {
		return true
	}
	if !keys.Verify(item.Kind, item.Public, item.Message, item.Signature) {
		return false
	}
	s.remember(id)
	return true
}

// Preverify checks signatures, together where that is faster, and remembers the
// valid ones. Call it from as many goroutines as there are cores.
func (s *Signatures) Preverify(items []keys.Signed) {
	unknown := make([]keys.Signed, 0, len(items))
	for i := range items {
		if !s.known(identify(&items[i])) {
			unknown = append(unknown, items[i])
		}
	}
	for i, valid := range keys.VerifyBatch(unknown) {
		if valid {
			s.remember(identify(&unknown[i]))
		}
	}
}

// Sr25519Verify checks an sr25519 signature.
func (h *Host) Sr25519Verify(signature *[64]byte, message []byte, public *[32]byte) bool {
	return h.signatures.verify(&keys.Signed{Kind: keys.Sr25519, Public: *public, Message: message, Signature: *signature})
}

// Ed25519Verify checks an ed25519 signature.
func (h *Host) Ed25519Verify(signature *[64]byte, message []byte, public *[32]byte) bool {
	return h.signatures.verify(&keys.Signed{Kind: keys.Ed25519, Public: *public, Message: message, Signature: *signature})
}

// Len is how many signatures are remembered.
func (s *Signatures) Len() int {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return len(s.newer) + len(s.older)
}
