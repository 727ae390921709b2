package node

import (
	"errors"
	"fmt"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/types"
)

// ErrNoLightBlock is the answer for a height that CometBFT has not committed, or does not keep any more.
var ErrNoLightBlock = errors.New("no light block of this height; ask for one between the oldest kept and the latest")

// LightBlock is the encoded CometBFT light block of a height, 0 for the latest.
func (c *comet) LightBlock(height uint64) (uint64, []byte, error) {
	blocks := c.node.BlockStore()
	latest := blocks.Height()
	wanted := int64(height)
	if height == 0 {
		wanted = latest
	}
	if wanted < 1 || wanted > latest || wanted < blocks.Base() {
		return 0, nil, fmt.Errorf("%w (asked for %d, have %d to %d)", ErrNoLightBlock, wanted, blocks.Base(), latest)
	}
	meta := blocks.LoadBlockMeta(wanted)
	commit := blocks.LoadBlockCommit(wanted)
	if commit == nil { // the latest block's commit is in no block yet
		commit = blocks.LoadSeenCommit(wanted)
	}
	validators, err := c.states.LoadValidators(wanted)
	if err != nil || meta == nil || commit == nil {
		return 0, nil, fmt.Errorf("%w (height %d: %w)", ErrNoLightBlock, wanted, err)
	}
	block := types.LightBlock{SignedHeader: &types.SignedHeader{Header: &meta.Header, Commit: commit}, ValidatorSet: validators}
	message, err := block.ToProto()
	if err != nil {
		return 0, nil, err
	}
	encoded, err := message.Marshal()
	return uint64(wanted), encoded, err
}

// Genesis is CometBFT's chain id and genesis document, as JSON.
func (c *comet) Genesis() (chainID string, document []byte, err error) {
	document, err = cmtjson.Marshal(c.document)
	return c.document.ChainID, document, err
}
