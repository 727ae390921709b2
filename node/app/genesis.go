package app

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// hashesOf gives CometBFT's hashes of the validators and parameters that it starts with.
func hashesOf(request *abci.RequestInitChain) (validators, params scale.Hash, err error) {
	updates, err := types.PB2TM.ValidatorUpdates(request.Validators)
	if err != nil || len(updates) == 0 {
		return validators, params, fmt.Errorf("%w (validators: %w)", ErrNetwork, err)
	}
	if request.ConsensusParams == nil {
		return validators, params, fmt.Errorf("%w (no consensus parameters)", ErrNetwork)
	}
	validators = scale.Hash(types.NewValidatorSet(updates).Hash())
	params = scale.Hash(types.ConsensusParamsFromProto(*request.ConsensusParams).Hash())
	return validators, params, nil
}
