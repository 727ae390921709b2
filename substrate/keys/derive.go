package keys

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/oasisprotocol/curve25519-voi/primitives/merlin"
)

// Junction is one step of a derivation path.
type Junction struct {
	Hard      bool
	ChainCode [32]byte
}

// ParseJunction reads the text between two slashes: a number becomes its
// little-endian u64, a text its SCALE encoding, hashed when longer than 32 bytes.
//
// Digits beyond 64 bits and a leading plus sign are refused: subkey and
// polkadot.js read them differently, and would show two accounts for one text.
func ParseJunction(hard bool, text string) (Junction, error) {
	junction := Junction{Hard: hard}
	if text == "" || strings.Contains(text, "/") {
		return Junction{}, fmt.Errorf("%w: a junction is empty or holds a slash", ErrSURI)
	}
	if isDigits(strings.TrimPrefix(text, "+")) {
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return Junction{}, fmt.Errorf("%w: a numeric junction has a sign or exceeds 64 bits", ErrSURI)
		}
		var encoder scale.Encoder
		encoder.U64(number)
		copy(junction.ChainCode[:], encoder.Encoded())
		return junction, nil
	}
	var encoder scale.Encoder
	encoder.Str(text)
	if err := encoder.Err(); err != nil {
		return Junction{}, fmt.Errorf("%w: a junction is not UTF-8", ErrSURI)
	}
	if encoder.Len() > len(junction.ChainCode) {
		junction.ChainCode = hashing.Blake2_256(encoder.Encoded())
	} else {
		copy(junction.ChainCode[:], encoder.Encoded())
	}
	return junction, nil
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// Derive follows hard and soft junctions as schnorrkel's derive module does.
func (p *sr25519Pair) Derive(path ...Junction) (Pair, error) {
	if p.wiped {
		panic("keys: Derive after Wipe")
	}
	var key scalar.Scalar
	key.Set(&p.scalar)
	derived := newSr25519Expanded(&key, p.nonce[:])
	for _, junction := range path {
		parent := derived
		if junction.Hard {
			derived = parent.deriveHard(&junction.ChainCode)
		} else {
			derived = parent.deriveSoft(&junction.ChainCode)
		}
		parent.Wipe()
	}
	return derived, nil
}

// deriveHard draws a new mini secret from the parent's secret scalar.
func (p *sr25519Pair) deriveHard(chainCode *[32]byte) *sr25519Pair {
	var secret, seed [32]byte
	defer clear(secret[:])
	defer clear(seed[:])
	if err := p.scalar.ToBytes(secret[:]); err != nil {
		panic("keys: an sr25519 scalar was not encoded: " + err.Error())
	}
	transcript := derivationTranscript(chainCode)
	transcript.AppendMessage("secret-key", secret[:])
	transcript.ExtractBytes(seed[:], "HDKD-hard")
	return newSr25519(&seed)
}

// deriveSoft adds to the secret scalar one drawn from the public key, so the
// child's public key can be found without the secret. Its nonce is free to
// choose; schnorrkel draws it like this.
func (p *sr25519Pair) deriveSoft(chainCode *[32]byte) *sr25519Pair {
	transcript := derivationTranscript(chainCode)
	transcript.AppendMessage("public-key", p.public[:])
	key := challenge(transcript, "HDKD-scalar")
	key.Add(key, &p.scalar)

	var nonce [32]byte
	defer clear(nonce[:])
	if _, err := witness(transcript, "HDKD-nonce", p.nonce[:]).Read(nonce[:]); err != nil {
		panic("keys: no nonce for a derived sr25519 key: " + err.Error())
	}
	return newSr25519Expanded(key, nonce[:])
}

func derivationTranscript(chainCode *[32]byte) *merlin.Transcript {
	transcript := merlin.NewTranscript("SchnorrRistrettoHDKD")
	transcript.AppendMessage("sign-bytes", nil)
	transcript.AppendMessage("chain-code", chainCode[:])
	return transcript
}
