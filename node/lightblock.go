package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/cometbft/cometbft/crypto/merkle"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/wire"
)

// ErrNoLightBlock is the answer for a height that CometBFT has not committed, or does not keep any more.
var ErrNoLightBlock = errors.New("no light block of this height; ask for one between the oldest kept and the latest")

// lightBlocks keeps the latest encoded light block that was asked for: all followers ask for the same.
type lightBlocks struct {
	mutex   sync.Mutex
	height  uint64
	encoded []byte
}

// of is what is kept of a height, nil if nothing is.
func (l *lightBlocks) of(height uint64) []byte {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.height != height {
		return nil
	}
	return l.encoded
}

// LightBlock is the encoded CometBFT light block of a height, 0 for the latest whose Substrate block is stored. One that makes a
// Substrate block has the proof of its claim as an additional field (spec/blocks.md).
func (c *comet) LightBlock(height uint64) (uint64, []byte, error) {
	latest := c.application.Height()
	if height == 0 {
		height = latest
	}
	if base := c.node.BlockStore().Base(); height < 1 || height > latest || height < uint64(base) {
		return 0, nil, fmt.Errorf("%w (asked for %d, have %d to %d)", ErrNoLightBlock, height, base, latest)
	}
	if encoded := c.light.of(height); encoded != nil {
		return height, encoded, nil
	}
	if height != latest { // it takes reading the whole block: followers of the latest do not wait for that
		encoded, err := c.encodeLightBlock(int64(height))
		return height, encoded, err
	}
	c.light.mutex.Lock()
	defer c.light.mutex.Unlock()
	if c.light.height == height {
		return height, c.light.encoded, nil
	}
	encoded, err := c.encodeLightBlock(int64(height))
	if err == nil {
		c.light.height, c.light.encoded = height, encoded
	}
	return height, encoded, err
}

func (c *comet) encodeLightBlock(height int64) ([]byte, error) {
	blocks := c.node.BlockStore()
	meta := blocks.LoadBlockMeta(height)
	commit := blocks.LoadBlockCommit(height)
	if commit == nil { // the latest block's commit is in no block yet
		commit = blocks.LoadSeenCommit(height)
	}
	validators, err := c.validators(height)
	if err != nil || meta == nil || commit == nil {
		return nil, fmt.Errorf("%w (height %d: %w)", ErrNoLightBlock, height, err)
	}
	block := types.LightBlock{SignedHeader: &types.SignedHeader{Header: &meta.Header, Commit: commit}, ValidatorSet: validators}
	message, err := block.ToProto()
	if err != nil {
		return nil, err
	}
	encoded, err := message.Marshal()
	if err != nil || meta.NumTxs == 0 {
		return encoded, err
	}
	claim, err := c.encodeClaim(height, meta.Header.DataHash)
	if err != nil {
		return nil, err
	}
	encoded = append(encoded, wire.BlockClaimField<<3|2) // protobuf: a field of bytes
	return append(binary.AppendUvarint(encoded, uint64(len(claim))), claim...), nil
}

// validators is the set of a height. Its proposer priorities are not those of the height, which nobody needs who checks a commit:
// bringing them there would take longer with every block since the set changed last.
func (c *comet) validators(height int64) (*types.ValidatorSet, error) {
	if fast, ok := c.states.(interface {
		LoadValidatorsFast(height int64) (*types.ValidatorSet, error)
	}); ok {
		return fast.LoadValidatorsFast(height)
	}
	return c.states.LoadValidators(height)
}

// encodeClaim is the encoded CometBFT TxProof of a height's first transaction under the root of all.
func (c *comet) encodeClaim(height int64, root []byte) ([]byte, error) {
	latest, proposed := c.application.Latest()
	if uint64(height) != latest {
		block := c.node.BlockStore().LoadBlock(height)
		if block == nil || len(block.Txs) == 0 {
			return nil, fmt.Errorf("%w (height %d: its transactions are not there)", ErrNoLightBlock, height)
		}
		proposed = block.Txs.ToSliceOfBytes()
	}
	proof := proveFirst(proposed, root)
	message := proof.ToProto()
	return message.Marshal()
}

// proveFirst is types.Txs.Proof of the first transaction under their root, without building the way to all others.
func proveFirst(transactions [][]byte, root []byte) types.TxProof {
	leaves := make([][]byte, len(transactions))
	for i, transaction := range transactions {
		leaves[i] = types.Tx(transaction).Hash()
	}
	first := types.TxProof{RootHash: root, Data: transactions[0],
		Proof: merkle.Proof{Total: int64(len(leaves)), LeafHash: merkle.HashFromByteSlices(leaves[:1])}}
	for rest := leaves; len(rest) > 1; {
		split := 1
		for 2*split < len(rest) { // the left part is the largest power of two below the whole (RFC 6962)
			split *= 2
		}
		first.Proof.Aunts = append(first.Proof.Aunts, merkle.HashFromByteSlices(rest[split:]))
		rest = rest[:split]
	}
	slices.Reverse(first.Proof.Aunts)
	return first
}

// Genesis is CometBFT's chain id and genesis document, as JSON.
func (c *comet) Genesis() (chainID string, document []byte, err error) {
	document, err = cmtjson.Marshal(c.document)
	return c.document.ChainID, document, err
}
