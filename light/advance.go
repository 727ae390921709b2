package light

import (
	"context"
	"errors"
	"fmt"
)

// maxBisection bounds the light blocks fetched to reach one height. Halving the
// way needs some ten unless most validators change from block to block.
const maxBisection = 1_000

// ErrBisection says that the way from the trusted light block is too long.
var ErrBisection = errors.New("light: the validators changed too often since the trusted header; configure the height and hash of a more recent one")

// advance verifies target from the trusted light block, over others in between
// where the validators have changed too much, and gives the highest verified.
func (c *CometBFT) advance(ctx context.Context, target *lightBlock) (*lightBlock, error) {
	trusted := c.trusted
	if target.Height == trusted.Height {
		if target.hash() != trusted.hash() {
			return nil, fmt.Errorf("%w (height %d: %s, accepted %s)", ErrFork, target.Height, target.hash(), trusted.hash())
		}
		if target.claimed {
			trusted = target // it may prove more than what was served before
		}
		return trusted, c.verifier.checkNotExpired(trusted, c.config.Now())
	}
	pending := []*lightBlock{target} // heights fall towards the end
	for fetched := 0; len(pending) > 0; {
		next := pending[len(pending)-1]
		switch err := c.verifier.verify(trusted, next, c.config.Now()); {
		case err == nil:
			trusted, pending = next, pending[:len(pending)-1]
		case errors.Is(err, errCannotSkip):
			if fetched++; fetched > maxBisection {
				return nil, ErrBisection
			}
			middle, err := c.lightBlock(ctx, trusted.Height+(next.Height-trusted.Height)/2)
			if err != nil {
				return nil, err
			}
			pending = append(pending, middle)
		default:
			return nil, err
		}
	}
	return trusted, nil
}
