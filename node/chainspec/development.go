package chainspec

import (
	"time"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// NewDevelopment is the spec of a development network of one validator: the well-known accounts are rich, and
// attestation may be simulated.
func NewDevelopment(validator scale.Hash, genesisTime time.Time) *Spec {
	spec := &Spec{
		Name:       "Bitcloak Development",
		ID:         "bitcloak-development",
		ChainType:  Development,
		Properties: DefaultProperties(),
		Genesis:    runtime.DevelopmentGenesis(),
		CometBFT: CometBFT{
			ChainID:     "bitcloak-development",
			GenesisTime: genesisTime.UTC().Truncate(time.Millisecond),
			Validators:  []Validator{{Name: "development", PublicKey: validator, Power: 10}},
			Params:      DefaultParams(),
		},
	}
	spec.Bind()
	return spec
}

// DefaultProperties are those of CLOAK.
func DefaultProperties() Properties {
	return Properties{SS58Format: 2, TokenDecimals: 12, TokenSymbol: "CLOAK"}
}

// Bind makes the genesis name what the cometbft part says.
func (s *Spec) Bind() {
	s.Genesis.Consensus.ChainID = s.CometBFT.ChainID
	s.Genesis.Consensus.ValidatorsHash, s.Genesis.Consensus.ParamsHash = s.CometBFT.hashes()
}
