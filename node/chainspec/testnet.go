package chainspec

import (
	"encoding/hex"
	"time"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// NewTestnet is the spec of a test network of some validators. Like a development network it has rich accounts that
// everybody knows, and simulated attestation. Its name in CometBFT is made of its validators' keys, so that the nodes of two
// test networks do not take each other for their own.
func NewTestnet(validators []Validator, genesisTime time.Time) *Spec {
	spec := NewDevelopment(scale.Hash{}, genesisTime)
	keys := make([][]byte, len(validators))
	for i := range validators {
		keys[i] = validators[i].PublicKey[:]
	}
	digest := hashing.Blake2_256(keys...)
	spec.Name, spec.ID = "Bitcloak Test Network", "bitcloak-testnet-"+hex.EncodeToString(digest[:4])
	spec.CometBFT.ChainID, spec.CometBFT.Validators = spec.ID, validators
	spec.Bind()
	return spec
}
