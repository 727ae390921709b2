package light

import (
	"context"
	"time"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// BlockID names a Substrate block.
type BlockID struct {
	Number uint32
	Hash   scale.Hash
}

// Head is a finalised Substrate block whose header has been proven.
type Head struct {
	BlockID
	Header header.Header
	Time   time.Time // of the consensus header that proves it
}

// Chain is a chain followed without trusting whoever serves it. All methods may
// be called at once, but only one goroutine calls Next and Repeat.
type Chain interface {
	// Genesis is block 0.
	Genesis() BlockID
	// Next gives the newest finalised head. If the last call gave it already, Next
	// waits for a newer one. After an error it can be called again.
	Next(ctx context.Context) (Head, error)
	// Repeat makes Next give the newest head even if the last call gave it already:
	// for a caller that could not use it.
	Repeat()
	// Read gives the values under keys in head's state, proven. An absent value is
	// nil, an empty one is not.
	Read(ctx context.Context, at Head, keys ...[]byte) ([][]byte, error)
	// Headers proves that to descends from from: it visits every header above from,
	// up to that of to, in order. What was visited counts only if it returns nil.
	Headers(ctx context.Context, from, to BlockID, visit func(BlockID, *header.Header) error) error
}
