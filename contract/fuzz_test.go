package contract

import (
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// FuzzCommands applies whatever commands the bytes decode to, for two traders in
// turn, every third of them relayed. Nothing may panic, stop the contract or break an
// invariant.
func FuzzCommands(f *testing.F) {
	for kind := wire.CommandDummy; kind <= wire.CommandCloseSession; kind++ {
		command := limit(1, wire.Buy, 100, 10)
		command.Kind, command.Asset, command.Amount.Lo = kind, base, 5
		f.Add(wire.CommandCodec.Marshal(command))
	}
	sell, buy := limit(1, wire.Sell, 100, 10), limit(1, wire.Buy, 100, 7)
	f.Add(append(wire.CommandCodec.Marshal(sell), wire.CommandCodec.Marshal(buy)...))
	w := newMarketWorld(f)
	one, two := w.newFunded(1), w.newFunded(2)
	w.fund(one.id, wire.NativeAsset, 70)
	w.block()
	snapshot := w.snapshot()
	f.Fuzz(func(t *testing.T, b []byte) {
		c := w.restoreFor(t, snapshot)
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
		if err := c.Apply(&block); err != nil {
			t.Fatal(err)
		}
		for turn := 0; len(b) > 0 && turn < 64; turn++ {
			who := []*trader{one, two}[turn%2]
			s := c.accounts.list[c.accounts.byID[who.id]].session
			if s == nil {
				break // it closed its session
			}
			var command wire.Command
			plaintext := make([]byte, wire.CommandPlaintextSize)
			size := min(len(b), 53) // the longest command
			for ; size > 0; size-- {
				clear(plaintext)
				copy(plaintext[8+32:], b[:size])
				if _, err := wire.DecodeCommand(plaintext, &command); err == nil {
					break
				}
			}
			b = b[max(size, 1):]
			sequence := s.window.next
			c.useSequence(s, sequence, s.ciphers[currentEpoch].Tag(sequence), currentEpoch)
			message := wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: wire.AccountID{7}, Fee: 9}}
			if turn%3 == 0 {
				command.Relay = message.Envelope.Sender
			}
			c.applySealed(s.account, &Prepared{Message: &message, readable: size > 0, command: command})
		}
		if _, err := c.EndCheckpoint(wire.Hash{}); err != nil {
			t.Fatal(err)
		}
		if err := c.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzMessages applies whatever inbox messages the bytes decode to.
func FuzzMessages(f *testing.F) {
	market := exampleMarket()
	f.Add(wire.InboxMessagesCodec.Marshal([]wire.InboxMessage{
		{Kind: wire.MessageMarket, Market: market},
		{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: make([]byte, wire.OpeningEnvelopeSize)}},
		{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: []byte{1}}},
		{Kind: wire.MessageFees, Fees: wire.Fees{Asset: quote, To: wire.AccountID{1}}},
		{Kind: wire.MessageDeposit, Deposit: wire.Deposit{Asset: 9, Amount: wire.U128{Lo: 1}, Beneficiary: wire.SealedBeneficiary([]byte{1})}},
	}))
	f.Add(wire.InboxMessagesCodec.Marshal([]wire.InboxMessage{{Kind: wire.MessageBlock}}))
	w := newMarketWorld(f)
	w.newFunded(1)
	snapshot := w.snapshot()
	f.Fuzz(func(t *testing.T, b []byte) {
		messages, err := wire.InboxMessagesCodec.Unmarshal(b)
		if err != nil {
			return
		}
		c := w.restoreFor(t, snapshot)
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
		if err := c.Apply(&block); err != nil {
			t.Fatal(err)
		}
		total := wire.U128{}
		for i := range messages {
			if messages[i].Kind == wire.MessageDeposit { // the chain cannot hold more than 128 bits of an asset
				sum, fits := total.Add(messages[i].Deposit.Amount)
				if !fits || sum.Hi>>63 != 0 {
					continue
				}
				total = sum
			}
			if err := c.Apply(&messages[i]); err != nil {
				if messages[i].Kind != wire.MessageBlock {
					t.Fatal(err)
				}
				return // a second Block is a protocol error
			}
		}
		if _, err := c.EndCheckpoint(wire.Hash{}); err != nil {
			t.Fatal(err)
		}
		if err := c.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
	})
}
