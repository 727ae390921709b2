package chainspec

import (
	"fmt"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// CometBFT is what CometBFT starts from.
type CometBFT struct {
	ChainID     string      `json:"chainId"`
	GenesisTime time.Time   `json:"genesisTime"`
	Validators  []Validator `json:"validators"`
	Params      Params      `json:"params"`
}

// Validator is one of the first validators.
type Validator struct {
	Name      string     `json:"name"`
	PublicKey scale.Hash `json:"publicKey"` // ed25519, 32 bytes
	Power     int64      `json:"power"`
}

// Params are the consensus parameters that a network chooses.
type Params struct {
	MaxBlockBytes         int64 `json:"maxBlockBytes"`
	EvidenceMaxAgeBlocks  int64 `json:"evidenceMaxAgeBlocks"`
	EvidenceMaxAgeSeconds int64 `json:"evidenceMaxAgeSeconds"`
}

// maxValidators bounds the first validator set: one commit holds a signature of each.
const maxValidators = 1_000

// minBlockBytes is room for a block as large as the runtime takes, and for what CometBFT adds to it.
const minBlockBytes = 6 << 20

// DefaultParams suit the runtime's blocks of 5 MiB.
func DefaultParams() Params {
	return Params{MaxBlockBytes: 8 << 20, EvidenceMaxAgeBlocks: 100_000, EvidenceMaxAgeSeconds: 48 * 3600}
}

func (c *CometBFT) validate() error {
	switch {
	case c.ChainID == "" || len(c.ChainID) > types.MaxChainIDLen:
		return fmt.Errorf("%w: cometbft.chainId: write 1 to %d bytes", ErrField, types.MaxChainIDLen)
	case c.GenesisTime.Unix() <= 0:
		return fmt.Errorf("%w: cometbft.genesisTime: write a time after 1970, such as 2026-01-01T00:00:00Z", ErrField)
	case len(c.Validators) == 0 || len(c.Validators) > maxValidators:
		return fmt.Errorf("%w: cometbft.validators: name 1 to %d", ErrField, maxValidators)
	case c.Params.MaxBlockBytes < minBlockBytes || c.Params.MaxBlockBytes > types.MaxBlockSizeBytes:
		return fmt.Errorf("%w: cometbft.params.maxBlockBytes: write %d to %d", ErrField, minBlockBytes, types.MaxBlockSizeBytes)
	case c.Params.EvidenceMaxAgeBlocks <= 0 || c.Params.EvidenceMaxAgeSeconds <= 0 ||
		c.Params.EvidenceMaxAgeSeconds > int64(100*365*24*time.Hour/time.Second):
		return fmt.Errorf("%w: cometbft.params: the evidence's maximum age must be positive, and below 100 years", ErrField)
	}
	seen := map[scale.Hash]bool{}
	total := int64(0)
	for i, v := range c.Validators {
		if v.Power <= 0 || v.Power > types.MaxTotalVotingPower-total || len(v.Name) > 64 {
			return fmt.Errorf("%w: cometbft.validators[%d]: the power must be positive, %d in all at most, the name up to 64 bytes",
				ErrField, i, types.MaxTotalVotingPower)
		}
		total += v.Power
		if seen[v.PublicKey] {
			return fmt.Errorf("%w: cometbft.validators[%d]: the key is named twice", ErrField, i)
		}
		seen[v.PublicKey] = true
	}
	return c.GenesisDoc().ValidateAndComplete()
}

// GenesisDoc is the form that CometBFT reads.
func (c *CometBFT) GenesisDoc() *types.GenesisDoc {
	params := types.DefaultConsensusParams()
	params.Block.MaxBytes = c.Params.MaxBlockBytes
	params.Evidence.MaxAgeNumBlocks = c.Params.EvidenceMaxAgeBlocks
	params.Evidence.MaxAgeDuration = time.Duration(c.Params.EvidenceMaxAgeSeconds) * time.Second
	params.Evidence.MaxBytes = min(params.Evidence.MaxBytes, c.Params.MaxBlockBytes)
	doc := &types.GenesisDoc{
		GenesisTime: c.GenesisTime.UTC(), ChainID: c.ChainID, InitialHeight: 1, ConsensusParams: params,
	}
	for _, v := range c.Validators {
		key := ed25519.PubKey(v.PublicKey[:])
		doc.Validators = append(doc.Validators, types.GenesisValidator{
			Address: key.Address(), PubKey: key, Power: v.Power, Name: v.Name})
	}
	return doc
}

// hashes are what genesis.consensus must name.
func (c *CometBFT) hashes() (validators, params scale.Hash) {
	doc := c.GenesisDoc()
	return scale.Hash(doc.ValidatorHash()), scale.Hash(doc.ConsensusParams.Hash())
}

// checkConsensus compares genesis.consensus with the cometbft part.
func (s *Spec) checkConsensus() error {
	named := s.Genesis.Consensus
	validators, params := s.CometBFT.hashes()
	if named.ChainID != s.CometBFT.ChainID || named.ValidatorsHash != validators || named.ParamsHash != params {
		return fmt.Errorf("%w: write chainId %q, validatorsHash %v, paramsHash %v", ErrConsensus, s.CometBFT.ChainID, validators, params)
	}
	return nil
}

func (s *Spec) checkProperties() error {
	if s.Properties.SS58Format != frame.SS58Prefix {
		return fmt.Errorf("%w: properties.ss58Format: this runtime's addresses have prefix %d", ErrField, frame.SS58Prefix)
	}
	if s.Properties.TokenDecimals > 38 {
		return fmt.Errorf("%w: properties.tokenDecimals: at most 38", ErrField)
	}
	return nil
}
