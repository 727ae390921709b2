package keys

import (
	"crypto/rand"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
)

// batchSize is how many signatures are checked by one equation. Larger ones are
// hardly faster; within one a single bad signature costs a check of each.
const batchSize = 64

// Signed is a signature to verify.
type Signed struct {
	Kind      Kind
	Public    [PublicSize]byte
	Message   []byte
	Signature [SignatureSize]byte
}

// VerifyBatch reports of each item whether Verify accepts it, faster than Verify
// one by one when all or nearly all are valid. An invalid item passes with
// probability 2^-128 at most, over randomness that nobody can know before.
// Callers with several cores split the items.
func VerifyBatch(items []Signed) []bool {
	valid := make([]bool, len(items))
	for start := 0; start < len(items); start += batchSize {
		end := min(start+batchSize, len(items))
		verifyChunk(items[start:end], valid[start:end])
	}
	return valid
}

func verifyChunk(items []Signed, valid []bool) {
	if len(items) == 1 {
		item := &items[0]
		valid[0] = Verify(item.Kind, item.Public, item.Message, item.Signature)
		return
	}
	var schnorr, edwards []int
	for i := range items {
		switch items[i].Kind {
		case Sr25519:
			schnorr = append(schnorr, i)
		case Ed25519:
			edwards = append(edwards, i)
		}
	}
	verifySr25519Batch(items, schnorr, valid)
	verifyEd25519Batch(items, edwards, valid)
}

// verifySr25519Batch leaves out what cannot be parsed: such an item must not
// make the others pay for being checked one by one.
func verifySr25519Batch(items []Signed, indices []int, valid []bool) {
	batch := sr25519.NewBatchVerifierWithCapacity(len(indices))
	parsed := make([]int, 0, len(indices))
	for _, i := range indices {
		item := &items[i]
		public, err := sr25519.NewPublicKeyFromBytes(item.Public[:])
		if err != nil {
			continue
		}
		signature, err := sr25519.NewSignatureFromBytes(item.Signature[:])
		if err != nil {
			continue
		}
		batch.Add(public, substrateContext.NewTranscriptBytes(item.Message), signature)
		parsed = append(parsed, i)
	}
	_, results := batch.Verify(rand.Reader)
	for n, ok := range results {
		valid[parsed[n]] = ok
	}
}

func verifyEd25519Batch(items []Signed, indices []int, valid []bool) {
	batch := ed25519.NewBatchVerifierWithCapacity(len(indices))
	for _, i := range indices {
		item := &items[i]
		batch.AddWithOptions(item.Public[:], item.Message, item.Signature[:], ed25519Options)
	}
	_, results := batch.Verify(rand.Reader)
	for n, ok := range results {
		valid[indices[n]] = ok
	}
}
