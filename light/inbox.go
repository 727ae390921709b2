package light

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/wire"
)

// Position is how far an inbox has been read.
type Position struct {
	Next  uint64     // index of the next checkpoint
	Inbox wire.Inbox // as it stands before it
	Block BlockID    // of the checkpoint before; of genesis at the start
}

// Checkpoint is a block's messages to the contract, proven to be all of them, in
// order and unaltered, and its block's hash.
type Checkpoint struct {
	wire.Checkpoint
	Messages []wire.InboxMessage // the first is the Block message
}

// InboxReader gives the checkpoints of a chain in order, each once (I4, I5).
type InboxReader struct {
	chain     Chain
	transport Transport
	position  Position
	// retain is how many bytes of messages may wait in memory for the proof that
	// covers them; beyond, they are fetched again afterwards.
	retain int
}

// retainedBytes bounds what NewInboxReader keeps in memory: 32 MiB.
const retainedBytes = 32 << 20

// NewInboxReader reads from a position on. A position that is not this chain's
// shows as an error of the first Read.
func NewInboxReader(chain Chain, transport Transport, from Position) *InboxReader {
	return &InboxReader{chain: chain, transport: transport, position: from, retain: retainedBytes}
}

// Start is the position before the first checkpoint.
func Start(chain Chain) Position { return Position{Block: chain.Genesis()} }

// Position is how far checkpoints have been delivered.
func (r *InboxReader) Position() Position { return r.position }

// Read delivers the checkpoints up to head. Nothing is delivered before all of
// it folds to the inbox that head's state proves. An error of deliver ends the
// read and is returned; the position is then after the last checkpoint that
// deliver took.
func (r *InboxReader) Read(ctx context.Context, head Head, deliver func(*Checkpoint) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ahead := r.fetchAhead(ctx)
	proven, err := r.provenInbox(ctx, head)
	if err != nil {
		return err
	}
	from := r.position
	if proven.Count < from.Inbox.Count {
		return fmt.Errorf("%w (%d messages at block %d, read %d)", ErrInboxRollback, proven.Count, head.Number, from.Inbox.Count)
	}
	if proven.Count == from.Inbox.Count {
		if proven.Hash != from.Inbox.Hash {
			return fmt.Errorf("%w (the %d messages read are not the chain's)", ErrInboxHash, proven.Count)
		}
		return nil
	}
	pages, err := r.survey(ctx, head, proven, ahead)
	if err != nil {
		return err
	}
	for i := range pages {
		if err := r.deliver(ctx, &pages[i], deliver); err != nil {
			return err
		}
	}
	return nil
}

// provenInbox is Confidential.Inbox in head's state; an absent one is empty.
func (r *InboxReader) provenInbox(ctx context.Context, head Head) (wire.Inbox, error) {
	values, err := r.chain.Read(ctx, head, wire.StorageInbox())
	if err != nil {
		return wire.Inbox{}, err
	}
	if values[0] == nil {
		return wire.Inbox{}, nil
	}
	inbox, err := wire.InboxCodec.Unmarshal(values[0])
	if err != nil {
		return wire.Inbox{}, fmt.Errorf("%w (Confidential.Inbox: %w)", ErrState, err)
	}
	return inbox, nil
}

// page is a run of checkpoints from one answer of the node.
type page struct {
	from, to    Position
	checkpoints []Checkpoint // nil if they were not retained
}

// survey fetches everything up to the proven inbox and checks it. Messages beyond
// the retained bytes are dropped: their page keeps only the positions around it.
func (r *InboxReader) survey(ctx context.Context, head Head, proven wire.Inbox, ahead <-chan answer) ([]page, error) {
	var pages []page
	retained, at := 0, r.position
	end := goal{count: proven.Count, block: head.BlockID}
	for first := true; at.Inbox.Count < end.count; first = false {
		var given answer
		if first {
			given = <-ahead
		} else {
			given = r.ask(ctx, at, MaxBodies)
		}
		p, size, err := r.check(ctx, at, end, MaxBodies, given)
		if err != nil {
			return nil, err
		}
		if retained += size; retained > r.retain {
			p.checkpoints = nil
		}
		pages, at = append(pages, p), p.to
	}
	if at.Inbox.Count != proven.Count {
		return nil, fmt.Errorf("%w (%d messages, proven are %d)", ErrInboxCount, at.Inbox.Count, proven.Count)
	}
	if at.Inbox.Hash != proven.Hash {
		return nil, fmt.Errorf("%w (%d messages fold to %s, proven is %s)", ErrInboxHash, proven.Count, at.Inbox.Hash, proven.Hash)
	}
	return pages, r.chain.Headers(ctx, at.Block, head.BlockID, ignoreHeader)
}

// deliver hands out a page's checkpoints, which the survey has proven; if they
// were dropped, they are fetched again.
func (r *InboxReader) deliver(ctx context.Context, p *page, deliver func(*Checkpoint) error) error {
	if p.checkpoints == nil {
		if err := r.refetch(ctx, p); err != nil {
			return err
		}
	}
	for i := range p.checkpoints {
		if err := deliver(&p.checkpoints[i]); err != nil {
			return err
		}
		r.position = p.checkpoints[i].after()
	}
	p.checkpoints = nil // the memory is free for the next page
	return nil
}

// refetch fetches a surveyed page's checkpoints anew. The node may send them in
// other portions, so they are collected up to the page's end, where the inbox
// must be the one that the survey has proven.
func (r *InboxReader) refetch(ctx context.Context, p *page) error {
	at := p.from
	for at.Next < p.to.Next && at.Inbox.Count < p.to.Inbox.Count {
		limit := min(p.to.Next-at.Next, MaxBodies)
		end := goal{count: p.to.Inbox.Count, block: p.to.Block}
		part, _, err := r.check(ctx, at, end, uint32(limit), r.ask(ctx, at, uint32(limit)))
		if err != nil {
			return err
		}
		p.checkpoints, at = append(p.checkpoints, part.checkpoints...), part.to
	}
	if at != p.to {
		p.checkpoints = nil
		return fmt.Errorf("%w (checkpoints %d to %d changed between two requests)", ErrInboxHash, p.from.Next, p.to.Next-1)
	}
	return nil
}

// after is the position after a checkpoint.
func (c *Checkpoint) after() Position {
	return Position{Next: c.Index + 1, Inbox: c.Inbox, Block: BlockID{Number: c.Number, Hash: c.BlockHash}}
}
