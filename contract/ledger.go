package contract

import (
	"math/bits"

	"github.com/bitcloak/bitcloak/wire"
)

// leaf is one account's balance of one asset.
type leaf struct {
	available wire.U128
	held      wire.U128
	changed   uint64 // checkpoint of the last change
	account   uint32
	asset     uint32 // handle
	next      uint32 // leaf of the same account, plus one
}

// asset is an asset with a leaf, under its handle.
type asset struct {
	id          uint32
	marked      bool      // in ledger.marked
	liabilities wire.U128 // deposits applied less what left the ledger for the outbox
	leaves      wire.U128 // sum of the leaves as of the last checkpoint
	relays      wire.U128 // taken from leaves and coming to relays; of the native asset alone
}

// ledger holds the leaves and, per asset, what they must sum to.
type ledger struct {
	leaves   []leaf
	byOwner  map[uint64]uint32 // account handle << 32 | asset handle
	assets   []asset
	byID     map[uint32]uint32 // asset handles
	changed  []change          // leaves changed in this checkpoint
	marked   []uint32          // assets to be checked at its end
	tree     tree
	indexes  []uint32 // scratch of hashLeaves
	negative bool     // a balance fell below zero or overflowed
}

// change remembers a leaf's sum before its first change in a checkpoint.
type change struct {
	leaf   uint32
	before wire.U128
}

func newLedger() ledger {
	return ledger{byOwner: map[uint64]uint32{}, byID: map[uint32]uint32{}, tree: newTree()}
}

func ownerKey(account, asset uint32) uint64 { return uint64(account)<<32 | uint64(asset) }

// find is the leaf of an account and the asset of an id.
func (l *ledger) find(account, assetID uint32) (index uint32, found bool) {
	asset, known := l.byID[assetID]
	if !known {
		return 0, false
	}
	index, found = l.byOwner[ownerKey(account, asset)]
	return index, found
}

// ledgerRoom tells whether one more leaf of an asset may be made.
func (c *Contract) ledgerRoom(assetID uint32) bool {
	if _, known := c.ledger.byID[assetID]; !known && uint64(len(c.ledger.assets)) >= uint64(c.config.Limits.Assets) {
		return false
	}
	return uint64(len(c.ledger.leaves)) < uint64(c.config.Limits.Leaves)
}

// openLeaf is the leaf of an account and an asset, made if need be; ledgerRoom
// was asked. An account's first leaf takes its session ids out of the unfunded.
func (c *Contract) openLeaf(handle, assetID uint32) uint32 {
	l := &c.ledger
	assetHandle, known := l.byID[assetID]
	if !known {
		assetHandle = uint32(len(l.assets))
		l.assets = append(l.assets, asset{id: assetID})
		l.byID[assetID] = assetHandle
	}
	key := ownerKey(handle, assetHandle)
	if index, found := l.byOwner[key]; found {
		return index
	}
	index := uint32(len(l.leaves))
	l.leaves = append(l.leaves, leaf{account: handle, asset: assetHandle, changed: c.checkpoint})
	l.byOwner[key] = index
	l.changed = append(l.changed, change{leaf: index})
	l.mark(assetHandle)
	c.linkLeaf(handle, index)
	return index
}

// linkLeaf appends a leaf to its account's list. With its first leaf an account
// comes under the bound of sessions of accounts with one: where that is reached, its
// session ends, as if it had been opened now.
func (c *Contract) linkLeaf(handle, index uint32) {
	a := &c.accounts.list[handle]
	if a.funded() {
		c.ledger.leaves[a.lastLeaf-1].next = index + 1
		a.lastLeaf = index + 1
		return
	}
	a.firstLeaf, a.lastLeaf = index+1, index+1
	c.accounts.unfunded -= a.liveIDs
	if a.session == nil {
		return
	}
	c.accounts.sessions++
	if c.accounts.sessions > c.config.Limits.Sessions {
		c.closeSession(handle)
		c.record(handle, entry{kind: wire.EventSessionClosed})
	}
}

