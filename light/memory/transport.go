package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

var _ light.Transport = (*Chain)(nil)

// ErrUnknown says that this chain has no such block.
var ErrUnknown = errors.New("memory: there is no such block")

const (
	// pollInterval is how long Wait waits at most.
	pollInterval = time.Second
	// maxBodies is about how many bytes of messages Checkpoints gives at once: 8 MiB.
	maxBodies = 8 << 20
)

// Now is the last height's time: the clock of the network.
func (c *Chain) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.consensus.time()
}

// Height is the last height.
func (c *Chain) Height() int64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.consensus.height()
}

// TrustedHeader names the CometBFT header of a height.
func (c *Chain) TrustedHeader(height int64) light.TrustedHeader {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return light.TrustedHeader{Height: height, Hash: scale.Hash(c.consensus.blocks[height-1].Hash())}
}

// Best is the last block's header.
func (c *Chain) Best() header.Header {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.headers[len(c.headers)-1]
}

// Get reads a value of the last block's state.
func (c *Chain) Get(key []byte) ([]byte, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	value, found, err := c.state.Get(key)
	if err != nil {
		panic("memory: read the state: " + err.Error())
	}
	return value, found
}

// LightBlock implements light.Transport.
func (c *Chain) LightBlock(_ context.Context, height int64) ([]byte, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if height == 0 {
		height = c.consensus.height()
	}
	if height < 1 || height > c.consensus.height() {
		return nil, ErrUnknown
	}
	encoded := encode(c.consensus.blocks[height-1])
	if claim := c.consensus.claims[height-1]; claim != nil {
		encoded = AttachClaim(encoded, claim)
	}
	return encoded, nil
}

// Header implements light.Transport.
func (c *Chain) Header(_ context.Context, hash scale.Hash) ([]byte, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	number, ok := c.numbers[hash]
	if !ok {
		return nil, ErrUnknown
	}
	return header.Codec.Marshal(c.headers[number]), nil
}

// Headers implements light.Transport.
func (c *Chain) Headers(_ context.Context, from, to uint32) ([][]byte, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var encoded [][]byte
	for number := from; number <= to && int(number) < len(c.headers) && len(encoded) < light.MaxHeaders; number++ {
		encoded = append(encoded, header.Codec.Marshal(c.headers[number]))
	}
	return encoded, nil
}

// ReadProof implements light.Transport.
func (c *Chain) ReadProof(_ context.Context, at scale.Hash, keys [][]byte) ([][]byte, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	number, ok := c.numbers[at]
	if !ok {
		return nil, ErrUnknown
	}
	return trie.Open(c.nodes, c.headers[number].StateRoot, trie.Options{}).Prove(keys...)
}

// Checkpoints implements light.Transport.
func (c *Chain) Checkpoints(_ context.Context, from uint64, limit uint32) ([]light.Body, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	first := min(from, uint64(len(c.bodies)))
	last, size := first, 0
	for last < min(first+uint64(limit), uint64(len(c.bodies))) && (last == first || size <= maxBodies) {
		for _, message := range c.bodies[last].Messages {
			size += len(message)
		}
		last++
	}
	return slices.Clone(c.bodies[first:last]), nil
}

// Wait implements light.Transport.
func (c *Chain) Wait(ctx context.Context, height int64) error {
	c.mutex.Lock()
	changed, latest := c.changed, c.consensus.height()
	c.mutex.Unlock()
	if latest > height {
		return nil
	}
	select {
	case <-changed:
	case <-time.After(pollInterval):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
