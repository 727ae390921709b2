package keys

import (
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	// maxSURILength bounds a secret URI, in bytes.
	maxSURILength = 1024
	// maxJunctions bounds a derivation path.
	maxJunctions = 32
)

// SURI is a parsed secret URI.
type SURI struct {
	phrase   string
	password string
	path     []Junction
}

// ParseSURI splits "phrase//hard/soft///password" as Substrate's SecretUri does.
// The phrase is a mnemonic or a 0x-hex seed; an empty one stands for DevPhrase.
// A password with a hex seed is refused: it would have no effect.
func ParseSURI(text string) (SURI, error) {
	if len(text) > maxSURILength {
		return SURI{}, fmt.Errorf("%w: longer than %d bytes", ErrSURI, maxSURILength)
	}
	body, password, hasPassword := strings.Cut(text, "///")
	phrase, path, err := splitPath(body)
	if err != nil {
		return SURI{}, err
	}
	if hasPassword && strings.HasPrefix(phrase, "0x") {
		return SURI{}, fmt.Errorf("%w: a password has no effect on a hex seed", ErrSURI)
	}
	if phrase == "" {
		phrase = DevPhrase
	}
	return SURI{phrase: phrase, password: password, path: path}, nil
}

// splitPath reads the phrase up to the first slash, then the junctions.
func splitPath(body string) (phrase string, path []Junction, err error) {
	start := strings.IndexByte(body, '/')
	if start < 0 {
		return body, nil, nil
	}
	phrase, rest := body[:start], body[start:]
	for rest != "" {
		if len(path) == maxJunctions {
			return "", nil, fmt.Errorf("%w: more than %d junctions", ErrSURI, maxJunctions)
		}
		rest = rest[1:] // the slash that ended the part before
		hard := strings.HasPrefix(rest, "/")
		rest = strings.TrimPrefix(rest, "/")
		end := strings.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		junction, err := ParseJunction(hard, rest[:end])
		if err != nil {
			return "", nil, err
		}
		path = append(path, junction)
		rest = rest[end:]
	}
	return phrase, path, nil
}

// Pair derives the pair that the SURI names.
func (s SURI) Pair(kind Kind) (Pair, error) {
	seed, err := s.seed()
	if err != nil {
		return nil, err
	}
	defer clear(seed[:])
	root, err := NewPair(kind, seed)
	if err != nil || len(s.path) == 0 {
		return root, err
	}
	defer root.Wipe()
	return root.Derive(s.path...)
}

func (s SURI) seed() (seed [SeedSize]byte, err error) {
	digits, isHex := strings.CutPrefix(s.phrase, "0x")
	if !isHex {
		return SeedFromMnemonic(s.phrase, s.password)
	}
	if len(digits) != 2*SeedSize {
		return seed, fmt.Errorf("%w: a seed has 64 hex digits, not %d", ErrSURI, len(digits))
	}
	if _, err := hex.Decode(seed[:], []byte(digits)); err != nil {
		return [SeedSize]byte{}, fmt.Errorf("%w: a seed has only hex digits after 0x", ErrSURI)
	}
	return seed, nil
}

func (s SURI) String() string                 { return "secret URI " + redacted }
func (s SURI) GoString() string               { return s.String() }
func (s SURI) Format(state fmt.State, _ rune) { redact(state, "secret URI") }
func (s SURI) MarshalText() ([]byte, error)   { return []byte(s.String()), nil }

// PairFromSURI parses a secret URI and derives its pair.
func PairFromSURI(kind Kind, text string) (Pair, error) {
	suri, err := ParseSURI(text)
	if err != nil {
		return nil, err
	}
	return suri.Pair(kind)
}
