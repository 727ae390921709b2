package trie

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// NodeStore holds encoded nodes and detached values by their hash.
type NodeStore interface {
	// Get returns the record with this hash, or ErrNotFound. Nobody changes the
	// bytes afterwards. Get may be called concurrently.
	Get(hash scale.Hash) ([]byte, error)
}

// Errors of this package; test with errors.Is.
var (
	ErrNotFound    = errors.New("trie: record is not in the store: its root was pruned or never written; open a root that is kept")
	ErrCorrupt     = errors.New("trie: a record of the store does not match its hash: the database is damaged; restore it from a snapshot or resync")
	ErrNode        = errors.New("trie: malformed node")
	ErrKeySize     = errors.New("trie: key exceeds the maximum size")
	ErrValueSize   = errors.New("trie: value exceeds the maximum size")
	ErrUnsorted    = errors.New("trie: changes are not in strictly ascending order of their keys; sort them and keep one a key")
	ErrProofSize   = errors.New("trie: proof has too many nodes or bytes")
	ErrProofRepeat = errors.New("trie: proof holds a record twice")
	ErrIncomplete  = errors.New("trie: proof does not decide this key: it misses a record of the key's path under this root")
)

// RecordError says which record an error is about.
type RecordError struct {
	Hash  scale.Hash
	Cause error
}

func (e *RecordError) Error() string { return e.Cause.Error() + " (record " + e.Hash.String() + ")" }

// Unwrap gives the cause.
func (e *RecordError) Unwrap() error { return e.Cause }
