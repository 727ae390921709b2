package wire

import (
	"bytes"
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// BlockClaimTag begins a block claim: the first transaction of every CometBFT block that makes a Substrate block, which
// names that block by its hash. Validators vote only for blocks whose claim they have found true, so a CometBFT commit
// proves the Substrate block of its own height (spec/blocks.md).
const BlockClaimTag = "bitcloak/block/1"

// BlockClaimSize is the length of a block claim in bytes.
const BlockClaimSize = len(BlockClaimTag) + len(scale.Hash{})

// BlockClaimField is the protobuf field of a CometBFT LightBlock that holds the proof of its height's claim, a CometBFT TxProof.
// CometBFT itself has no such field and skips it.
const BlockClaimField = 15

// ErrBlockClaim says that a transaction is not a block claim.
var ErrBlockClaim = errors.New("wire: not a claim of a Substrate block's hash")

// BlockClaim is the claim of the Substrate block with this hash.
func BlockClaim(block Hash) []byte {
	return append(append(make([]byte, 0, BlockClaimSize), BlockClaimTag...), block[:]...)
}

// ParseBlockClaim gives the hash that a transaction claims.
func ParseBlockClaim(transaction []byte) (Hash, error) {
	hash, tagged := bytes.CutPrefix(transaction, []byte(BlockClaimTag))
	if !tagged || len(hash) != len(scale.Hash{}) {
		return Hash{}, ErrBlockClaim
	}
	return Hash(hash), nil
}
