package chain

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

const (
	genesisTime = 1_700_000_000_000
	cloak       = 1_000_000_000_000
)

func openStore(t *testing.T, fs vfs.FS, window uint32) *store.Store {
	t.Helper()
	s, err := store.Open("db", store.Options{FS: fs, CacheBytes: 8 << 20, StateWindow: window})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openChain(t *testing.T, s *store.Store) *Chain {
	t.Helper()
	c, err := Open(s, runtime.DevelopmentGenesis(), genesisTime, Options{CacheBytes: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newChain(t *testing.T) *Chain { return openChain(t, openStore(t, vfs.NewMem(), 4)) }

func pair(t *testing.T, name string) keys.Pair {
	t.Helper()
	p, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// transfer is signed by an account for an era (nil: immortal).
func transfer(t *testing.T, c *Chain, from keys.Pair, nonce uint32, to scale.AccountID, amount uint64) []byte {
	t.Helper()
	implicit := extrinsic.Implicit{SpecVersion: c.Version().SpecVersion, TransactionVersion: c.Version().TransactionVersion,
		Genesis: c.Genesis(), Mortality: c.Genesis()}
	signed, err := extrinsic.Sign(wire.CallTransferKeepAlive(to, scale.U128From(amount)), extrinsic.Extensions{Nonce: nonce},
		implicit, extrinsic.SignerOf(from))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// extend commits a block with these transactions at the next height.
func extend(t *testing.T, c *Chain, transactions ...[]byte) *Built {
	t.Helper()
	head := c.Head()
	b, err := c.Build(head.Height+1, max(head.Timestamp, genesisTime)+1_000)
	if err != nil {
		t.Fatal(err)
	}
	for i, transaction := range transactions {
		if invalid, err := b.Apply(transaction); err != nil || invalid != nil {
			t.Fatalf("transaction %d: %v %v", i, invalid, err)
		}
	}
	built, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Commit(head.Height+1, built); err != nil {
		t.Fatal(err)
	}
	c.Announce()
	return built
}

func TestBlocks(t *testing.T) {
	c := newChain(t)
	alice, bob := pair(t, "Alice"), pair(t, "Bob")
	before := c.Best()
	built := extend(t, c, transfer(t, c, alice, 0, bob.AccountID(), cloak), transfer(t, c, alice, 1, bob.AccountID(), cloak))
	head := c.Head()
	if head.Number != 1 || head.Hash != built.Block.Header.Hash() || head.MadeAt != 1 || head.Timestamp != genesisTime+1_000 {
		t.Errorf("head %+v", head)
	}
	h, err := c.Header(head.Hash)
	if err != nil || h.ParentHash != c.Genesis() {
		t.Errorf("header %+v %v", h, err)
	}
	if data, ok := h.PreRuntimeData(Engine); !ok || len(h.Digest) != 1 || !slices.Equal(data, scale.U64.Marshal(uint64(1))) {
		t.Errorf("digest %+v", h.Digest)
	}
	body, err := c.Store().Body(head.Hash)
	if err != nil || len(body) != 3 || !slices.Equal(body[0], runtime.TimestampInherent(genesisTime+1_000)) {
		t.Errorf("body %x %v", body, err)
	}
	if root, err := trie.OrderedRoot(trie.Layout0, body); err != nil || root != h.ExtrinsicsRoot {
		t.Errorf("extrinsics root %v, header says %v", root, h.ExtrinsicsRoot)
	}
	for _, account := range []scale.AccountID{alice.AccountID(), bob.AccountID()} {
		if !slices.Contains(built.Changed, account) {
			t.Errorf("%v is not among the changed accounts", account)
		}
	}
	if nonce, err := c.Nonce(alice.AccountID()); err != nil || nonce != 2 {
		t.Errorf("nonce %d %v", nonce, err)
	}
	if nonce, err := before.Nonce(alice.AccountID()); err != nil || nonce != 0 {
		t.Errorf("nonce before %d %v", nonce, err)
	}
	if nonce, err := c.Nonce(scale.AccountID{1}); err != nil || nonce != 0 {
		t.Errorf("nonce of a stranger %d %v", nonce, err)
	}
}

func TestBuilderRefuses(t *testing.T) {
	c := newChain(t)
	extend(t, c)
	head := c.Head()
	if _, err := c.Build(head.Height+1, head.Timestamp); !errors.Is(err, ErrInherent) {
		t.Errorf("a time that does not rise: %v", err)
	}
	b, err := c.Build(head.Height+1, head.Timestamp+1)
	if err != nil {
		t.Fatal(err)
	}
	if invalid, err := b.Apply(runtime.TimestampInherent(head.Timestamp + 2)); err != nil || invalid != frame.InvalidBadMandatory {
		t.Errorf("a submitted inherent: %v %v", invalid, err)
	}
	if invalid, err := b.Apply([]byte{1, 2, 3}); err != nil || invalid != frame.InvalidCall {
		t.Errorf("garbage: %v %v", invalid, err)
	}
	if invalid, err := b.Apply(transfer(t, c, pair(t, "Alice"), 5, scale.AccountID{1}, cloak)); err != nil || invalid != frame.InvalidFuture {
		t.Errorf("a nonce ahead: %v %v", invalid, err)
	}
	if built, err := b.Finish(); err != nil || len(built.Block.Body) != 1 {
		t.Errorf("what is left: %v", err)
	}
}

func TestValidate(t *testing.T) {
	c := newChain(t)
	alice := pair(t, "Alice")
	good := transfer(t, c, alice, 0, scale.AccountID{1}, cloak)
	v, err := c.Validate(mempool.SourceExternal, good)
	if err != nil || !v.Signed || v.Sender != alice.AccountID() || v.Nonce != 0 || v.Next != 0 || !v.Propagate || v.Priority == 0 {
		t.Errorf("valid: %+v %v", v, err)
	}
	forged := slices.Clone(good)
	forged[50] ^= 1
	for name, test := range map[string]struct {
		tx   []byte
		want error
	}{
		"forged":   {forged, frame.InvalidBadProof},
		"garbage":  {[]byte{8, 1, 2}, frame.InvalidCall},
		"inherent": {runtime.TimestampInherent(1), frame.InvalidMandatory},
		"empty":    {nil, frame.InvalidCall},
	} {
		if _, err := c.Validate(mempool.SourceExternal, test.tx); err != test.want {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	extend(t, c, good)
	if _, err := c.Validate(mempool.SourceExternal, good); err != frame.InvalidStale {
		t.Errorf("after it was applied: %v", err)
	}
	if v, err := c.Validate(mempool.SourceExternal, transfer(t, c, alice, 3, scale.AccountID{1}, 1)); err != nil || v.Next != 1 || v.Nonce != 3 {
		t.Errorf("a nonce ahead: %+v %v", v, err)
	}
}

// Validators are shared by many goroutines while blocks are committed.
func TestValidateWhileCommitting(t *testing.T) {
	c := newChain(t)
	var group sync.WaitGroup
	for _, name := range []string{"Bob", "Charlie", "Dave"} {
		tx := transfer(t, c, pair(t, name), 0, scale.AccountID{1}, cloak)
		group.Go(func() {
			for range 100 {
				if _, err := c.Validate(mempool.SourceExternal, tx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for nonce := range uint32(10) {
		extend(t, c, transfer(t, c, pair(t, "Alice"), nonce, scale.AccountID{1}, cloak))
	}
	group.Wait()
}

func TestViews(t *testing.T) {
	c := newChain(t)
	for range 8 {
		extend(t, c)
	}
	for number := range uint32(9) {
		hash, err := c.Store().HashAt(number)
		if err != nil {
			t.Fatal(err)
		}
		view, err := c.View(hash)
		if number != 0 && number <= 4 {
			if !errors.Is(err, store.ErrPruned) {
				t.Errorf("state %d: %v", number, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := view.Number(); err != nil || got != number {
			t.Errorf("state %d says it is %d, %v", number, got, err)
		}
	}
	if _, err := c.View(scale.Hash{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such block: %v", err)
	}
	view := c.Best()
	if _, err := view.Call("Nonsense_method", nil); !errors.Is(err, runtime.ErrMethod) {
		t.Errorf("no such method: %v", err)
	}
	version, err := view.Call("Core_version", nil)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := frame.RuntimeVersionCodec.Unmarshal(version); err != nil || v.SpecName != c.Version().SpecName {
		t.Errorf("version %+v %v", v, err)
	}
	key := wire.StorageAccount(pair(t, "Alice").AccountID())
	value, found, err := view.Get(key)
	if err != nil || !found {
		t.Fatalf("Alice's account: %v %v", found, err)
	}
	proof, err := view.Prove([][]byte{key})
	if err != nil {
		t.Fatal(err)
	}
	if proven, found, err := trie.Verify(c.Head().StateRoot, proof, key); err != nil || !found || !slices.Equal(proven, value) {
		t.Errorf("the proof gives %x %v %v", proven, found, err)
	}
	keys, err := view.Keys(accountPrefix[:], nil, 3)
	if err != nil || len(keys) != 3 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	rest, err := view.Keys(accountPrefix[:], keys[2], 1000)
	if err != nil || len(rest) == 0 || slices.Equal(rest[0], keys[2]) {
		t.Errorf("the next page: %d keys, %v", len(rest), err)
	}
}

// A state that is pruned while it is being read is said to be.
func TestPrunedWhileReading(t *testing.T) {
	c := newChain(t)
	extend(t, c)
	old, err := c.View(c.Head().Hash)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		extend(t, c)
	}
	old.trie = trie.Open(c.store, old.root, trie.Options{Layout: trie.Layout1}) // without the cache
	if _, _, err := old.Get(numberKey[:]); !errors.Is(err, store.ErrPruned) {
		t.Errorf("read: %v", err)
	}
	old.chain.trie.Cache = trie.NewCache(1 << 20)
	if _, err := old.Call("AccountNonceApi_account_nonce", make([]byte, 32)); !errors.Is(err, store.ErrPruned) {
		t.Errorf("call: %v", err)
	}
}

func TestReopen(t *testing.T) {
	fs := vfs.NewMem()
	s := openStore(t, fs, 4)
	c := openChain(t, s)
	extend(t, c, transfer(t, c, pair(t, "Alice"), 0, scale.AccountID{1}, cloak))
	head := c.Head()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, fs, 4)
	c = openChain(t, s)
	if c.Head() != head {
		t.Errorf("head %+v, want %+v", c.Head(), head)
	}
	extend(t, c, transfer(t, c, pair(t, "Alice"), 1, scale.AccountID{1}, cloak))
	other := runtime.DevelopmentGenesis()
	other.Consensus.ChainID = "another"
	if _, err := Open(s, other, genesisTime, Options{}); !errors.Is(err, store.ErrGenesis) {
		t.Errorf("another genesis: %v", err)
	}
	if _, err := Open(openStore(t, vfs.NewMem(), 4), runtime.Genesis{}, genesisTime, Options{}); err == nil {
		t.Error("an impossible genesis was built")
	}
}

// Every block with messages is a checkpoint whose messages fold to the inbox of its state.
func TestCheckpoints(t *testing.T) {
	c := newChain(t)
	alice := pair(t, "Alice")
	implicit := extrinsic.Implicit{SpecVersion: c.Version().SpecVersion, TransactionVersion: c.Version().TransactionVersion,
		Genesis: c.Genesis(), Mortality: c.Genesis()}
	envelope := make([]byte, wire.CommandEnvelopeSize)
	envelope[0] = wire.ClassCommand
	call, err := wire.CallSubmit([][]byte{envelope, envelope, {1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	inbox := wire.Inbox{}
	for nonce := range uint32(3) {
		signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, implicit, extrinsic.SignerOf(alice))
		if err != nil {
			t.Fatal(err)
		}
		built := extend(t, c, signed)
		checkpoint := built.Block.Checkpoint
		if checkpoint == nil || checkpoint.Index != uint64(nonce) {
			t.Fatalf("block %d: checkpoint %+v", nonce+1, checkpoint)
		}
		messages, err := wire.InboxMessagesCodec.Unmarshal(checkpoint.Messages)
		if err != nil {
			t.Fatal(err)
		}
		for i := range messages {
			inbox = inbox.Fold(wire.InboxMessageCodec.Marshal(messages[i]))
		}
		value, _, err := c.Best().Get(wire.StorageInbox())
		if err != nil {
			t.Fatal(err)
		}
		if proven, err := wire.InboxCodec.Unmarshal(value); err != nil || proven != inbox {
			t.Errorf("block %d: the messages fold to %+v, the state says %+v", nonce+1, inbox, proven)
		}
	}
	page, err := c.Store().Checkpoints(0, 10, 1<<20)
	if err != nil || len(page) != 3 || page[2].Number != 3 || page[2].Hash != c.Head().Hash {
		t.Errorf("stored: %d checkpoints, %v", len(page), err)
	}
}

func TestNews(t *testing.T) {
	c := newChain(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	best, final := make(chan uint32), make(chan uint32)
	go func() { number, _ := c.WaitBest(ctx, 0); best <- number }()
	go func() { number, _ := c.WaitFinalized(ctx, 0); final <- number }()
	before := c.Head()
	built := extend(t, c)
	if got := <-best; got != 1 {
		t.Errorf("best %d", got)
	}
	if got := <-final; got != 1 {
		t.Errorf("finalised %d", got)
	}
	if number, hash := c.Finalized(); number != 1 || hash != built.Block.Header.Hash() || hash == before.Hash {
		t.Errorf("finalised %d %v", number, hash)
	}
	// A block that is stored is not news before it is announced.
	b, err := c.Build(2, 2_000_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if built, err = b.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := c.Commit(2, built); err != nil {
		t.Fatal(err)
	}
	early, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	if number, ok := c.WaitBest(early, 1); ok {
		t.Errorf("block %d is told of before it is announced", number)
	}
	c.Announce()
	if number, ok := c.WaitFinalized(ctx, 1); !ok || number != 2 {
		t.Errorf("finalised %d", number)
	}
	cancel()
	if _, ok := c.WaitBest(ctx, 2); ok {
		t.Error("news after the context's end")
	}
}

func TestGenesisHeader(t *testing.T) {
	c := newChain(t)
	h, err := c.Header(c.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	if h.Number != 0 || h.ParentHash != (scale.Hash{}) || h.Hash() != c.Genesis() || header.Codec.Marshal(h)[0] != 0 {
		t.Errorf("header 0: %+v", h)
	}
}
