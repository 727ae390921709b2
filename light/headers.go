package light

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/header"
)

// Headers proves that to descends from from; see Chain.
func (c *CometBFT) Headers(ctx context.Context, from, to BlockID, visit func(BlockID, *header.Header) error) error {
	if to.Number < from.Number || to.Number == from.Number && to.Hash != from.Hash {
		return fmt.Errorf("%w (block %d %s does not descend from block %d %s)", ErrFork, to.Number, to.Hash, from.Number, from.Hash)
	}
	if path, known := c.recent.path(from, to); known {
		for _, l := range path {
			if err := visit(l.id, l.header); err != nil {
				return err
			}
		}
		return nil
	}
	below := from
	for below.Number < to.Number {
		first := below.Number + 1
		last := first + min(to.Number-first, MaxHeaders-1)
		batch, err := c.headerBatch(ctx, first, last)
		if err != nil {
			return err
		}
		for _, encoded := range batch {
			id, decoded, err := decodeHeader(encoded)
			if err != nil {
				return err
			}
			if id.Number != below.Number+1 || decoded.ParentHash != below.Hash {
				return fmt.Errorf("%w (block %d is not a child of block %d %s)", ErrForgedHeader, id.Number, below.Number, below.Hash)
			}
			if id.Number == to.Number && id.Hash != to.Hash {
				return fmt.Errorf("%w (block %d is %s, proven is %s)", ErrForgedHeader, id.Number, id.Hash, to.Hash)
			}
			if err := visit(id, decoded); err != nil {
				return err
			}
			below = id
		}
	}
	return nil
}

// headerBatch fetches the headers from first to last; fewer are an answer too,
// none or more are not.
func (c *CometBFT) headerBatch(ctx context.Context, first, last uint32) ([][]byte, error) {
	batch, err := c.transport.Headers(ctx, first, last)
	if err != nil {
		return nil, fmt.Errorf("light: fetch headers %d to %d: %w", first, last, err)
	}
	if len(batch) == 0 || len(batch) > int(last-first)+1 {
		return nil, fmt.Errorf("%w (%d headers for blocks %d to %d)", ErrMalformed, len(batch), first, last)
	}
	return batch, nil
}
