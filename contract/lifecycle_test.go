package contract

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"testing/cryptotest"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

var update = flag.Bool("update", false, "write spec/vectors again")

const lifecycleVectors = "../spec/vectors/lifecycle.json"

// lifecycle is a recorded story: whoever has the seed and the state key arrives
// at the same commits from the same messages.
type lifecycle struct {
	Epoch       uint32                `json:"epoch"`
	Seed        string                `json:"seed"`
	StateKey    string                `json:"state_key"`
	Instance    string                `json:"instance"`
	Checkpoints []lifecycleCheckpoint `json:"checkpoints"`
}

type lifecycleCheckpoint struct {
	Messages  []string `json:"messages"`
	BlockHash string   `json:"block_hash"`
	Commit    string   `json:"commit"`
	Digest    string   `json:"digest"`
}

// recordLifecycle plays: deposits, openings, garbage, orders that rest, trade,
// change and expire, a halt, an epoch, transfers, withdrawals; relayed commands, that
// are refunded, copied and short of CLOAK; fees that are paid out; an outbox that is
// served in turns.
func recordLifecycle(t *testing.T) lifecycle {
	cryptotest.SetGlobalRandom(t, 1)
	w := newWorld(t, Limits{})
	story := lifecycle{
		Epoch: w.epoch, Seed: hex.EncodeToString(testSeed[:]), StateKey: hex.EncodeToString(testStateKey[:]),
		Instance: hex.EncodeToString(testInstance.Append(nil)),
	}
	block := func() {
		messages := w.pending
		commit := wire.CommitCodec.Marshal(*w.block())
		opening := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
		checkpoint := lifecycleCheckpoint{BlockHash: w.last.BlockHash.String(), Commit: hex.EncodeToString(commit), Digest: w.last.Digest().String()}
		for _, m := range append([]wire.InboxMessage{opening}, messages...) {
			checkpoint.Messages = append(checkpoint.Messages, hex.EncodeToString(wire.InboxMessageCodec.Marshal(m)))
		}
		story.Checkpoints = append(story.Checkpoints, checkpoint)
	}
	w.list(exampleMarket())
	alice, bob := w.newTrader(1), w.newTrader(2)
	alice.link(hour)
	bob.link(hour)
	block()
	w.fund(alice.id, base, 100_000)
	w.fund(bob.id, quote, 1_000_000)
	w.depositFor(wire.SealedBeneficiary([]byte("garbage")), base, wire.U128{Lo: 5})
	block()
	alice.send(limit(1, wire.Sell, 500, 20))
	dated := limit(2, wire.Sell, 600, 20)
	dated.TimeInForce, dated.ExpiresAt = wire.GoodTillDate, w.time+1_100
	alice.send(dated)
	w.envelope(make([]byte, wire.CommandEnvelopeSize))
	bob.send(limit(1, wire.Buy, 510, 30))
	block()
	bob.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 505, Quantity: 8})
	alice.send(wire.Command{Kind: wire.CommandTransfer, Asset: base, Amount: wire.U128{Lo: 300}, To: bob.id})
	alice.send(wire.Command{Kind: wire.CommandCancel, Order: 77})
	block()
	halted := exampleMarket()
	halted.Status = wire.MarketHalted
	w.list(halted)
	bob.send(wire.Command{Kind: wire.CommandCancelAll})
	block()
	w.epoch++
	bob.send(wire.Command{Kind: wire.CommandWithdraw, Asset: base, Amount: wire.U128{Lo: 2_000}, To: bob.id})
	alice.send(wire.Command{Kind: wire.CommandWithdraw, Asset: quote, Amount: wire.U128{Lo: 29_970}, To: alice.id})
	alice.send(wire.Command{Kind: wire.CommandCloseSession})
	block()
	block()
	relay, copier := wire.AccountID{0x7e}, wire.AccountID{0x7c}
	alice.link(hour)
	w.fund(alice.id, wire.NativeAsset, 1_000)
	w.add(wire.InboxMessage{Kind: wire.MessageFees, Fees: wire.Fees{Asset: quote, To: wire.AccountID{0x60}}})
	block()
	w.relayed(relay, 333, alice.seal(through(relay, wire.Command{Kind: wire.CommandDummy})))
	w.relayed(copier, 333, alice.seal(through(relay, wire.Command{Kind: wire.CommandDummy})))
	w.relayed(alice.id, 333, alice.seal(through(alice.id, wire.Command{Kind: wire.CommandDummy})))
	w.relayed(relay, 333, bob.seal(through(relay, withdrawal(base, 1, bob.id)))) // it has no CLOAK
	for i := range uint64(16) {
		alice.send(withdrawal(base, 1+i, bob.id))
		bob.send(withdrawal(base, 1+i, alice.id))
	}
	for asset := range uint32(40) {
		w.depositFor(wire.SealedBeneficiary(nil), 5_000+asset, wire.U128{Lo: 1})
	}
	block()
	w.epoch++
	block()
	return story
}

// TestLifeCycle replays the recorded story and arrives at its commits.
func TestLifeCycle(t *testing.T) {
	if *update {
		encoded, err := json.MarshalIndent(recordLifecycle(t), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(lifecycleVectors, append(encoded, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	encoded, err := os.ReadFile(lifecycleVectors)
	if err != nil {
		t.Fatal(err)
	}
	var story lifecycle
	if err := json.Unmarshal(encoded, &story); err != nil {
		t.Fatal(err)
	}
	unhex := func(text string) []byte {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	instance, err := wire.InstanceCodec.Unmarshal(unhex(story.Instance))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.NewKeyring(instance, story.Epoch, seal.Seed(unhex(story.Seed)))
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{Instance: instance, StateKey: [32]byte(unhex(story.StateKey)), Opener: opener{ring}})
	if err != nil {
		t.Fatal(err)
	}
	payouts := 0
	for i, checkpoint := range story.Checkpoints {
		for _, encoded := range checkpoint.Messages {
			message, err := wire.InboxMessageCodec.Unmarshal(unhex(encoded))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Apply(&message); err != nil {
				t.Fatal(err)
			}
		}
		commit, err := c.EndCheckpoint(wire.Hash(unhex(checkpoint.BlockHash[2:])))
		if err != nil {
			t.Fatal(err)
		}
		if got := wire.CommitCodec.Marshal(*commit); !bytes.Equal(got, unhex(checkpoint.Commit)) || commit.Digest().String() != checkpoint.Digest {
			t.Fatalf("checkpoint %d: commit %x", i, got)
		}
		payouts += len(commit.Outbox)
		if err := c.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
	}
	if len(story.Checkpoints) != 10 || payouts != 3+1+32+40+1 || c.trades != 1 {
		t.Errorf("the story has %d checkpoints, %d payouts, %d trades", len(story.Checkpoints), payouts, c.trades)
	}
}
