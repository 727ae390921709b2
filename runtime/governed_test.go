package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// govern has the development chain's governance decide a call, and gives its result. The
// delay is as long as a block takes.
func (c *chain) govern(call []byte) frame.DispatchResult {
	c.t.Helper()
	c.mustSucceed(c.sign(dev(c.t, "Alice"), wire.CallPropose(call)))
	next, exists := stored(c, storageKey("Governance", "NextProposal"), scale.U32)
	if !exists {
		c.t.Fatal("nothing was proposed")
	}
	c.mustSucceed(c.sign(dev(c.t, "Bob"), wire.CallExecute(next-1)))
	for _, e := range eventList(c) {
		if e.name != "Governance.Executed" {
			continue
		}
		result, err := frame.DispatchResultCodec.Unmarshal(e.fields[4:])
		if err != nil {
			c.t.Fatal(err)
		}
		return result
	}
	c.t.Fatal("nothing was executed")
	return frame.DispatchResult{}
}

func (c *chain) mustGovern(call []byte) {
	c.t.Helper()
	if result := c.govern(call); result.Failed() {
		c.t.Fatal(result.Error)
	}
}

// storageKey is the key of a plain item.
func storageKey(pallet, item string) []byte {
	key := hashing.StoragePrefix(pallet, item)
	return key[:]
}

// rootCall is a call of a pallet with its arguments encoded.
func rootCall(pallet, index uint8, arguments ...[]byte) []byte {
	call := []byte{pallet, index}
	for _, argument := range arguments {
		call = append(call, argument...)
	}
	return call
}

func scheduleUpgrade(version, number uint32) []byte {
	return rootCall(system.Index, 20, scale.U32.Marshal(version), scale.U32.Marshal(number))
}

// registrationOf registers a worker of a program on development platform i.
func registrationOf(t testing.TB, c *chain, worker keys.Pair, measurement, platform scale.Hash) []byte {
	quote := wire.Quote{Measurement: measurement, Platform: platform, ReportData: wire.ReportData(wire.Instance{Genesis: c.genesis}, worker.Public())}
	quote.Signature = ed25519Pair(t, "bitcloak/simulated-vendor/v1").Sign(quote.SigningBytes())
	return must(wire.CallRegisterWorker(worker.Public(), wire.Evidence{Bytes: wire.QuoteCodec.Marshal(quote)}))
}

// answerAll commits, in one block, to every checkpoint before it; the last pays these.
func (c *chain) answerAll(worker keys.Pair, outbox ...wire.OutboxMessage) {
	c.t.Helper()
	b := c.next()
	count := read(b, wire.StorageCheckpointCount(), scale.U64)
	for {
		k := wire.Commit{Instance: wire.Instance{Genesis: c.genesis}, StateRoot: scale.Hash{1}, Epoch: read(b, wire.StorageEpoch(), wire.EpochCodec).Index}
		if last := read(b, wire.StorageLastCommit(), wire.LastCommitCodec); last.Number > 0 {
			k.Checkpoint, k.PreviousRoot, k.OutboxStart = last.Checkpoint+1, last.StateRoot, last.Outbox
		}
		if k.Checkpoint == count {
			b.commit()
			return
		}
		if k.Checkpoint+1 == count {
			k.Outbox = outbox
			k.Payouts, _ = wire.SumPayouts(outbox)
		}
		checkpoint := read(b, wire.StorageCheckpoint(k.Checkpoint), wire.CheckpointCodec)
		k.Number, k.BlockHash, k.Inbox = checkpoint.Number, checkpoint.BlockHash, checkpoint.Inbox
		digest := k.Digest()
		vote := wire.Vote{Worker: worker.Public(), Signature: worker.Sign(digest[:])}
		if result := b.ApplyExtrinsic(bare(must(wire.CallCommit(&k, []wire.Vote{vote})))); !result.Applied() || result.Result.Failed() {
			c.t.Fatalf("commit %d: %+v", k.Checkpoint, result)
		}
	}
}

// read is a value of the state of the block being built; zero if absent.
func read[T any](b *builder, key []byte, codec scale.Codec[T]) (value T) {
	b.chain.t.Helper()
	raw, exists := b.host.Get(key)
	if !exists {
		return value
	}
	value, err := codec.Unmarshal(raw)
	if err != nil {
		b.chain.t.Fatal(err)
	}
	return value
}

// leave shows that a trader leaves (I10): a withdrawal is committed and paid, another one
// that cannot be paid is claimed elsewhere.
func (c *chain) leave(worker keys.Pair, stage string) {
	c.t.Helper()
	bob, nobody := dev(c.t, "Bob"), ed25519Pair(c.t, "nobody "+stage)
	balance := func(who scale.AccountID) scale.U128 { return assets.Balance(c.context(), usdtAsset, who) }
	before := balance(bob.AccountID())
	const paid, tooLittle = 1_000, 50 // an account of this asset holds at least 100
	c.answerAll(worker,
		wire.OutboxMessage{To: bob.AccountID(), Asset: usdtAsset, Amount: scale.U128From(paid)},
		wire.OutboxMessage{To: nobody.AccountID(), Asset: usdtAsset, Amount: scale.U128From(tooLittle)})
	if got := minus(c.t, balance(bob.AccountID()), before); got != scale.U128From(paid) {
		c.t.Fatalf("%s: a withdrawal of %d brought %s", stage, paid, got)
	}
	if owed, _ := stored(c, wire.StorageClaimable(nobody.AccountID(), usdtAsset), scale.U128Codec); owed != scale.U128From(tooLittle) {
		c.t.Fatalf("%s: %s is claimable", stage, owed)
	}
	c.mustSucceed(c.sign(dev(c.t, "Charlie"), transferCall(transferKeepAlive, nobody.AccountID(), cloak))) // for the claim's fee
	before = balance(bob.AccountID())
	c.mustSucceed(c.sign(nobody, wire.CallClaim(usdtAsset, scale.Some(bob.AccountID()))))
	if got := minus(c.t, balance(bob.AccountID()), before); got != scale.U128From(tooLittle) {
		c.t.Fatalf("%s: the claim brought %s", stage, got)
	}
}
