package chain

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of a node's answers beside those of package light.
const (
	// MaxBody bounds the extrinsics of one block together, in bytes.
	MaxBody = 16 << 20
	// MaxKeys is how many keys of a map are asked for at once.
	MaxKeys = 256
)

// Version is what a signature must name, so that no other runtime takes the transaction for something else.
type Version struct {
	Spec        uint32
	Transaction uint32
}

// Node is what a wallet asks of a node. Nothing in its answers is trusted but what the package comment names.
type Node interface {
	light.Transport
	// GenesisHash is the network that the node says it is of.
	GenesisHash(ctx context.Context) (scale.Hash, error)
	// Version is the runtime's.
	Version(ctx context.Context) (Version, error)
	// Metadata is the runtime's, of version 14.
	Metadata(ctx context.Context) ([]byte, error)
	// NextNonce counts what waits in the node's pool, too.
	NextNonce(ctx context.Context, account scale.AccountID) (uint32, error)
	// Submit hands in an extrinsic; *RejectedError if the pool refuses it.
	Submit(ctx context.Context, extrinsic []byte) error
	// Watch is Submit, and then tells what becomes of the extrinsic.
	Watch(ctx context.Context, extrinsic []byte) (Watch, error)
	// Body is the extrinsics of a block.
	Body(ctx context.Context, block scale.Hash) ([][]byte, error)
	// Keys are up to MaxKeys storage keys with a prefix, after a key (nil: from the first), in ascending order.
	Keys(ctx context.Context, at scale.Hash, prefix, after []byte) ([][]byte, error)
	Close() error
}

// Watch tells what becomes of an extrinsic.
type Watch interface {
	// Next waits for news.
	Next(ctx context.Context) (Status, error)
	Close()
}

// Stage is how far an extrinsic has come, as a node says.
type Stage uint8

// Stages.
const (
	StagePending   Stage = iota // in the pool
	StageInBlock                // in a block that is not final
	StageFinalized              // in a final block
	StageDropped                // no longer in the pool, and in no block
)

// Status is news of a Watch.
type Status struct {
	Stage  Stage
	Block  scale.Hash // StageInBlock, StageFinalized
	Reason string     // StageDropped
}

// RejectedError says that a node's pool did not take an extrinsic.
type RejectedError struct {
	Code    int
	Message string
}

func (e *RejectedError) Error() string {
	return fmt.Sprintf("chain: the node refuses the transaction (%d): %s", e.Code, e.Message)
}
