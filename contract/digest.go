package contract

import (
	"encoding/binary"
	"math/bits"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/wire"
)

// The remainder binds every piece of state outside the leaves without hashing
// all of it at every checkpoint: it is a hash over the sum, modulo 2^256, of one
// keyed hash an item (a multiset hash: MSet-Add-Hash of Clarke et al., "Incremental
// Multiset Hash Functions", Asiacrypt 2003, section 5). A changed item takes its
// old hash out and puts its new one in. Every item holds a number of its own, so
// the multiset is a set. The sum never leaves the contract, and whoever lacks the
// state key cannot compute an item's hash.
//
// A restored snapshot sums all its items anew and must arrive at the same root.

// Kinds of items.
const (
	itemAccount byte = iota + 1
	itemSession
	itemSessionKeys
	itemSessionID
	itemMarket
	itemOrder
	itemHistory
	itemFill
	itemPayout
	itemFreeHandle
	itemPayer
	itemRelay
)

const (
	itemTag      = "item/v1"
	remainderTag = "bitcloak/remainder/v1"
	blindingTag  = "bitcloak/blinding/v1"
	tradeTag     = "bitcloak/trade/v1"
)

// digest is a number below 2^256, least significant limb first.
type digest [4]uint64

func (d *digest) add(other *digest) {
	var carry uint64
	for i := range d {
		d[i], carry = bits.Add64(d[i], other[i], carry)
	}
}

func (d *digest) subtract(other *digest) {
	var borrow uint64
	for i := range d {
		d[i], borrow = bits.Sub64(d[i], other[i], borrow)
	}
}

func (d *digest) append(dst []byte) []byte {
	for _, limb := range d {
		dst = binary.LittleEndian.AppendUint64(dst, limb)
	}
	return dst
}

// itemSize holds an item's preimage: most items fit one block of BLAKE2b (128
// bytes), the longest (a session's keys) two.
const itemSize = 256

// startItem begins the preimage of an item in the contract's buffer; the caller
// appends its fields, all of fixed length.
func (c *Contract) startItem(kind byte) []byte {
	b := append(c.item[:0], itemTag...)
	b = append(b, c.config.StateKey[:]...)
	return append(b, kind)
}

// hashItem is the keyed hash of a finished preimage.
func hashItem(preimage []byte) (d digest) {
	sum := hashing.Blake2_256(preimage)
	for i := range d {
		d[i] = binary.LittleEndian.Uint64(sum[i*8:])
	}
	return d
}

// addItem and removeItem put an item into the sum, or take it out.
func (c *Contract) addItem(preimage []byte) {
	d := hashItem(preimage)
	c.items.add(&d)
}

func (c *Contract) removeItem(preimage []byte) {
	d := hashItem(preimage)
	c.items.subtract(&d)
}

// replaceItem exchanges what an item contributed, kept in slot, for its new hash.
func (c *Contract) replaceItem(slot *digest, preimage []byte) {
	c.items.subtract(slot)
	*slot = hashItem(preimage)
	c.items.add(slot)
}

// dropItem takes out what an item contributed.
func (c *Contract) dropItem(slot *digest) {
	c.items.subtract(slot)
	*slot = digest{}
}

// remainder is the hash of all state outside the leaves at the end of a
// checkpoint, given its index (all ones before the first).
func (c *Contract) remainder(checkpoint uint64) wire.Hash {
	b := append(c.scratch[:0], remainderTag...)
	b = append(b, c.config.StateKey[:]...)
	b = c.items.append(b)
	b = binary.LittleEndian.AppendUint64(b, checkpoint)
	b = c.appendScalars(b)
	c.scratch = b
	return hashing.Blake2_256(b)
}

// scalarsSize is the length of the encoded counters in bytes.
const scalarsSize = 96

// appendScalars appends the counters of the contract.
func (c *Contract) appendScalars(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, c.block.Number)
	b = binary.LittleEndian.AppendUint64(b, c.block.Timestamp)
	b = binary.LittleEndian.AppendUint32(b, c.block.Epoch)
	b = binary.LittleEndian.AppendUint64(b, c.inbox.Count)
	b = append(b, c.inbox.Hash[:]...)
	b = binary.LittleEndian.AppendUint64(b, c.orders.lastID)
	b = binary.LittleEndian.AppendUint64(b, c.orders.lastPriority)
	b = binary.LittleEndian.AppendUint64(b, c.trades)
	b = binary.LittleEndian.AppendUint64(b, c.outbox.next)
	return binary.LittleEndian.AppendUint64(b, c.outbox.places)
}

// blinding hides a leaf's content from whoever sees its hash.
func (c *Contract) blinding(index uint32, checkpoint uint64) [32]byte {
	b := append(c.item[:0], blindingTag...)
	b = append(b, c.config.StateKey[:]...)
	b = binary.LittleEndian.AppendUint32(b, index)
	b = binary.LittleEndian.AppendUint64(b, checkpoint)
	return hashing.Blake2_256(b)
}

// tradeID names a trade to both its parties: a keyed hash of its number, four of
// them to a hash, so that nobody learns how much others trade (I7). Two trades may
// share an id, once in 2^32 trades or so; nothing depends on it.
func (c *Contract) tradeID(number uint64) uint64 {
	if group := number / 4; !c.tradeIDs.known || c.tradeIDs.group != group {
		b := append(c.item[:0], tradeTag...)
		b = append(b, c.config.StateKey[:]...)
		b = binary.LittleEndian.AppendUint64(b, group)
		c.tradeIDs.known, c.tradeIDs.group, c.tradeIDs.hash = true, group, hashing.Blake2_256(b)
	}
	return binary.LittleEndian.Uint64(c.tradeIDs.hash[number%4*8:])
}

// tradeIDs caches the last hash of tradeID.
type tradeIDs struct {
	known bool
	group uint64
	hash  [32]byte
}
