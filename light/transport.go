package light

import (
	"context"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of a node's answers; a transport refuses what exceeds them.
const (
	// MaxHeaders is how many headers are asked for at once.
	MaxHeaders = 512
	// MaxHeaderSize bounds one encoded header, in bytes.
	MaxHeaderSize = 4 << 10
	// MaxProof bounds the nodes of one storage proof together, in bytes.
	MaxProof = 8 << 20
	// MaxProofNodes bounds their number.
	MaxProofNodes = 64 << 10
	// MaxBodies is how many checkpoints are asked for at once.
	MaxBodies = 256
	// MaxBodiesSize bounds the messages of one answer together, in bytes: the node
	// stops at 8 MiB, but always sends one whole checkpoint.
	MaxBodiesSize = 24 << 20
)

// Transport carries a node's answers. None of them is trusted, so nothing that
// an implementation does can break safety; it keeps to the bounds above.
type Transport interface {
	// LightBlock is the encoded CometBFT light block at height, 0 for the latest.
	LightBlock(ctx context.Context, height int64) ([]byte, error)
	// Header is the encoded Substrate header of a finalised block.
	Header(ctx context.Context, hash scale.Hash) ([]byte, error)
	// Headers are the encoded headers of finalised blocks by number, from and to
	// included, at most MaxHeaders.
	Headers(ctx context.Context, from, to uint32) ([][]byte, error)
	// ReadProof is the trie nodes that lead to keys in a block's state.
	ReadProof(ctx context.Context, at scale.Hash, keys [][]byte) ([][]byte, error)
	// Checkpoints are the bodies of checkpoints from an index on, at most limit.
	Checkpoints(ctx context.Context, from uint64, limit uint32) ([]Body, error)
	// Wait returns when the node may have a light block above height, at the latest
	// after about a second.
	Wait(ctx context.Context, height int64) error
}

// Body is a checkpoint as a node tells it.
type Body struct {
	Index    uint64
	Number   uint32
	Hash     scale.Hash
	Messages [][]byte // SCALE of InboxMessage each
}
