package light

import (
	"bytes"
	"fmt"

	"github.com/cometbft/cometbft/crypto/tmhash"
	pbcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	pb "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// MaxValidators bounds a validator set.
	MaxValidators = 1_000
	// MaxLightBlock bounds an encoded light block, in bytes: a validator takes less
	// than 256 in its set and its commit signature together.
	MaxLightBlock = 4<<10 + MaxClaim + 256*MaxValidators
)

// lightBlock is a decoded light block and the Substrate block it proves.
type lightBlock struct {
	*types.LightBlock
	encoded []byte
	block   scale.Hash // see provenBlock
	claimed bool       // the block is the one that this height makes
}

// decodeLightBlock reads a light block and checks that it agrees with itself:
// the commit is for this header, the validators are those the header names.
// Signatures are not looked at. An empty chainID takes any chain: the caller
// then compares the header's hash with a trusted one.
func decodeLightBlock(encoded []byte, chainID string) (*lightBlock, error) {
	message, err := parseLightBlock(encoded)
	if err != nil {
		return nil, err
	}
	decoded, err := types.LightBlockFromProto(message)
	if err != nil {
		return nil, fmt.Errorf("%w (light block: %w)", ErrMalformed, err)
	}
	if chainID == "" {
		chainID = decoded.ChainID
	}
	if decoded.ChainID != chainID {
		return nil, fmt.Errorf("%w (chain id %q instead of %q)", ErrChainID, decoded.ChainID, chainID)
	}
	if len(decoded.AppHash) != len(scale.Hash{}) {
		return nil, fmt.Errorf("%w (an AppHash of %d bytes)", ErrMalformed, len(decoded.AppHash))
	}
	if !bytes.Equal(decoded.ValidatorSet.Hash(), decoded.ValidatorsHash) {
		return nil, fmt.Errorf("%w (height %d: its header names others)", ErrValidatorSet, decoded.Height)
	}
	if !bytes.Equal(decoded.Hash(), decoded.Commit.BlockID.Hash) || decoded.Height != decoded.Commit.Height {
		return nil, fmt.Errorf("%w (height %d: its commit is for another header)", ErrForgedHeader, decoded.Height)
	}
	if err := decoded.ValidateBasic(chainID); err != nil {
		return nil, fmt.Errorf("%w (light block: %w)", ErrMalformed, err)
	}
	block, claimed, err := provenBlock(encoded, decoded)
	if err != nil {
		return nil, err
	}
	return &lightBlock{LightBlock: decoded, encoded: encoded, block: block, claimed: claimed}, nil
}

// parseLightBlock reads the protobuf and refuses what later code should not
// meet: missing parts, too many validators, keys that are not ed25519.
func parseLightBlock(encoded []byte) (*pb.LightBlock, error) {
	if len(encoded) > MaxLightBlock {
		return nil, fmt.Errorf("%w (a light block of %d bytes, at most %d)", ErrMalformed, len(encoded), MaxLightBlock)
	}
	message := new(pb.LightBlock)
	if err := message.Unmarshal(encoded); err != nil {
		return nil, fmt.Errorf("%w (light block: %w)", ErrMalformed, err)
	}
	signed, set := message.SignedHeader, message.ValidatorSet
	if signed == nil || signed.Header == nil || signed.Commit == nil || set == nil {
		return nil, fmt.Errorf("%w (a light block without header, commit or validators)", ErrMalformed)
	}
	if len(set.Validators) > MaxValidators || len(signed.Commit.Signatures) > MaxValidators {
		return nil, fmt.Errorf("%w (more than %d validators)", ErrMalformed, MaxValidators)
	}
	for _, validator := range append(set.Validators[:len(set.Validators):len(set.Validators)], set.Proposer) {
		if validator == nil {
			return nil, fmt.Errorf("%w (a missing validator)", ErrMalformed)
		}
		if _, ok := validator.PubKey.Sum.(*pbcrypto.PublicKey_Ed25519); !ok {
			return nil, fmt.Errorf("%w (a validator key that is not ed25519)", ErrMalformed)
		}
	}
	return message, nil
}

// hash is the CometBFT header's hash, 32 bytes.
func (b *lightBlock) hash() (h scale.Hash) {
	if copy(h[:], b.SignedHeader.Hash()) != tmhash.Size {
		panic("light: a decoded header has no hash") // decodeLightBlock has compared it
	}
	return h
}
