package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// chain is a chain of blocks in memory, with the node's part played by the test.
type chain struct {
	t          testing.TB
	store      *trie.MemoryStore
	options    trie.Options
	signatures *native.Signatures
	head       header.Header
	genesis    scale.Hash
	time       uint64
}

// firstTime is the timestamp before block 1, in milliseconds.
const firstTime = 1_700_000_000_000

func newChain(t testing.TB) *chain { return newChainFrom(t, runtime.DevelopmentGenesis()) }

func newChainFrom(t testing.TB, genesis runtime.Genesis) *chain {
	t.Helper()
	c := &chain{t: t, store: trie.NewMemoryStore(), signatures: native.NewSignatures(1 << 16), time: firstTime}
	c.head.StateRoot = trie.EmptyRoot
	b := c.fork()
	if err := b.BuildGenesis(genesis); err != nil {
		t.Fatal(err)
	}
	c.head = b.GenesisHeader()
	c.store.Insert(b.backend.Commit())
	c.genesis = c.head.Hash()
	return c
}

// builder is a runtime over the head's state.
type builder struct {
	*runtime.Runtime
	chain   *chain
	host    *native.Host
	backend *native.TrieBackend
}

func (c *chain) fork() *builder {
	backend := native.NewTrieBackend(c.store, c.head.StateRoot, c.options)
	host := native.New(backend, c.signatures, nil)
	return &builder{Runtime: runtime.New(host), chain: c, host: host, backend: backend}
}

// next starts the block after the head and applies its inherent.
func (c *chain) next() *builder {
	c.t.Helper()
	b := c.fork()
	c.time += 1_000
	b.InitializeBlock(header.Header{
		ParentHash: c.head.Hash(), Number: c.head.Number + 1,
		Digest: []header.DigestItem{header.PreRuntime([4]byte{'c', 'm', 'b', 't'}, scale.U64.Marshal(uint64(c.head.Number)+1))},
	})
	if result := b.ApplyExtrinsic(runtime.TimestampInherent(c.time)); !result.Applied() || result.Result.Failed() {
		c.t.Fatalf("timestamp: %+v", result)
	}
	return b
}

// commit finalises the block, checks every invariant and makes it the head.
func (b *builder) commit() header.Header {
	b.chain.t.Helper()
	h := b.FinalizeBlock()
	set := b.backend.Commit()
	b.chain.store.Insert(set)
	b.chain.head = h
	if err := b.chain.fork().TryState(); err != nil {
		b.chain.t.Fatal(err)
	}
	return h
}

// block makes a block of extrinsics that must all apply, and gives their results.
func (c *chain) block(extrinsics ...[]byte) []frame.DispatchResult {
	c.t.Helper()
	b := c.next()
	results := make([]frame.DispatchResult, len(extrinsics))
	for i, xt := range extrinsics {
		result := b.ApplyExtrinsic(xt)
		if !result.Applied() {
			c.t.Fatalf("extrinsic %d is invalid: %v", i, result.Invalid)
		}
		results[i] = result.Result
	}
	b.commit()
	return results
}

// context reads the head's state.
func (c *chain) context() *frame.Context {
	backend := native.NewTrieBackend(c.store, c.head.StateRoot, c.options)
	return frame.NewContext(native.New(backend, nil, nil))
}

func (c *chain) free(who scale.AccountID) scale.U128 { return balances.Free(c.context(), who) }

func (c *chain) nonce(who scale.AccountID) uint32 { return system.Account(c.context(), who).Nonce }

// implicit is what a signature covers for an era that begins at block birth.
func (c *chain) implicit(mortality scale.Hash) extrinsic.Implicit {
	return extrinsic.Implicit{SpecVersion: 1, TransactionVersion: 1, Genesis: c.genesis, Mortality: mortality}
}

// sign signs a call with the account's next nonce, for ever.
func (c *chain) sign(who keys.Pair, call []byte) []byte {
	return c.signWith(who, call, extrinsic.Extensions{Nonce: c.nonce(who.AccountID())})
}

func (c *chain) signWith(who keys.Pair, call []byte, extensions extrinsic.Extensions) []byte {
	c.t.Helper()
	xt, err := extrinsic.Sign(call, extensions, c.implicit(c.genesis), extrinsic.SignerOf(who))
	if err != nil {
		c.t.Fatal(err)
	}
	return xt
}

func dev(t testing.TB, name string) keys.Pair {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// Calls of pallet Balances, as wire encodings.
const (
	transferAllowDeath = 0
	forceTransfer      = 2
	transferKeepAlive  = 3
	transferAll        = 4
)

func transferCall(index uint8, to scale.AccountID, amount uint64) []byte {
	e := scale.NewEncoder([]byte{balances.Index, index})
	address := extrinsic.AddressOf(to)
	extrinsic.AddressCodec.Encode(e, &address)
	e.Compact(amount)
	return e.Encoded()
}

func transferAllCall(to scale.AccountID, keepAlive bool) []byte {
	e := scale.NewEncoder([]byte{balances.Index, transferAll})
	address := extrinsic.AddressOf(to)
	extrinsic.AddressCodec.Encode(e, &address)
	e.Bool(keepAlive)
	return e.Encoded()
}

const cloak = 1_000_000_000_000
