package native

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Backend is a committed state. What it returns is read-only and stays valid.
// A backend that cannot read panics with a *Failure: nothing can be executed, and
// guessing would fork the chain.
type Backend interface {
	Get(key []byte) (value []byte, exists bool)
	// NextKey is the first key after key.
	NextKey(key []byte) (next []byte, exists bool)
	// Root is the state root once the changes, sorted by key, are made.
	Root(changes []trie.Change) scale.Hash
}

// Failure is what a backend panics with: the state could not be read.
type Failure struct{ Cause error }

func (f *Failure) Error() string { return "native: the state cannot be read: " + f.Cause.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }
