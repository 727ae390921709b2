package relay

import (
	"bytes"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// block is all that the chain shows of one.
type block struct {
	head     light.Head
	body     [][]byte
	raw      []byte // System.Events
	events   []chain.Event
	messages []wire.InboxMessage
}

// blocks reads what the chain shows of the blocks after one and up to another.
func (n *network) blocks(after, last uint32) []block {
	n.t.Helper()
	n.wait("the last block", func(v *chain.View) bool { return v.Head.Number >= last })
	start, known := n.seen.Block(after)
	if !known {
		n.t.Fatalf("block %d is forgotten", after)
	}
	key := hashing.StoragePrefix("System", "Events")
	var list []block
	for number := after + 1; number <= last; number++ {
		head, known := n.seen.Block(number)
		if !known {
			n.t.Fatalf("block %d is forgotten", number)
		}
		b := block{head: head}
		var err error
		if b.body, err = n.seen.Node().Body(n.soon(), head.Hash); err != nil {
			n.t.Fatal(err)
		}
		values, err := n.seen.Read(n.soon(), head, key[:])
		if err != nil {
			n.t.Fatal(err)
		}
		b.raw = values[0]
		if b.events, err = n.seen.Events(n.soon(), head); err != nil {
			n.t.Fatal(err)
		}
		list = append(list, b)
	}
	n.readInbox(start, list)
	return list
}

// readInbox adds the messages to the contract.
func (n *network) readInbox(start light.Head, list []block) {
	n.t.Helper()
	tail, err := n.seen.InboxAfter(n.soon(), start)
	if err != nil {
		n.t.Fatal(err)
	}
	if len(list) == 0 {
		return
	}
	err = tail.Read(n.soon(), list[len(list)-1].head, func(checkpoint *light.Checkpoint) error {
		list[checkpoint.Number-start.Number-1].messages = checkpoint.Messages
		return nil
	})
	if err != nil {
		n.t.Fatal(err)
	}
}

// shows tells whether an account's public key is anywhere in a block's body, events or messages.
func (b *block) shows(account scale.AccountID) bool {
	for _, extrinsic := range b.body {
		if bytes.Contains(extrinsic, account[:]) {
			return true
		}
	}
	for i := range b.messages {
		if bytes.Contains(wire.InboxMessageCodec.Marshal(b.messages[i]), account[:]) {
			return true
		}
	}
	return bytes.Contains(b.raw, account[:])
}

// paid are the payouts of CLOAK to an account, and fees the fees that it paid.
func (b *block) paid(account scale.AccountID) (payouts []scale.U128, fees scale.U128) {
	for i := range b.events {
		if payout, made, is := b.events[i].Payout(); is && made && payout.To == account && payout.Asset == cloak {
			payouts = append(payouts, payout.Amount)
		}
		if fee, is := b.events[i].FeePaid(); is && fee.Who == account {
			fees, _ = fees.Add(fee.Fee)
		}
	}
	return payouts, fees
}

// envelopeFees is what an account's envelopes in a block, of any kind, are said to have cost.
func (b *block) envelopeFees(sender scale.AccountID) (sum scale.U128) {
	for i := range b.messages {
		if m := &b.messages[i]; m.Kind == wire.MessageEnvelope && m.Envelope.Sender == sender {
			sum, _ = sum.Add(scale.U128From(m.Envelope.Fee))
		}
	}
	return sum
}

// commandFees adds up what the commands that an account sent have cost, by the epoch in which they were applied. valid says which count.
func commandFees(blocks []block, sender scale.AccountID, valid func(envelope []byte) bool) map[uint32]uint64 {
	sums, epoch := map[uint32]uint64{}, uint32(0)
	for i := range blocks {
		for j := range blocks[i].messages {
			m := &blocks[i].messages[j]
			if m.Kind == wire.MessageBlock {
				epoch = m.Block.Epoch
			}
			if m.Kind == wire.MessageEnvelope && m.Envelope.Sender == sender && m.Envelope.Bytes[0] == wire.ClassCommand && valid(m.Envelope.Bytes) {
				sums[epoch] += m.Envelope.Fee
			}
		}
	}
	return sums
}
