package light

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// TrustedHeader names a CometBFT header that the configuration vouches for.
type TrustedHeader struct {
	Height int64
	Hash   scale.Hash
}

// Config says what is trusted, and for how long.
type Config struct {
	// Genesis is the hash of Substrate header 0; it names the network.
	Genesis scale.Hash
	// Trusted is a recent header. Without it the chain is followed from its genesis,
	// which is safe as long as its first block is younger than TrustingPeriod.
	Trusted *TrustedHeader
	// TrustingPeriod and ClockDrift are the defaults if zero.
	TrustingPeriod time.Duration
	ClockDrift     time.Duration
	// Store keeps the last trusted head over restarts; nil forgets it.
	Store Store
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// CometBFT follows a Bitcloak network, whose blocks CometBFT orders.
type CometBFT struct {
	transport Transport
	config    Config
	verifier  verifier
	genesis   BlockID
	recent    recent

	mutex   sync.Mutex // of what follows
	trusted *lightBlock
	number  uint32 // of the last head accepted, also in earlier runs
	given   scale.Hash
	hasHead bool
}

// Follow trusts what config or its store says and gives the chain; Next then
// finds the newest head.
func Follow(ctx context.Context, transport Transport, config Config) (*CometBFT, error) {
	if config.TrustingPeriod == 0 {
		config.TrustingPeriod = DefaultTrustingPeriod
	}
	if config.ClockDrift == 0 {
		config.ClockDrift = DefaultClockDrift
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &CometBFT{
		transport: transport,
		config:    config,
		verifier:  verifier{trustingPeriod: config.TrustingPeriod, clockDrift: config.ClockDrift},
		genesis:   BlockID{Number: 0, Hash: config.Genesis},
	}
	if err := c.trust(ctx); err != nil {
		return nil, err
	}
	c.verifier.chainID = c.trusted.ChainID
	return c, nil
}

// Genesis is block 0.
func (c *CometBFT) Genesis() BlockID { return c.genesis }

// ChainID is CometBFT's name for the network.
func (c *CometBFT) ChainID() string { return c.verifier.chainID }

// Trusted is the last light block accepted: configure it to follow from there.
func (c *CometBFT) Trusted() TrustedHeader {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return TrustedHeader{Height: c.trusted.Height, Hash: c.trusted.hash()}
}

// A node that says again and again that there is news, and has none, is asked at
// leisure after eagerLooks times: it must not keep a follower's processor busy.
const (
	eagerLooks = 16
	idlePause  = 10 * time.Millisecond
)

// Next gives the newest finalised head, or waits for one.
func (c *CometBFT) Next(ctx context.Context) (Head, error) {
	for looks := 1; ; looks++ {
		latest, err := c.lightBlock(ctx, 0)
		if err != nil {
			return Head{}, err
		}
		trusted, err := c.advance(ctx, latest)
		if err != nil {
			return Head{}, err
		}
		if !c.hasHead || trusted.block != c.given {
			return c.head(ctx, trusted)
		}
		c.accept(trusted, c.number)
		if err := c.transport.Wait(ctx, trusted.Height); err != nil {
			return Head{}, fmt.Errorf("light: wait for a block: %w", err)
		}
		if looks > eagerLooks {
			select {
			case <-time.After(idlePause):
			case <-ctx.Done():
				return Head{}, fmt.Errorf("light: wait for a block: %w", ctx.Err())
			}
		}
	}
}

// Repeat makes Next give the newest head again.
func (c *CometBFT) Repeat() { c.hasHead = false }

// head fetches the Substrate header that trusted proves and makes it the head.
func (c *CometBFT) head(ctx context.Context, trusted *lightBlock) (Head, error) {
	encoded, err := c.transport.Header(ctx, trusted.block)
	if err != nil {
		return Head{}, fmt.Errorf("light: fetch header %s: %w", trusted.block, err)
	}
	id, decoded, err := decodeHeader(encoded)
	if err != nil {
		return Head{}, err
	}
	if id.Hash != trusted.block {
		return Head{}, fmt.Errorf("%w (height %d proves block %s, the header is of %s)", ErrForgedHeader, trusted.Height, trusted.block, id.Hash)
	}
	if id.Number < c.number {
		return Head{}, fmt.Errorf("%w (block %d, accepted %d)", ErrRollback, id.Number, c.number)
	}
	if err := c.save(trusted, id.Number); err != nil {
		return Head{}, err
	}
	c.accept(trusted, id.Number)
	c.given, c.hasHead = id.Hash, true
	c.recent.add(id.Hash, decoded)
	return Head{BlockID: id, Header: *decoded, Time: trusted.Time}, nil
}

func (c *CometBFT) accept(trusted *lightBlock, number uint32) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.trusted, c.number = trusted, number
}

// lightBlock fetches and decodes one; it is verified by advance.
func (c *CometBFT) lightBlock(ctx context.Context, height int64) (*lightBlock, error) {
	encoded, err := c.transport.LightBlock(ctx, height)
	if err != nil {
		return nil, fmt.Errorf("light: fetch the light block at height %d: %w", height, err)
	}
	b, err := decodeLightBlock(encoded, c.verifier.chainID)
	if err != nil {
		return nil, err
	}
	if height != 0 && b.Height != height {
		return nil, fmt.Errorf("%w (the light block of height %d instead of %d)", ErrForgedHeader, b.Height, height)
	}
	return b, nil
}

// decodeHeader reads a header and names it.
func decodeHeader(encoded []byte) (BlockID, *header.Header, error) {
	if len(encoded) > MaxHeaderSize {
		return BlockID{}, nil, fmt.Errorf("%w (a header of %d bytes, at most %d)", ErrMalformed, len(encoded), MaxHeaderSize)
	}
	decoded, err := header.Codec.Unmarshal(encoded)
	if err != nil {
		return BlockID{}, nil, fmt.Errorf("%w (header: %w)", ErrMalformed, err)
	}
	return BlockID{Number: decoded.Number, Hash: decoded.Hash()}, &decoded, nil
}
