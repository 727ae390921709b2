package chain

import (
	"context"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

var timestampKey = func() []byte { key := hashing.StoragePrefix("Timestamp", "Now"); return key[:] }()

// Block is a finalised block by its number, if it is among the last that were followed. Its Time is zero.
func (c *Client) Block(number uint32) (light.Head, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	b, known := c.window.blocks[number]
	return light.Head{BlockID: b.id, Header: b.header}, known
}

// finalised waits until a block that the node named is proven to be final.
func (c *Client) finalised(ctx context.Context, hash scale.Hash) (light.Head, error) {
	named, err := c.headerOf(ctx, hash)
	if err != nil {
		return light.Head{}, err
	}
	if _, err := c.Wait(ctx, func(v *View) bool { return v.Head.Number >= named.Number }); err != nil {
		return light.Head{}, err
	}
	proven, known := c.Block(named.Number)
	if !known {
		return light.Head{}, fmt.Errorf("%w (block %d)", ErrForgotten, named.Number)
	}
	if proven.Hash != hash {
		return light.Head{}, fmt.Errorf("%w (block %d is %s, not %s)", ErrNotFinal, named.Number, proven.Hash, hash)
	}
	return proven, nil
}

// headerOf fetches the header that has a hash; whether it is final is for the caller to know.
func (c *Client) headerOf(ctx context.Context, hash scale.Hash) (*header.Header, error) {
	encoded, err := c.node.Header(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("chain: fetch header %s: %w", hash, err)
	}
	if len(encoded) > light.MaxHeaderSize {
		return nil, fmt.Errorf("%w (a header of %d bytes)", light.ErrMalformed, len(encoded))
	}
	decoded, err := header.Codec.Unmarshal(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w (header: %w)", light.ErrMalformed, err)
	}
	if decoded.Hash() != hash {
		return nil, fmt.Errorf("%w (asked for %s, the header is of %s)", light.ErrForgedHeader, hash, decoded.Hash())
	}
	return &decoded, nil
}

// TimeOf is when a block was made, proven; its hash must come from a proven source such as a commit on the chain.
func (c *Client) TimeOf(ctx context.Context, id light.BlockID) (time.Time, error) {
	c.mutex.Lock()
	b, known := c.window.blocks[id.Number]
	c.mutex.Unlock()
	if known && b.id == id && !b.time.IsZero() {
		return b.time, nil
	}
	h, err := c.headerOf(ctx, id.Hash)
	if err != nil {
		return time.Time{}, err
	}
	values, err := c.light.Read(ctx, light.Head{BlockID: id, Header: *h}, timestampKey)
	if err != nil {
		return time.Time{}, err
	}
	milliseconds, err := scale.U64.Unmarshal(values[0])
	if err != nil {
		return time.Time{}, fmt.Errorf("%w (Timestamp.Now: %w)", ErrState, err)
	}
	return time.UnixMilli(int64(milliseconds)), nil
}

// CommitOf waits until the chain has committed a checkpoint and gives what was committed. Of a commit that another followed in its own
// block no state tells, only an event, which is believed if this program brought the runtime's metadata along; known is false
// otherwise, and then something newer must be asked about. Of such a commit only checkpoint, block and state root are given.
func (c *Client) CommitOf(ctx context.Context, checkpoint uint64) (commit wire.LastCommit, known bool, err error) {
	view, err := c.Wait(ctx, func(v *View) bool { return v.Commit.Some && v.Commit.Value.Checkpoint >= checkpoint || v.Halted })
	if err != nil {
		return commit, false, err
	}
	if !view.Commit.Some || view.Commit.Value.Checkpoint < checkpoint {
		return commit, false, ErrHalted
	}
	seen, known, err := c.seen(ctx, checkpoint)
	if err != nil || known || seen.block == 0 {
		return seen.commit, known, err
	}
	if own, err := c.trusts(ctx); !own {
		return commit, false, err
	}
	return c.announced(ctx, checkpoint, seen.block)
}

// seen finds a commit among those seen in the states of heads, or of the blocks between two heads. If it is not known, block is
// the one that must have brought it, or zero.
func (c *Client) seen(ctx context.Context, checkpoint uint64) (seen seenCommit, known bool, err error) {
	c.mutex.Lock()
	seen, known = c.window.commits[checkpoint]
	from, to := c.window.around(checkpoint)
	c.mutex.Unlock()
	for number := from + 1; !known && number < to; number++ {
		block, followed := c.Block(number)
		if !followed {
			return seenCommit{}, false, nil
		}
		commit, found, err := read(ctx, c, block, "Confidential.LastCommit", wire.StorageLastCommit(), wire.LastCommitCodec)
		if err != nil {
			return seen, false, err
		}
		if !found || commit.Checkpoint < checkpoint {
			continue
		}
		c.mutex.Lock()
		c.window.addCommit(commit, number)
		c.mutex.Unlock()
		if commit.Checkpoint > checkpoint {
			to = number
			break
		}
		seen, known = seenCommit{commit: commit, block: number}, true
	}
	if !known {
		seen.block = to
	}
	return seen, known, nil
}

// announced finds a commit by its event in a block.
func (c *Client) announced(ctx context.Context, checkpoint uint64, number uint32) (commit wire.LastCommit, known bool, err error) {
	block, followed := c.Block(number)
	if !followed {
		return commit, false, nil
	}
	events, err := c.Events(ctx, block)
	if err != nil {
		return commit, false, err
	}
	for i := range events {
		announced, is := events[i].committed()
		if !is || announced.Checkpoint != checkpoint {
			continue
		}
		hash, err := c.hashOf(ctx, announced.Number)
		if err != nil {
			return commit, false, err
		}
		commit = wire.LastCommit{Checkpoint: checkpoint, Number: announced.Number, BlockHash: hash, StateRoot: announced.StateRoot}
		return commit, true, nil
	}
	return commit, false, nil
}

// CommitProof is a finalised block in whose state a commit is the last one, and the trie nodes that prove that and whether a worker
// is registered.
type CommitProof struct {
	Block light.Head
	Nodes [][]byte
}

// ProveCommit proves a commit that CommitOf has given, to somebody who trusts neither this wallet nor the node.
func (c *Client) ProveCommit(ctx context.Context, checkpoint uint64, worker [32]byte) (*CommitProof, error) {
	seen, known, err := c.seen(ctx, checkpoint)
	if err != nil {
		return nil, err
	}
	block, followed := c.Block(seen.block)
	if !known || !followed {
		return nil, fmt.Errorf("%w (the commit of checkpoint %d)", ErrForgotten, checkpoint)
	}
	nodes, err := c.node.ReadProof(ctx, block.Hash, [][]byte{wire.StorageLastCommit(), wire.StorageWorker(worker)})
	if err != nil {
		return nil, fmt.Errorf("chain: fetch a storage proof at block %d: %w", block.Number, err)
	}
	return &CommitProof{Block: block, Nodes: nodes}, nil
}

// blockHashCount is for how many blocks the runtime keeps their hashes (System.BlockHashCount).
const blockHashCount = 4096

// Final proves that a block is on the finalised chain: by the hashes that the newest head's state keeps, or through the headers in
// between if it is older than those.
func (c *Client) Final(ctx context.Context, id light.BlockID) error {
	head := c.View().Head
	switch {
	case id.Number > head.Number:
		return fmt.Errorf("%w (block %d, the newest is %d)", ErrNotFinal, id.Number, head.Number)
	case id == head.BlockID:
		return nil
	case head.Number-id.Number > blockHashCount:
		return c.light.Headers(ctx, id, head.BlockID, func(light.BlockID, *header.Header) error { return nil })
	}
	hash, err := c.hashOf(ctx, id.Number)
	if err == nil && hash != id.Hash {
		err = fmt.Errorf("%w (block %d is %s, not %s)", ErrNotFinal, id.Number, hash, id.Hash)
	}
	return err
}

// hashOf is the hash of a recent block: one that was followed, or one whose hash the newest head's state keeps.
func (c *Client) hashOf(ctx context.Context, number uint32) (scale.Hash, error) {
	if number == 0 {
		return c.config.Genesis, nil
	}
	if block, followed := c.Block(number); followed {
		return block.Hash, nil
	}
	prefix := hashing.StoragePrefix("System", "BlockHash")
	key := hashing.AppendTwox64Concat(prefix[:], scale.U32.Marshal(number))
	kept, found, err := read(ctx, c, c.View().Head, "System.BlockHash", key, scale.HashCodec)
	if err == nil && !found {
		err = fmt.Errorf("%w (block %d)", ErrForgotten, number)
	}
	return kept, err
}
