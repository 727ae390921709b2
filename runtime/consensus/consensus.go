// Package consensus is the Consensus pallet: what ties the chain to the CometBFT
// network that orders it. Genesis writes it and nothing changes it, so the hash of
// header 0 commits to the network, its first validators and its parameters.
package consensus

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Index of the pallet.
const Index = 2

// maxChainID bounds CometBFT's chain id, in bytes (cometbft types.MaxChainIDLen).
const maxChainID = 50

var module = frame.NewModule("Consensus", Index, "pallet_consensus")

var (
	chainID = frame.NewValue(module, "ChainId", scale.Str(maxChainID), frame.Default,
		"The chain id of the CometBFT network.")
	validatorsHash = frame.NewValue(module, "ValidatorsHash", scale.HashCodec, frame.Default,
		"CometBFT's hash of the validator set at genesis.")
	paramsHash = frame.NewValue(module, "ParamsHash", scale.HashCodec, frame.Default,
		"CometBFT's hash of the consensus parameters at genesis.")
)

// Pallet is the pallet as a runtime composes it.
func Pallet() frame.Pallet { return frame.Pallet{Module: module} }

// Genesis is the pallet's part of a chain spec.
type Genesis struct {
	ChainID        string     `json:"chainId"`
	ValidatorsHash scale.Hash `json:"validatorsHash"`
	ParamsHash     scale.Hash `json:"paramsHash"`
}

// ErrChainID refuses a chain spec.
var ErrChainID = errors.New("consensus: the chain id is empty or longer than 50 bytes; name the CometBFT network")

// Build writes the genesis state.
func (g *Genesis) Build(c *frame.Context) error {
	if g.ChainID == "" || len(g.ChainID) > maxChainID {
		return ErrChainID
	}
	chainID.Set(c, g.ChainID)
	validatorsHash.Set(c, g.ValidatorsHash)
	paramsHash.Set(c, g.ParamsHash)
	return nil
}
