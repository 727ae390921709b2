package keys

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	"fmt"
	"strings"

	"github.com/tyler-smith/go-bip39"
)

// DevPhrase is the public mnemonic of every development account. Whoever reads
// this owns them: never fund them on a network of value.
const DevPhrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"

// pbkdf2Rounds is the iteration count of BIP39.
const pbkdf2Rounds = 2048

// GenerateMnemonic returns a new BIP39 mnemonic of 12, 15, 18, 21 or 24 words.
func GenerateMnemonic(words int) (string, error) {
	if words%3 != 0 || words < 12 || words > 24 {
		return "", fmt.Errorf("%w: %d words asked for", ErrMnemonic, words)
	}
	entropy := make([]byte, words/3*4)
	defer clear(entropy)
	rand.Read(entropy)
	phrase, err := bip39.NewMnemonic(entropy)
	if err != nil {
		return "", fmt.Errorf("%w: %d bytes", ErrEntropy, len(entropy))
	}
	return phrase, nil
}

// SeedFromMnemonic returns the mini secret of a mnemonic: unlike BIP39, Substrate
// stretches the entropy and not the words, and keeps the first 32 of 64 bytes
// (substrate-bip39). The password is used as given; an empty one is none.
func SeedFromMnemonic(phrase, password string) (seed [SeedSize]byte, err error) {
	entropy, err := entropyFromMnemonic(phrase)
	if err != nil {
		return seed, err
	}
	defer clear(entropy)
	stretched, err := pbkdf2.Key(sha512.New, string(entropy), []byte("mnemonic"+password), pbkdf2Rounds, 64)
	if err != nil {
		return seed, fmt.Errorf("keys: PBKDF2 failed: %w", err)
	}
	defer clear(stretched)
	copy(seed[:], stretched)
	return seed, nil
}

// entropyFromMnemonic reports errors without the library's text, which quotes
// words of the mnemonic.
func entropyFromMnemonic(phrase string) ([]byte, error) {
	words := strings.Fields(phrase)
	if len(words)%3 != 0 || len(words) < 12 || len(words) > 24 {
		return nil, fmt.Errorf("%w: it has %d words", ErrMnemonic, len(words))
	}
	for i, word := range words {
		if _, known := bip39.GetWordIndex(word); !known {
			return nil, fmt.Errorf("%w: word %d is not in the list", ErrMnemonic, i+1)
		}
	}
	entropy, err := bip39.EntropyFromMnemonic(phrase)
	if err != nil {
		return nil, fmt.Errorf("%w: the checksum in its last word does not match", ErrMnemonic)
	}
	return entropy, nil
}
