package light

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// MaxKeys bounds the keys of one read.
const MaxKeys = 256

// Read gives the values under keys in head's state; see Chain.
func (c *CometBFT) Read(ctx context.Context, at Head, keys ...[]byte) ([][]byte, error) {
	return c.prove(ctx, at.BlockID, at.Header.StateRoot, keys)
}

// prove reads keys under a trusted state root through a proof of the node.
func (c *CometBFT) prove(ctx context.Context, at BlockID, stateRoot scale.Hash, keys [][]byte) ([][]byte, error) {
	if len(keys) > MaxKeys {
		return nil, fmt.Errorf("light: %d keys in one read; ask for at most %d", len(keys), MaxKeys)
	}
	proof, err := c.transport.ReadProof(ctx, at.Hash, keys)
	if err != nil {
		return nil, fmt.Errorf("light: fetch a storage proof at block %d: %w", at.Number, err)
	}
	if err := checkProof(proof); err != nil {
		return nil, err
	}
	state, err := trie.OpenProof(stateRoot, proof, trie.Options{})
	if err != nil {
		return nil, fmt.Errorf("%w (block %d: %w)", ErrProof, at.Number, err)
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		value, found, err := state.Get(key)
		if err != nil {
			return nil, fmt.Errorf("%w (block %d, key %x: %w)", ErrProof, at.Number, key, err)
		}
		if found {
			values[i] = value
		}
	}
	return values, nil
}

func checkProof(proof [][]byte) error {
	size := 0
	for _, node := range proof {
		size += len(node)
	}
	if len(proof) > MaxProofNodes || size > MaxProof {
		return fmt.Errorf("%w (a storage proof of %d nodes and %d bytes)", ErrMalformed, len(proof), size)
	}
	return nil
}
