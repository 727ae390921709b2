package chain

import (
	"errors"
	"fmt"
	"slices"

	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// ErrRestored refuses a restored state that contradicts its header. The validators signed both, so it is a fault of the
// program that made the block, or of this one.
var ErrRestored = errors.New("chain: the state brought in by state sync contradicts its header; please report it, and sync from the first block instead")

// Restore puts the chain at a later block, of which nothing but header and state is known. Nothing is built meanwhile.
type Restore struct {
	chain  *Chain
	store  *store.Restore
	header header.Header
	height uint64
}

// Restore begins to bring in the state of the block with this header, the latest one after CometBFT's height. What an
// earlier one has left unfinished is cleared away. The header is taken on trust here, as are the records.
func (c *Chain) Restore(height uint64, to header.Header) (*Restore, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	restore, err := c.store.BeginRestore(c.beginning)
	if err != nil {
		return nil, err
	}
	return &Restore{chain: c, store: restore, header: to, height: height}, nil
}

// Add brings in state records, each once for every place that holds it.
func (r *Restore) Add(records []trie.Record) error { return r.store.Add(records) }

var timestampNowKey = hashing.StoragePrefix("Timestamp", "Now")

// Finish makes the block the head, once its state is whole. What the store keeps beside header and state is read from the
// state.
func (r *Restore) Finish() error {
	c := r.chain
	c.mutex.Lock()
	defer c.mutex.Unlock()
	to := store.Restored{Height: r.height, Header: r.header}
	view := c.viewOf(r.header.Hash(), r.header.Number, r.header.StateRoot)
	if number, err := view.Number(); err != nil || number != r.header.Number {
		return fmt.Errorf("%w (its number is %d, the header's %d: %w)", ErrRestored, number, r.header.Number, err)
	}
	var err error
	if to.MadeAt, err = madeAt(r.header); err != nil || to.MadeAt > r.height {
		return fmt.Errorf("%w (made at height %d, offered for %d: %w)", ErrRestored, to.MadeAt, r.height, err)
	}
	if to.Timestamp, err = readU64(view, timestampNowKey[:]); err != nil {
		return err
	}
	if to.Checkpoints, err = readU64(view, checkpointCountKey); err != nil {
		return err
	}
	if to.Checkpoint, err = checkpointOf(view, r.header.Number, to.Checkpoints); err != nil {
		return err
	}
	if err := r.store.Finish(to); err != nil {
		return err
	}
	c.validators.reset(c)
	c.Announce()
	return nil
}

// madeAt is the CometBFT height that a header names.
func madeAt(h header.Header) (uint64, error) {
	at := slices.IndexFunc(h.Digest, func(item header.DigestItem) bool {
		return item.Kind == header.DigestPreRuntime && item.Engine == Engine
	})
	if at < 0 {
		return 0, errors.New("the header names no height")
	}
	return scale.U64.Unmarshal(h.Digest[at].Data)
}

// readU64 reads a number that is absent as long as it is zero.
func readU64(view *View, key []byte) (uint64, error) {
	value, found, err := view.Get(key)
	if err != nil || !found {
		return 0, err
	}
	return scale.U64.Unmarshal(value)
}

// checkpointOf is the block's checkpoint, if it is one: its messages stay in the state until the next block.
func checkpointOf(view *View, number uint32, index uint64) (*store.Checkpoint, error) {
	messages, found, err := view.Get(blockMessagesKey)
	if err != nil || !found {
		return nil, err
	}
	d := scale.NewDecoder(messages)
	if d.Compact32() == 0 {
		return nil, d.Err()
	}
	var first wire.InboxMessage
	wire.InboxMessageCodec.Decode(d, &first)
	if d.Err() != nil || first.Kind != wire.MessageBlock || first.Block.Number != number {
		return nil, ErrMessages
	}
	return &store.Checkpoint{Index: index, Messages: messages}, nil
}
