package keys

import (
	"crypto/rand"
	"crypto/sha512"
	"fmt"
	"io"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/oasisprotocol/curve25519-voi/primitives/merlin"
)

// signingContext is the context of every sr25519 signature on a Substrate chain.
const signingContext = "substrate"

// sr25519Pair holds its scalar and nonce itself and not in the library's
// SecretKey, because that one cannot be wiped.
type sr25519Pair struct {
	scalar scalar.Scalar
	nonce  [32]byte
	public [PublicSize]byte
	wiped  bool
}

// newSr25519 expands a mini secret as schnorrkel's ExpansionMode::Ed25519 does:
// SHA-512, clamp, then divide the scalar by the cofactor 8.
func newSr25519(seed *[SeedSize]byte) *sr25519Pair {
	digest := sha512.Sum512(seed[:])
	defer clear(digest[:])
	digest[0] &= 248
	digest[31] &= 63
	digest[31] |= 64
	for i := 0; i < 31; i++ {
		digest[i] = digest[i]>>3 | digest[i+1]<<5
	}
	digest[31] >>= 3

	var key scalar.Scalar
	if _, err := key.SetBits(digest[:32]); err != nil {
		panic("keys: a 32-byte sr25519 scalar was refused: " + err.Error())
	}
	return newSr25519Expanded(&key, digest[32:])
}

func newSr25519Expanded(key *scalar.Scalar, nonce []byte) *sr25519Pair {
	pair := &sr25519Pair{}
	pair.scalar.Set(key)
	key.Zero()
	copy(pair.nonce[:], nonce)
	pair.public = compress(&pair.scalar)
	return pair
}

// compress returns the encoding of the scalar times the base point.
func compress(s *scalar.Scalar) [32]byte {
	var point curve.RistrettoPoint
	var compressed curve.CompressedRistretto
	point.MulBasepoint(curve.RISTRETTO_BASEPOINT_TABLE, s)
	compressed.SetRistrettoPoint(&point)
	return compressed
}

func (p *sr25519Pair) Kind() Kind                 { return Sr25519 }
func (p *sr25519Pair) Public() [PublicSize]byte   { return p.public }
func (p *sr25519Pair) AccountID() scale.AccountID { return p.public }
func (p *sr25519Pair) String() string             { return "sr25519 pair " + redacted }
func (p *sr25519Pair) GoString() string           { return p.String() }
func (p *sr25519Pair) Format(s fmt.State, _ rune) { redact(s, "sr25519 pair") }

// Sign makes a schnorrkel signature. Its nonce mixes the secret nonce, the
// message and fresh randomness, so a broken random source alone leaks nothing.
func (p *sr25519Pair) Sign(message []byte) [SignatureSize]byte {
	if p.wiped {
		panic("keys: Sign after Wipe")
	}
	transcript := signingTranscript(message)
	transcript.AppendMessage("proto-name", []byte("Schnorr-sig"))
	transcript.AppendMessage("sign:pk", p.public[:])

	var nonce scalar.Scalar
	defer nonce.Zero()
	if _, err := nonce.SetRandom(witness(transcript, "signing", p.nonce[:])); err != nil {
		panic("keys: no nonce for an sr25519 signature: " + err.Error())
	}
	commitment := compress(&nonce)
	transcript.AppendMessage("sign:R", commitment[:])

	// s = challenge * secret + nonce
	response := challenge(transcript, "sign:c")
	response.Mul(response, &p.scalar)
	response.Add(response, &nonce)

	var signature [SignatureSize]byte
	copy(signature[:32], commitment[:])
	if err := response.ToBytes(signature[32:]); err != nil {
		panic("keys: an sr25519 scalar was not encoded: " + err.Error())
	}
	signature[63] |= sr25519Marker
	return signature
}

func (p *sr25519Pair) Wipe() {
	p.scalar.Zero()
	clear(p.nonce[:])
	p.wiped = true
}

func signingTranscript(message []byte) *merlin.Transcript {
	transcript := merlin.NewTranscript("SigningContext")
	transcript.AppendMessage("", []byte(signingContext))
	transcript.AppendMessage("sign-bytes", message)
	return transcript
}

// challenge draws a scalar from the transcript.
func challenge(transcript *merlin.Transcript, label string) *scalar.Scalar {
	var wide [scalar.ScalarWideSize]byte
	transcript.ExtractBytes(wide[:], label)
	drawn, err := scalar.NewFromBytesModOrderWide(wide[:])
	if err != nil {
		panic("keys: a 64-byte challenge was refused: " + err.Error())
	}
	return drawn
}

// witness returns a random stream bound to the transcript, the secrets and the
// operating system's random source.
func witness(transcript *merlin.Transcript, label string, secrets ...[]byte) io.Reader {
	builder := transcript.BuildRng()
	for _, secret := range secrets {
		builder.RekeyWithWitnessBytes(label, secret)
	}
	stream, err := builder.Finalize(rand.Reader)
	if err != nil {
		panic("keys: the operating system gives no randomness: " + err.Error())
	}
	return stream
}
