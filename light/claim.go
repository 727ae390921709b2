package light

import (
	"encoding/binary"
	"fmt"

	pb "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// MaxClaim bounds the encoded proof of a claim, in bytes: a claim, and a hash for each level of a tree with up to 2^30 leaves.
const MaxClaim = 2 << 10

// claimTag is the protobuf key of the field with the claim's proof.
const claimTag = wire.BlockClaimField<<3 | 2

// provenBlock is the hash of the Substrate block that a light block proves: the one that its own height makes if the claim of that
// is proven to be the height's first transaction, and otherwise the one that its AppHash names, which lower heights made.
func provenBlock(encoded []byte, b *types.LightBlock) (block scale.Hash, claimed bool, err error) {
	field, err := claimField(encoded)
	if err != nil || field == nil {
		return scale.Hash(b.AppHash), false, err
	}
	message := new(pb.TxProof)
	if err := message.Unmarshal(field); err != nil {
		return block, false, fmt.Errorf("%w (claim of height %d: %w)", ErrMalformed, b.Height, err)
	}
	if message.Proof == nil {
		return block, false, fmt.Errorf("%w (claim of height %d: it has no proof)", ErrMalformed, b.Height)
	}
	proof, err := types.TxProofFromProto(*message)
	if err != nil {
		return block, false, fmt.Errorf("%w (claim of height %d: %w)", ErrMalformed, b.Height, err)
	}
	if err := proof.Validate(b.DataHash); err != nil || proof.Proof.Index != 0 {
		return block, false, fmt.Errorf("%w (height %d: what is claimed is not its first transaction)", ErrForgedHeader, b.Height)
	}
	if block, err = wire.ParseBlockClaim(proof.Data); err != nil {
		return block, false, fmt.Errorf("%w (height %d: its first transaction claims no block)", ErrForgedHeader, b.Height)
	}
	return block, true, nil
}

// claimField finds the field with the claim's proof in an encoded light block, nil if there is none. CometBFT's fields are of
// bytes like this one.
func claimField(encoded []byte) ([]byte, error) {
	for rest := encoded; len(rest) > 0; {
		size, width := binary.Uvarint(rest[1:])
		if width <= 0 || size > uint64(len(rest)-1-width) || rest[0]&7 != 2 || rest[0]&0x80 != 0 {
			return nil, fmt.Errorf("%w (a field of a light block)", ErrMalformed)
		}
		field := rest[1+width:][:size]
		if rest[0] == claimTag {
			if size > MaxClaim {
				return nil, fmt.Errorf("%w (a claim of %d bytes, at most %d)", ErrMalformed, size, MaxClaim)
			}
			return field, nil
		}
		rest = rest[1+width+int(size):]
	}
	return nil, nil
}
