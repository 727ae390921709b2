package keys

import (
	"errors"
	"fmt"
	"io"
)

// Errors of this package; test with errors.Is.
var (
	ErrKind           = errors.New("keys: unknown key kind")
	ErrMnemonic       = errors.New("keys: not a valid mnemonic: it has 12, 15, 18, 21 or 24 English words in the order they were given")
	ErrEntropy        = errors.New("keys: entropy of a mnemonic is 16, 20, 24, 28 or 32 bytes")
	ErrSURI           = errors.New("keys: not a secret URI: write a mnemonic or 0x and 64 hex digits, then //hard or /soft junctions, then ///password")
	ErrSoftEd25519    = errors.New("keys: ed25519 has no soft derivation: write every junction with two slashes")
	ErrUnknownAccount = errors.New("keys: no such development account: choose Alice, Bob, Charlie, Dave, Eve or Ferdie")
)

// redacted is what every secret prints as, whatever the verb.
const redacted = "[redacted]"

// redact implements fmt.Formatter for the types that hold a secret, so that no
// verb, %#v and %x included, reaches their fields.
func redact(state fmt.State, name string) {
	io.WriteString(state, name+" "+redacted)
}
