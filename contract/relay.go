package contract

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/bitcloak/bitcloak/wire"
)

// relay is what a relay has coming: the sum of what accounts were debited in this
// epoch for envelopes that it sent in their name.
type relay struct {
	id     wire.AccountID
	owed   wire.U128 // CLOAK
	marked bool      // in relays.marked
	item   digest
}

// relays are those of this epoch, by their first refund. I2: asset.relays is their
// sum, counted on its own as leaves are debited.
type relays struct {
	list   []relay
	byID   map[wire.AccountID]uint32
	marked []uint32 // changed in this checkpoint
}

func newRelays() relays { return relays{byID: map[wire.AccountID]uint32{}} }

// refundRelay takes what an envelope cost its sender from the account that sealed
// it, if the account named that sender as its relay. An account that has less
// available keeps it, and its command is rejected. Nobody gains by relaying: what
// a relay receives is what it paid, and what it seals itself it pays itself.
func (c *Contract) refundRelay(handle uint32, envelope *wire.Envelope, named wire.AccountID) wire.Reason {
	if envelope.Sender != named || named == (wire.AccountID{}) || envelope.Fee == 0 || named == c.accounts.list[handle].id {
		return wire.ReasonNone
	}
	at, known := c.relays.byID[named]
	if !known && uint64(len(c.relays.list)) >= uint64(c.config.Limits.Relays) {
		return wire.ReasonNone // served, but neither debited nor refunded
	}
	fee := wire.U128{Lo: envelope.Fee}
	index, found := c.ledger.find(handle, wire.NativeAsset)
	if !found || c.ledger.leaves[index].available.Less(fee) {
		return wire.ReasonRelayFee
	}
	if !known {
		at = c.addRelay(relay{id: named})
	}
	c.debit(index, fee)
	asset := &c.ledger.assets[c.ledger.leaves[index].asset]
	asset.relays = c.ledger.plus(asset.relays, fee)
	r := &c.relays.list[at]
	r.owed = c.ledger.plus(r.owed, fee)
	c.markRelay(at)
	c.record(handle, relayEntry(named, envelope.Fee))
	return wire.ReasonNone
}

func (c *Contract) addRelay(r relay) (at uint32) {
	at = uint32(len(c.relays.list))
	c.relays.list = append(c.relays.list, r)
	c.relays.byID[r.id] = at
	return at
}

// markRelay has a relay's item hashed anew at the end of the checkpoint.
func (c *Contract) markRelay(at uint32) {
	if r := &c.relays.list[at]; !r.marked {
		r.marked = true
		c.relays.marked = append(c.relays.marked, at)
	}
}

// closeRelays hashes what changed in this checkpoint.
func (c *Contract) closeRelays() {
	for _, at := range c.relays.marked {
		r := &c.relays.list[at]
		r.marked = false
		c.replaceItem(&r.item, c.relayItem(r))
	}
	c.relays.marked = c.relays.marked[:0]
}

// sorted are the relays by their accounts.
func (r *relays) sorted() []relay {
	list := slices.Clone(r.list)
	slices.SortFunc(list, func(a, b relay) int { return bytes.Compare(a.id[:], b.id[:]) })
	return list
}

// payRelays has what relays had coming in the last epoch wait for the outbox: one
// payout a relay, in the order of their accounts. It runs as an epoch begins,
// before anything of the checkpoint could mark a relay.
func (c *Contract) payRelays() {
	for _, r := range c.relays.sorted() {
		asset := &c.ledger.assets[c.ledger.byID[wire.NativeAsset]]
		asset.relays = c.ledger.minus(asset.relays, r.owed)
		asset.liabilities = c.ledger.minus(asset.liabilities, r.owed)
		c.ledger.mark(c.ledger.byID[wire.NativeAsset])
		c.dropItem(&r.item)
		c.pay(r.id, r.id, wire.NativeAsset, r.owed)
	}
	c.relays = newRelays()
}

func (c *Contract) relayItem(r *relay) []byte {
	b := append(c.startItem(itemRelay), r.id[:]...)
	return appendU128(b, r.owed)
}

// relayEntry is the history entry of a refund. A relay need not have an account
// here, so its id lies in the fields that other kinds use for amount, order and
// number, and the fee in subject and other.
func relayEntry(relay wire.AccountID, fee uint64) entry {
	return entry{
		kind: wire.EventRelayFee, amount: readU128(relay[:]), order: binary.LittleEndian.Uint64(relay[16:]),
		number: binary.LittleEndian.Uint64(relay[24:]), subject: uint32(fee), other: uint32(fee >> 32),
	}
}

// relayFee reads what relayEntry wrote.
func (e *entry) relayFee() (relay wire.AccountID, fee wire.U128) {
	b := appendU128(relay[:0], e.amount)
	b = binary.LittleEndian.AppendUint64(b, e.order)
	binary.LittleEndian.AppendUint64(b, e.number)
	return relay, wire.U128{Lo: uint64(e.other)<<32 | uint64(e.subject)}
}
