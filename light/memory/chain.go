package memory

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// Options of a chain; the zero value gives one validator and a second a height.
type Options struct {
	ChainID    string
	Validators []Validator
	Start      time.Time
	Interval   time.Duration // from height to height
}

// Chain is a network in memory. It may be used concurrently.
type Chain struct {
	options Options

	mutex   sync.Mutex
	changed chan struct{} // closed at each height

	nodes   *trie.MemoryStore
	state   *trie.Trie
	pending map[string]scale.Optional[[]byte]

	headers []header.Header
	numbers map[scale.Hash]uint32

	inbox      wire.Inbox
	bodies     []light.Body
	epoch      uint32
	extrinsics scale.Hash

	consensus consensus
}

// New makes a chain that has its genesis and its first height.
func New(options Options) *Chain {
	if options.ChainID == "" {
		options.ChainID = "bitcloak-memory"
	}
	if options.Validators == nil {
		options.Validators = []Validator{{Name: "one", Power: 10}}
	}
	if options.Start.IsZero() {
		options.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if options.Interval == 0 {
		options.Interval = time.Second
	}
	c := &Chain{
		options: options,
		changed: make(chan struct{}),
		nodes:   trie.NewMemoryStore(),
		pending: map[string]scale.Optional[[]byte]{},
		numbers: map[scale.Hash]uint32{},
	}
	c.state = trie.Open(c.nodes, trie.EmptyRoot, trie.Options{Layout: trie.Layout1})
	c.consensus = newConsensus(options)
	c.set(consensusKey("ChainId"), scale.Bytes(64).Marshal([]byte(options.ChainID)))
	c.set(consensusKey("ValidatorsHash"), c.consensus.validators.Hash())
	c.set(consensusKey("ParamsHash"), c.consensus.paramsHash)
	c.seal(header.Header{})
	c.consensus.append(c.headers[0].Hash(), nil)
	return c
}

func consensusKey(item string) []byte {
	key := hashing.StoragePrefix("Consensus", item)
	return key[:]
}

// Genesis is the hash of header 0.
func (c *Chain) Genesis() scale.Hash {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.headers[0].Hash()
}

// Set stores a value; it becomes part of the next block's state.
func (c *Chain) Set(key, value []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.set(key, value)
}

func (c *Chain) set(key, value []byte) {
	c.pending[string(key)] = scale.Some(slices.Clone(value))
}

// Delete removes a value from the next block's state.
func (c *Chain) Delete(key []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.pending[string(key)] = scale.None[[]byte]()
}

// SetEpoch is the epoch that Block messages name from now on.
func (c *Chain) SetEpoch(epoch uint32) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.epoch = epoch
}

// SetExtrinsicsRoot is what the next block's header names as the root of its extrinsics.
func (c *Chain) SetExtrinsicsRoot(root scale.Hash) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.extrinsics = root
}

// Block makes a height with a Substrate block. With messages
// it is a checkpoint, whose Block message is put before them; Checkpoint makes
// one without others.
func (c *Chain) Block(messages ...wire.InboxMessage) light.BlockID {
	return c.block(len(messages) > 0, messages)
}

// Checkpoint is Block, with a Block message even if it is the only one.
func (c *Chain) Checkpoint(messages ...wire.InboxMessage) light.BlockID {
	return c.block(true, messages)
}

func (c *Chain) block(checkpoint bool, messages []wire.InboxMessage) light.BlockID {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	parent := c.headers[len(c.headers)-1]
	next := header.Header{ParentHash: parent.Hash(), Number: parent.Number + 1, ExtrinsicsRoot: c.extrinsics}
	c.extrinsics = scale.Hash{}
	height := scale.U64.Marshal(uint64(c.consensus.height()) + 1)
	next.Digest = []header.DigestItem{header.PreRuntime([4]byte{'c', 'm', 'b', 't'}, height)}
	if checkpoint {
		c.fold(&next, messages)
	}
	id := c.seal(next)
	if checkpoint {
		c.bodies[len(c.bodies)-1].Hash = id.Hash
	}
	c.consensus.append(next.ParentHash, &id.Hash)
	c.notify()
	return id
}

// fold adds a checkpoint's messages to the inbox and its body to the others.
func (c *Chain) fold(next *header.Header, messages []wire.InboxMessage) {
	opening := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{
		Number: next.Number, Parent: next.ParentHash, Timestamp: uint64(c.consensus.time().UnixMilli()), Epoch: c.epoch}}
	body := light.Body{Index: uint64(len(c.bodies)), Number: next.Number}
	for _, message := range append([]wire.InboxMessage{opening}, messages...) {
		encoded := wire.InboxMessageCodec.Marshal(message)
		body.Messages = append(body.Messages, encoded)
		c.inbox = c.inbox.Fold(encoded)
	}
	c.bodies = append(c.bodies, body)
	c.set(wire.StorageInbox(), wire.InboxCodec.Marshal(c.inbox))
	c.set(wire.StorageCheckpointCount(), scale.U64.Marshal(uint64(len(c.bodies))))
}

// seal applies the pending changes and appends the header with their root.
func (c *Chain) seal(next header.Header) light.BlockID {
	changes := make([]trie.Change, 0, len(c.pending))
	for key, value := range c.pending {
		changes = append(changes, trie.Change{Key: []byte(key), Value: value.Value, Delete: !value.Some})
	}
	slices.SortFunc(changes, func(a, b trie.Change) int { return strings.Compare(string(a.Key), string(b.Key)) })
	if err := c.state.Apply(changes); err != nil {
		panic(fmt.Sprintf("memory: apply a block's changes: %v", err))
	}
	c.nodes.Insert(c.state.Commit())
	clear(c.pending)
	next.StateRoot = c.state.Root()
	c.headers = append(c.headers, next)
	id := light.BlockID{Number: next.Number, Hash: next.Hash()}
	c.numbers[id.Hash] = id.Number
	return id
}

// Idle makes a height without a Substrate block.
func (c *Chain) Idle() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.consensus.append(c.headers[len(c.headers)-1].Hash(), nil)
	c.notify()
}

func (c *Chain) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}
