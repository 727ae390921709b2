// Package host declares what a runtime needs from the machine it runs on:
// storage, hashing, signature checks, a log. It is a declaration alone; package
// native implements it for the node, a later one for Wasm.
//
// Terms:
//   - overlay: the changes of the current block, not yet in the state trie.
//   - storage transaction: a nested layer of changes, kept or undone as one.
package host

import "github.com/bitcloak/bitcloak/substrate/scale"

// Level is the severity of a log line, numbered as sp_core::LogLevel.
type Level uint8

// Levels.
const (
	LevelError Level = 1
	LevelWarn  Level = 2
	LevelInfo  Level = 3
	LevelDebug Level = 4
)

// Host is one instance of the outside world for one runtime; it is used by one
// goroutine at a time. Implementations copy what they keep of their arguments.
// A slice they return is read-only and holds until the next call that writes.
type Host interface {
	Storage
	Transactions
	Hashing
	Signatures

	// Log writes a line for the operator; it has no effect on the state.
	Log(level Level, target, message string)
}

// Storage is the key-value state of the chain. Keys order as byte strings.
type Storage interface {
	Get(key []byte) (value []byte, exists bool)
	Exists(key []byte) bool
	Set(key, value []byte)
	Clear(key []byte)

	// Append adds one encoded element to the SCALE sequence at key, in constant
	// time; an absent value counts as the empty sequence.
	Append(key, element []byte)

	// ClearPrefix removes at most limit keys that begin with prefix, in order,
	// and reports how many it removed and whether none is left.
	ClearPrefix(prefix []byte, limit uint32) (removed uint32, all bool)

	// NextKey is the first key after key.
	NextKey(key []byte) (next []byte, exists bool)

	// StorageRoot is the root of the state trie (layout 1) with all changes so
	// far, those of open storage transactions included.
	StorageRoot() scale.Hash

	// OrderedRoot is the root of the trie (layout 0) of items keyed by their
	// compact index, as for the extrinsics root.
	OrderedRoot(items [][]byte) scale.Hash
}

// Transactions nest: Commit and Rollback end the innermost that Begin opened.
type Transactions interface {
	Begin()
	Commit()
	Rollback()
}

// Hashing is what storage keys and digests are made with. Prefixes of storage items
// are constants of the program and need no host.
type Hashing interface {
	Blake2_256(data []byte) scale.Hash
	Blake2_128(data []byte) [16]byte
	Twox64(data []byte) [8]byte
}

// Signatures are checked as Substrate's host functions check them.
type Signatures interface {
	Sr25519Verify(signature *[64]byte, message []byte, public *[32]byte) bool
	Ed25519Verify(signature *[64]byte, message []byte, public *[32]byte) bool
}
