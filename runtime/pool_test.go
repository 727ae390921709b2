package runtime_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Assets of the development genesis.
const (
	ksmAsset  = 1
	usdtAsset = 1000
)

func ed25519Pair(t testing.TB, seed string) keys.Pair {
	t.Helper()
	pair, err := keys.NewPair(keys.Ed25519, hashing.Blake2_256([]byte(seed)))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// must gives back what an encoder of package wire made.
func must(call []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return call
}

func bare(call []byte) []byte {
	x := extrinsic.Bare(call)
	return must(x.Encode())
}

// stored reads a value of the head's state by the keys and codecs that clients use.
func stored[T any](c *chain, key []byte, codec scale.Codec[T]) (value T, exists bool) {
	c.t.Helper()
	raw, exists := c.context().Host.Get(key)
	if !exists {
		return value, false
	}
	value, err := codec.Unmarshal(raw)
	if err != nil {
		c.t.Fatal(err)
	}
	return value, true
}

// registration is the call that registers a worker on development platform i.
func registration(t testing.TB, c *chain, worker keys.Pair, i uint32) []byte {
	quote := wire.Quote{
		Measurement: hashing.Blake2_256([]byte("bitcloak/development-measurement/v1")),
		Platform:    hashing.Blake2_256([]byte("bitcloak/development-platform/v1"), scale.U32.Marshal(i)),
		ReportData:  wire.ReportData(wire.Instance{Genesis: c.genesis}, worker.Public()),
	}
	quote.Signature = ed25519Pair(t, "bitcloak/simulated-vendor/v1").Sign(quote.SigningBytes())
	return must(wire.CallRegisterWorker(worker.Public(), wire.Evidence{Bytes: wire.QuoteCodec.Marshal(quote)}))
}

// mustSucceed makes a block in which every call succeeds.
func (c *chain) mustSucceed(extrinsics ...[]byte) {
	c.t.Helper()
	for i, result := range c.block(extrinsics...) {
		if result.Failed() {
			c.t.Fatalf("extrinsic %d: %v", i, result.Error)
		}
	}
}

// answer is the commit of the checkpoint that is due, read as a worker reads it.
func (c *chain) answer(worker keys.Pair, outbox ...wire.OutboxMessage) []byte {
	c.t.Helper()
	k := wire.Commit{Instance: wire.Instance{Genesis: c.genesis}, StateRoot: scale.Hash{1}, Outbox: outbox}
	if last, exists := stored(c, wire.StorageLastCommit(), wire.LastCommitCodec); exists {
		k.Checkpoint, k.PreviousRoot, k.OutboxStart = last.Checkpoint+1, last.StateRoot, last.Outbox
	}
	k.Payouts, _ = wire.SumPayouts(outbox)
	checkpoint, exists := stored(c, wire.StorageCheckpoint(k.Checkpoint), wire.CheckpointCodec)
	if !exists { // it is the head
		checkpoint.Number, checkpoint.BlockHash = c.head.Number, c.head.Hash()
		checkpoint.Inbox, _ = stored(c, wire.StorageInbox(), wire.InboxCodec)
	}
	k.Number, k.BlockHash, k.Inbox = checkpoint.Number, checkpoint.BlockHash, checkpoint.Inbox
	digest := k.Digest()
	return bare(must(wire.CallCommit(&k, []wire.Vote{{Worker: worker.Public(), Signature: worker.Sign(digest[:])}})))
}

// TestDevelopmentVendor: the constant is the key that everyone can derive.
func TestDevelopmentVendor(t *testing.T) {
	seed := hashing.Blake2_256([]byte("bitcloak/simulated-vendor/v1"))
	public := ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
	if got := runtime.DevelopmentGenesis().Confidential.SimulatedVendor; !public.Equal(ed25519.PublicKey(got)) {
		t.Fatalf("%x is not %x", got, public)
	}
}

// TestTheLoop goes once around on the development chain with real extrinsics:
// register, announce, deposit, order, commit, withdraw.
func TestTheLoop(t *testing.T) {
	c := newChain(t)
	alice, bob, dave, worker := dev(t, "Alice"), dev(t, "Bob"), dev(t, "Dave"), ed25519Pair(t, "worker")
	contractKey := wire.ContractKey{Epoch: 0}
	digest := contractKey.Digest(wire.Instance{Genesis: c.genesis})
	announcement := bare(must(wire.CallAnnounceKey(&contractKey, []wire.Vote{{Worker: worker.Public(), Signature: worker.Sign(digest[:])}})))
	deposit := must(wire.CallDeposit(ksmAsset, scale.U128From(5*cloak), wire.PlainBeneficiary(bob.AccountID())))
	envelope := make([]byte, wire.CommandEnvelopeSize)
	envelope[0] = wire.ClassCommand

	c.mustSucceed(c.sign(alice, registration(t, c, worker, 0)))
	if registered, exists := stored(c, wire.StorageWorker(worker.Public()), wire.WorkerCodec); !exists || registered.Operator != alice.AccountID() {
		t.Fatalf("%+v", registered)
	}
	c.mustSucceed(announcement, c.sign(bob, deposit), c.sign(dave, must(wire.CallSubmit([][]byte{envelope}))))
	messages, _ := stored(c, wire.StorageBlockMessages(), wire.InboxMessagesCodec)
	if len(messages) != 3 || messages[0].Kind != wire.MessageBlock || messages[0].Block.Parent == (scale.Hash{}) ||
		messages[1].Deposit.Depositor != bob.AccountID() || messages[2].Envelope.Sender != dave.AccountID() {
		t.Fatalf("%d messages", len(messages))
	}
	// The first block was a checkpoint by its heartbeat; the second is the head.
	for i, outbox := range [][]wire.OutboxMessage{nil, {{To: dave.AccountID(), Asset: ksmAsset, Amount: scale.U128From(2 * cloak)}}} {
		commit := c.answer(worker, outbox...)
		valid, invalid := c.fork().ValidateTransaction(2, commit, c.head.Hash())
		if invalid != nil || len(valid.Provides) == 0 {
			t.Fatalf("commit %d in the pool: %v", i, invalid)
		}
		before := c.nonce(alice.AccountID())
		c.mustSucceed(commit)
		if _, invalid := c.fork().ValidateTransaction(2, commit, c.head.Hash()); invalid != frame.InvalidStale {
			t.Fatalf("commit %d again: %v", i, invalid)
		}
		if c.nonce(alice.AccountID()) != before {
			t.Fatal("a commit is nobody's")
		}
	}
	counters, _ := stored(c, wire.StorageCounters(ksmAsset), wire.CountersCodec)
	want := wire.Counters{Deposited: scale.U128From(5 * cloak), DepositedAtCommit: scale.U128From(5 * cloak),
		Liabilities: scale.U128From(3 * cloak), Custody: scale.U128From(3 * cloak)}
	if counters != want {
		t.Fatalf("I2: %+v", counters)
	}
	if got := assets.Balance(c.context(), ksmAsset, dave.AccountID()); got != scale.U128From(10_002*cloak) {
		t.Fatalf("dave has %s", got)
	}
}

// TestGovernanceOnChain halts a market, and shows that every call of Root is light
// enough to be proposed, with the longest arguments it takes.
func TestGovernanceOnChain(t *testing.T) {
	c := newChain(t)
	alice, bob := dev(t, "Alice"), dev(t, "Bob")
	market, _ := stored(c, wire.StorageMarket(1), wire.MarketCodec)
	market.Status = wire.MarketHalted
	c.mustSucceed(c.sign(alice, wire.CallPropose(wire.CallSetMarket(&market))))
	c.mustSucceed(c.sign(bob, wire.CallExecute(0))) // blocks are a second apart, as is the delay
	messages, _ := stored(c, wire.StorageBlockMessages(), wire.InboxMessagesCodec)
	if len(messages) != 2 || messages[1].Market != market {
		t.Fatalf("%d messages", len(messages))
	}
	members := scale.NewEncoder([]byte{wire.PalletGovernance, 10})
	members.Compact(32)
	for i := range byte(32) {
		members.Raw(append(make([]byte, 31), i))
	}
	members.U32(3)
	hash := make([]byte, 32)
	heavy := [][]byte{
		members.Encoded(),
		append(append([]byte{wire.PalletConfidential, 13}, hash...), 0),
		append(append([]byte{wire.PalletConfidential, 14}, hash...), 0),
		append(append([]byte{wire.PalletConfidential, 15}, 1), hash...),
	}
	for i, call := range heavy {
		if results := c.block(c.sign(alice, wire.CallPropose(call))); results[0].Failed() {
			t.Errorf("call %d cannot be proposed: %v", i, results[0].Error)
		}
	}
}

// TestDevelopmentFunds: everyone named has every asset.
func TestDevelopmentFunds(t *testing.T) {
	c := newChain(t)
	for _, account := range runtime.DevelopmentAccounts() {
		for _, asset := range []uint32{0, ksmAsset, 2, usdtAsset} {
			if assets.Balance(c.context(), asset, account.Address.Account()).IsZero() {
				t.Errorf("%s has nothing of asset %d", account.Name, asset)
			}
		}
	}
}
