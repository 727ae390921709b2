package chain

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// Engine is the consensus engine in the digest: the CometBFT height that made the block.
var Engine = [4]byte{'c', 'm', 'b', 't'}

// Errors of building blocks.
var (
	ErrInherent = errors.New("chain: the block's time is refused by the runtime; CometBFT's block time must rise")
	ErrPanic    = errors.New("chain: the runtime panicked; this is a fault of the program, please report it with the log")
)

// Builder makes one block on the head.
type Builder struct {
	chain     *Chain
	runtime   *runtime.Runtime
	host      *native.Host
	backend   *recordingBackend
	number    uint32
	timestamp uint64
	body      [][]byte
}

// Built is a finished block and what it means to others.
type Built struct {
	Block   store.Block
	Changed []scale.AccountID // accounts whose System.Account it changed
}

// recordingBackend notes which accounts the root was computed with.
type recordingBackend struct {
	*native.TrieBackend
	accounts []scale.AccountID
}

var accountPrefix = hashing.StoragePrefix("System", "Account")

// accountKeySize is prefix, blake2_128 and account.
const accountKeySize = 32 + 16 + 32

// Root computes the root and notes the accounts.
func (b *recordingBackend) Root(changes []trie.Change) scale.Hash {
	b.accounts = b.accounts[:0]
	for i := range changes {
		if key := changes[i].Key; len(key) == accountKeySize && bytes.HasPrefix(key, accountPrefix[:]) {
			b.accounts = append(b.accounts, scale.AccountID(key[accountKeySize-32:]))
		}
	}
	return b.TrieBackend.Root(changes)
}

// Build starts the block that CometBFT's height makes, at its time in milliseconds. A block that another version of the
// runtime must make is refused with a *runtime.VersionError.
func (c *Chain) Build(height, timestamp uint64) (b *Builder, err error) {
	defer recoverRuntime(c, &err)
	head := c.Head()
	backend := &recordingBackend{TrieBackend: native.NewTrieBackend(c.store, head.StateRoot, c.trie)}
	host := native.New(backend, c.signatures, c.log)
	b = &Builder{chain: c, runtime: runtime.New(host), host: host, backend: backend, number: head.Number + 1, timestamp: timestamp}
	if err := b.runtime.CheckVersion(b.number); err != nil {
		c.onVersion(err)
		return nil, err
	}
	b.runtime.InitializeBlock(header.Header{
		ParentHash: head.Hash, Number: b.number,
		Digest: []header.DigestItem{header.PreRuntime(Engine, scale.U64.Marshal(height))},
	})
	inherent := runtime.TimestampInherent(timestamp)
	if result := b.runtime.ApplyExtrinsic(inherent); !result.Applied() || result.Result.Failed() {
		return nil, fmt.Errorf("%w: %d ms (%w)", ErrInherent, timestamp, result.Invalid)
	}
	b.body = append(b.body, inherent)
	return b, nil
}

// Apply executes a transaction. invalid says why it cannot be in the block, and then it has no effect. After an error the
// builder is of no use any more.
func (b *Builder) Apply(transaction []byte) (invalid *frame.TransactionValidityError, err error) {
	defer recoverRuntime(b.chain, &err)
	result := b.runtime.ApplyExtrinsic(transaction)
	if !result.Applied() {
		return result.Invalid, nil
	}
	b.body = append(b.body, transaction)
	return nil, nil
}

// Finish computes the roots and gives the block.
func (b *Builder) Finish() (built *Built, err error) {
	defer recoverRuntime(b.chain, &err)
	head := b.runtime.FinalizeBlock()
	built = &Built{
		Block:   store.Block{Header: head, Body: b.body, Timestamp: b.timestamp, State: b.backend.Commit()},
		Changed: b.backend.accounts,
	}
	built.Block.Checkpoint, err = b.checkpoint()
	return built, err
}

var (
	blockMessagesKey   = wire.StorageBlockMessages()
	checkpointCountKey = wire.StorageCheckpointCount()
)

// ErrMessages is a block whose messages do not open with its own Block message (spec/wire.md, section 2).
var ErrMessages = errors.New("chain: the block's inbox messages do not open with its Block message; this is a fault of the runtime")

// checkpoint is what the block holds for the confidential contract, or nil.
func (b *Builder) checkpoint() (*store.Checkpoint, error) {
	messages, is := b.host.Get(blockMessagesKey)
	d := scale.NewDecoder(messages)
	if !is || d.Compact32() == 0 {
		return nil, d.Err()
	}
	var first wire.InboxMessage
	wire.InboxMessageCodec.Decode(d, &first)
	if d.Err() != nil || first.Kind != wire.MessageBlock || first.Block.Number != b.number {
		return nil, ErrMessages
	}
	index := uint64(0)
	if count, is := b.host.Get(checkpointCountKey); is {
		var err error
		if index, err = scale.U64.Unmarshal(count); err != nil {
			return nil, err
		}
	}
	return &store.Checkpoint{Index: index, Messages: bytes.Clone(messages)}, nil
}

// recoverRuntime turns a panic of the runtime into an error: in a proposal it means "leave this out", in a decided block
// the chain stops, on every node alike.
func recoverRuntime(c *Chain, err *error) {
	switch cause := recover().(type) {
	case nil:
	case *native.Failure:
		*err = gone(cause)
	default:
		c.log.Error("the runtime panicked", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		*err = fmt.Errorf("%w: %v", ErrPanic, cause)
	}
}
