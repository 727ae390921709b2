package light

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/wire"
)

// goal is where fetching ends: with so many messages, at the latest in block.
type goal struct {
	count uint64
	block BlockID
}

// answer is what a node answered when it was asked for checkpoints.
type answer struct {
	bodies []Body
	err    error
}

// ask fetches checkpoints from a position on.
func (r *InboxReader) ask(ctx context.Context, at Position, limit uint32) answer {
	bodies, err := r.transport.Checkpoints(ctx, at.Next, limit)
	if err != nil {
		err = fmt.Errorf("light: fetch checkpoints from %d: %w", at.Next, err)
	}
	return answer{bodies: bodies, err: err}
}

// fetchAhead asks for the next checkpoints while the inbox is being proven.
func (r *InboxReader) fetchAhead(ctx context.Context) <-chan answer {
	ahead := make(chan answer, 1)
	at := r.position
	go func() { ahead <- r.ask(ctx, at, MaxBodies) }()
	return ahead
}

// check folds an answer and proves its blocks' hashes against each other. Whether
// they are the chain's shows where they end: in the inbox hash. A node may send
// checkpoints beyond the goal, which are left for later. size is the bytes of the
// answer's messages.
func (r *InboxReader) check(ctx context.Context, at Position, end goal, limit uint32, given answer) (p page, size int, err error) {
	bodies, err := given.bodies, given.err
	if err != nil {
		return page{}, 0, err
	}
	if size, err = checkBodies(bodies, limit); err != nil {
		return page{}, 0, err
	}
	p = page{from: at, to: at, checkpoints: make([]Checkpoint, 0, len(bodies))}
	for i := 0; i < len(bodies) && p.to.Inbox.Count < end.count; i++ {
		checkpoint, err := decodeBody(&bodies[i], p.to)
		if err != nil {
			return page{}, 0, err
		}
		if checkpoint.Number <= p.to.Block.Number || checkpoint.Number > end.block.Number {
			return page{}, 0, fmt.Errorf("%w (checkpoint %d in block %d, not between %d and %d)", ErrCheckpoint,
				checkpoint.Index, checkpoint.Number, p.to.Block.Number+1, end.block.Number)
		}
		p.checkpoints = append(p.checkpoints, checkpoint)
		p.to = checkpoint.after()
	}
	if err := r.identify(ctx, &p, end.block); err != nil {
		return page{}, 0, err
	}
	return p, size, nil
}

// checkBodies bounds an answer.
func checkBodies(bodies []Body, limit uint32) (size int, err error) {
	if len(bodies) == 0 {
		return 0, fmt.Errorf("%w (none of those still missing)", ErrInboxCount)
	}
	if len(bodies) > int(limit) {
		return 0, fmt.Errorf("%w (%d checkpoints, asked for %d)", ErrMalformed, len(bodies), limit)
	}
	for i := range bodies {
		if len(bodies[i].Messages) > wire.MaxBlockMessages {
			return 0, fmt.Errorf("%w (%d messages in one checkpoint)", ErrMalformed, len(bodies[i].Messages))
		}
		for _, message := range bodies[i].Messages {
			size += len(message)
		}
	}
	if size > MaxBodiesSize {
		return 0, fmt.Errorf("%w (%d bytes of messages, at most %d)", ErrMalformed, size, MaxBodiesSize)
	}
	return size, nil
}

// decodeBody reads a checkpoint's messages and folds them. A Block message opens
// each checkpoint and occurs nowhere else, so the split follows from the messages.
func decodeBody(body *Body, at Position) (Checkpoint, error) {
	if body.Index != at.Next {
		return Checkpoint{}, fmt.Errorf("%w (checkpoint %d instead of %d)", ErrCheckpoint, body.Index, at.Next)
	}
	checkpoint := Checkpoint{
		Checkpoint: wire.Checkpoint{Index: body.Index, Number: body.Number, BlockHash: body.Hash, Inbox: at.Inbox},
		Messages:   make([]wire.InboxMessage, len(body.Messages)),
	}
	for i, encoded := range body.Messages {
		message, err := wire.InboxMessageCodec.Unmarshal(encoded)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%w (message %d of checkpoint %d: %w)", ErrMalformed, i, body.Index, err)
		}
		if (message.Kind == wire.MessageBlock) != (i == 0) {
			return Checkpoint{}, fmt.Errorf("%w (checkpoint %d does not open with its only Block message)", ErrCheckpoint, body.Index)
		}
		checkpoint.Messages[i] = message
		checkpoint.Inbox = checkpoint.Inbox.Fold(encoded)
	}
	if len(checkpoint.Messages) == 0 || checkpoint.Messages[0].Block.Number != body.Number {
		return Checkpoint{}, fmt.Errorf("%w (checkpoint %d is not of block %d)", ErrCheckpoint, body.Index, body.Number)
	}
	return checkpoint, nil
}

// identify checks each checkpoint's block hash against the chain of headers from
// the page's start to its last block, whose hash the node claims; the headers
// from there on to the proven head are checked by the caller.
func (r *InboxReader) identify(ctx context.Context, p *page, end BlockID) error {
	if p.to.Block.Number == end.Number && p.to.Block.Hash != end.Hash {
		return fmt.Errorf("%w (block %d is %s, proven is %s)", ErrCheckpoint, end.Number, p.to.Block.Hash, end.Hash)
	}
	next := 0
	return r.chain.Headers(ctx, p.from.Block, p.to.Block, func(id BlockID, h *header.Header) error {
		checkpoint := &p.checkpoints[next]
		if id.Number != checkpoint.Number {
			return nil
		}
		next++
		if id.Hash != checkpoint.BlockHash || h.ParentHash != checkpoint.Messages[0].Block.Parent {
			return fmt.Errorf("%w (checkpoint %d is not of block %d %s)", ErrCheckpoint, checkpoint.Index, id.Number, id.Hash)
		}
		return nil
	})
}

func ignoreHeader(BlockID, *header.Header) error { return nil }
