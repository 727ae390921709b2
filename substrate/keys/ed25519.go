package keys

import (
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

type ed25519Pair struct {
	private ed25519.PrivateKey // seed ++ public key
	public  [PublicSize]byte
	wiped   bool
}

func newEd25519(seed *[SeedSize]byte) *ed25519Pair {
	pair := &ed25519Pair{private: ed25519.NewKeyFromSeed(seed[:])}
	copy(pair.public[:], pair.private[SeedSize:])
	return pair
}

func (p *ed25519Pair) Kind() Kind                 { return Ed25519 }
func (p *ed25519Pair) Public() [PublicSize]byte   { return p.public }
func (p *ed25519Pair) AccountID() scale.AccountID { return p.public }
func (p *ed25519Pair) String() string             { return "ed25519 pair " + redacted }
func (p *ed25519Pair) GoString() string           { return p.String() }
func (p *ed25519Pair) Format(s fmt.State, _ rune) { redact(s, "ed25519 pair") }

// Sign makes the deterministic signature of RFC 8032.
func (p *ed25519Pair) Sign(message []byte) (signature [SignatureSize]byte) {
	if p.wiped {
		panic("keys: Sign after Wipe")
	}
	copy(signature[:], ed25519.Sign(p.private, message))
	return signature
}

// Derive follows hard junctions: the next seed is
// blake2_256(SCALE("Ed25519HDKD", seed, chain code)).
func (p *ed25519Pair) Derive(path ...Junction) (Pair, error) {
	if p.wiped {
		panic("keys: Derive after Wipe")
	}
	var seed [SeedSize]byte
	defer clear(seed[:])
	copy(seed[:], p.private)
	for _, junction := range path {
		if !junction.Hard {
			return nil, ErrSoftEd25519
		}
		seed = hashing.Blake2_256([]byte("\x2cEd25519HDKD"), seed[:], junction.ChainCode[:])
	}
	return newEd25519(&seed), nil
}

func (p *ed25519Pair) Wipe() {
	clear(p.private)
	p.wiped = true
}
