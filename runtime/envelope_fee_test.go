package runtime_test

import (
	"math/rand/v2"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// envelopeFees are the fees that the contract is told of the last block's envelopes.
func envelopeFees(t *testing.T, c *chain) (fees []uint64) {
	t.Helper()
	raw, exists := c.fork().host.Get(wire.StorageBlockMessages())
	if !exists {
		return nil
	}
	messages, err := scale.Vec(wire.InboxMessageCodec, wire.MaxBlockMessages).Unmarshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range messages {
		if message.Kind == wire.MessageEnvelope {
			fees = append(fees, message.Envelope.Fee)
		}
	}
	return fees
}

// envelope is one of a class; class 0 is one that the chain refuses.
func envelope(class uint8, random *rand.Rand) []byte {
	switch class {
	case wire.ClassCommand:
		return append([]byte{class}, make([]byte, wire.CommandEnvelopeSize-1)...)
	case wire.ClassOpening:
		return append([]byte{class}, make([]byte, wire.OpeningEnvelopeSize-1)...)
	default:
		return make([]byte, random.IntN(wire.CommandEnvelopeSize))
	}
}

// TestEnvelopesTellWhatTheyCost: the fees of an extrinsic's envelopes are never more than
// its sender paid, and but for rounding they are as much where none is refused.
func TestEnvelopesTellWhatTheyCost(t *testing.T) {
	c, alice := newChain(t), dev(t, "Alice")
	random := rand.New(rand.NewPCG(20261122, 1))
	for round := range 60 {
		var batch [][]byte
		refused := 0
		for range 1 + random.IntN(40) {
			class := uint8(random.IntN(3))
			if class == 0 {
				refused++
			}
			batch = append(batch, envelope(class, random))
		}
		call, err := wire.CallSubmit(batch)
		if err != nil {
			t.Fatal(err)
		}
		// Era, nonce and tip change the length; the tip is not part of the cost.
		xt := c.signWith(alice, call, extrinsic.Extensions{Nonce: c.nonce(alice.AccountID()), Tip: scale.U128From(random.Uint64N(1 << 20))})
		told := feeOf(t, c, xt)
		c.block(xt)
		var sum scale.U128
		fees := envelopeFees(t, c)
		for _, fee := range fees {
			sum, _ = sum.Add(scale.U128From(fee))
		}
		if len(fees) != len(batch)-refused || told.Less(sum) {
			t.Fatalf("round %d: %d envelopes of %d cost %s in all, and the sender paid %s", round, len(fees), len(batch), sum, told)
		}
		if lost := minus(t, told, sum); refused == 0 && !lost.Less(scale.U128From(uint64(len(batch)))) {
			t.Fatalf("round %d: %s of %s are nobody's", round, lost, told)
		}
	}
}

// TestALoneEnvelopeCostsWhatItsExtrinsicCosts.
func TestALoneEnvelopeCostsWhatItsExtrinsicCosts(t *testing.T) {
	c, alice := newChain(t), dev(t, "Alice")
	for _, class := range []uint8{wire.ClassCommand, wire.ClassOpening} {
		call, err := wire.CallSubmit([][]byte{envelope(class, nil)})
		if err != nil {
			t.Fatal(err)
		}
		treasury := c.free(payment.Treasury)
		c.block(c.sign(alice, call))
		if fees := envelopeFees(t, c); len(fees) != 1 || scale.U128From(fees[0]) != minus(t, c.free(payment.Treasury), treasury) {
			t.Fatalf("class %d: %v", class, fees)
		}
	}
}

// TestRefusedEnvelopesAreTheSendersLoss: what is beside an envelope, taken or refused, and
// however long, does not change what it costs.
func TestRefusedEnvelopesAreTheSendersLoss(t *testing.T) {
	c, alice := newChain(t), dev(t, "Alice")
	costs := map[uint64]bool{}
	command := envelope(wire.ClassCommand, nil)
	for _, beside := range [][]byte{command, envelope(wire.ClassOpening, nil), make([]byte, 200), make([]byte, 1_000)} {
		call, err := wire.CallSubmit([][]byte{command, beside})
		if err != nil {
			t.Fatal(err)
		}
		c.block(c.sign(alice, call))
		costs[envelopeFees(t, c)[0]] = true
	}
	if len(costs) != 1 {
		t.Fatalf("it costs %v", costs)
	}
}
