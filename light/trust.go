package light

import (
	"bytes"
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Storage of the Consensus pallet, to which header 0 commits (spec/blocks.md).
var (
	storageChainID        = consensusItem("ChainId")        // Bytes: CometBFT's chain id
	storageValidatorsHash = consensusItem("ValidatorsHash") // [u8; 32]: of the first validator set
	storageParamsHash     = consensusItem("ParamsHash")     // [u8; 32]: of the first consensus parameters
)

func consensusItem(name string) []byte {
	key := hashing.StoragePrefix("Consensus", name)
	return key[:]
}

// maxChainID is CometBFT's own bound (types.MaxChainIDLen).
const maxChainID = 50

// firstHeight is the first height of a Bitcloak network.
const firstHeight = 1

// trust sets the first trusted light block: the recorded one, the configured one
// if that is later, or the first of the chain.
func (c *CometBFT) trust(ctx context.Context) error {
	trusted, number, err := c.load()
	if err != nil {
		return err
	}
	if configured := c.config.Trusted; configured != nil && (trusted == nil || configured.Height > trusted.Height) {
		if trusted, err = c.trustConfigured(ctx, *configured); err != nil {
			return err
		}
	}
	if trusted == nil {
		if trusted, err = c.trustGenesis(ctx); err != nil {
			return err
		}
	}
	if err := c.verifier.checkNotExpired(trusted, c.config.Now()); err != nil {
		return err
	}
	c.accept(trusted, number)
	return nil
}

// trustConfigured fetches the light block whose hash the configuration vouches for.
func (c *CometBFT) trustConfigured(ctx context.Context, configured TrustedHeader) (*lightBlock, error) {
	b, err := c.lightBlock(ctx, configured.Height)
	if err != nil {
		return nil, err
	}
	if b.hash() != configured.Hash {
		return nil, fmt.Errorf("%w (height %d is %s, trusted is %s)", ErrFork, b.Height, b.hash(), configured.Hash)
	}
	return b, nil
}

// trustGenesis proves the first light block from the genesis hash: header 0's
// state names CometBFT's chain, validators and parameters, and the block at the
// first height carries header 0's hash.
func (c *CometBFT) trustGenesis(ctx context.Context) (*lightBlock, error) {
	genesis, err := c.genesisHeader(ctx)
	if err != nil {
		return nil, err
	}
	values, err := c.prove(ctx, c.genesis, genesis.StateRoot, [][]byte{storageChainID, storageValidatorsHash, storageParamsHash})
	if err != nil {
		return nil, err
	}
	chainID, err := scale.Bytes(maxChainID).Unmarshal(values[0])
	if err != nil || len(chainID) == 0 || len(values[1]) != 32 || len(values[2]) != 32 {
		return nil, fmt.Errorf("%w (the Consensus pallet's storage at genesis)", ErrState)
	}
	first, err := c.lightBlock(ctx, firstHeight)
	if err != nil {
		return nil, err
	}
	switch {
	case first.ChainID != string(chainID):
		return nil, fmt.Errorf("%w (chain id %q, genesis names %q)", ErrChainID, first.ChainID, chainID)
	case !bytes.Equal(first.ValidatorsHash, values[1]):
		return nil, fmt.Errorf("%w (height %d: genesis names others)", ErrValidatorSet, firstHeight)
	case !bytes.Equal(first.ConsensusHash, values[2]) || scale.Hash(first.AppHash) != c.genesis.Hash:
		return nil, fmt.Errorf("%w (height %d does not build on it)", ErrGenesis, firstHeight)
	}
	c.verifier.chainID = first.ChainID
	if err := c.verifier.checkNotFuture(first, c.config.Now()); err != nil {
		return nil, err
	}
	return first, c.verifier.checkCommit(first)
}

func (c *CometBFT) genesisHeader(ctx context.Context) (*header.Header, error) {
	encoded, err := c.transport.Header(ctx, c.genesis.Hash)
	if err != nil {
		return nil, fmt.Errorf("light: fetch the genesis header %s (is the genesis hash this network's?): %w", c.genesis.Hash, err)
	}
	id, genesis, err := decodeHeader(encoded)
	if err != nil {
		return nil, err
	}
	if id != c.genesis {
		return nil, fmt.Errorf("%w (block %d %s, configured is %s)", ErrGenesis, id.Number, id.Hash, c.genesis.Hash)
	}
	return genesis, nil
}