// touch gives a leaf that is about to change.
func (c *Contract) touch(index uint32) *leaf {
	l := &c.ledger
	v := &l.leaves[index]
	if v.changed != c.checkpoint {
		c.firstTouch(index, v)
	}
	return v
}

func (c *Contract) firstTouch(index uint32, v *leaf) {
	before, ok := v.available.Add(v.held)
	c.ledger.require(ok)
	v.changed = c.checkpoint
	c.ledger.changed = append(c.ledger.changed, change{leaf: index, before: before})
	c.ledger.mark(v.asset)
}

// mark has an asset's sum checked at the end of the checkpoint.
func (l *ledger) mark(handle uint32) {
	if a := &l.assets[handle]; !a.marked {
		a.marked = true
		l.marked = append(l.marked, handle)
	}
}

// require notes that arithmetic that cannot fail did: the contract stops.
func (l *ledger) require(ok bool) {
	if !ok {
		l.negative = true
	}
}

func (l *ledger) plus(a, b wire.U128) wire.U128 {
	sum, ok := a.Add(b)
	l.require(ok)
	return sum
}

func (l *ledger) minus(a, b wire.U128) wire.U128 {
	difference, ok := a.Sub(b)
	l.require(ok)
	return difference
}

// credit adds to what is available. All leaves of an asset together hold no more
// than its liabilities, which fit 128 bits: no sum of two overflows.
func (c *Contract) credit(index uint32, amount wire.U128) {
	v := c.touch(index)
	v.available = c.ledger.plus(v.available, amount)
}

// debit takes from what is available, which the caller has checked.
func (c *Contract) debit(index uint32, amount wire.U128) {
	v := c.touch(index)
	v.available = c.ledger.minus(v.available, amount)
}

// hold moves from available to held.
func (c *Contract) hold(index uint32, amount wire.U128) {
	v := c.touch(index)
	v.available = c.ledger.minus(v.available, amount)
	v.held = c.ledger.plus(v.held, amount)
}

// release takes released off what is held, of which paid leaves the leaf and the
// rest is available again.
func (c *Contract) release(index uint32, released, paid wire.U128) {
	v := c.touch(index)
	v.held = c.ledger.minus(v.held, released)
	v.available = c.ledger.plus(v.available, c.ledger.minus(released, paid))
}

// enter counts a deposit of an asset, leave what goes to the outbox: the other side of I2.
func (c *Contract) enter(index uint32, amount wire.U128) {
	a := &c.ledger.assets[c.ledger.leaves[index].asset]
	a.liabilities = c.ledger.plus(a.liabilities, amount)
}

func (c *Contract) leave(index uint32, amount wire.U128) {
	a := &c.ledger.assets[c.ledger.leaves[index].asset]
	a.liabilities = c.ledger.minus(a.liabilities, amount)
}

func wrapAdd(a, b wire.U128) wire.U128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return wire.U128{Lo: lo, Hi: hi}
}

func wrapSub(a, b wire.U128) wire.U128 {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(a.Hi, b.Hi, borrow)
	return wire.U128{Lo: lo, Hi: hi}
}

// closeLedger checks I2 for what changed, hashes the changed leaves and gives the
// root of the tree.
func (c *Contract) closeLedger() (root wire.Hash, err error) {
	l := &c.ledger
	for i := range l.changed {
		v := &l.leaves[l.changed[i].leaf]
		a := &l.assets[v.asset]
		// The steps wrap around 2^128, the result does not: it is compared below.
		a.leaves = wrapAdd(wrapSub(a.leaves, l.changed[i].before), l.plus(v.available, v.held))
	}
	if l.negative {
		return root, ErrLedger
	}
	for _, handle := range l.marked {
		a := &l.assets[handle]
		if l.plus(a.leaves, a.relays) != a.liabilities || l.negative { // I2
			return root, ErrConservation
		}
		a.marked = false
	}
	l.marked = l.marked[:0]
	c.hashLeaves()
	return l.tree.root(), nil
}
