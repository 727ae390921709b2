package contract

import (
	"bytes"
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// What leaves the contract, in snapshots: relays by their accounts, payers by their
// turn, the payouts of each oldest first.

func (c *Contract) writeRelays(w *snapshotWriter) {
	list := c.relays.sorted()
	w.count(len(list))
	for i := range list {
		w.bytes(list[i].id[:])
		w.b = appendU128(w.b, list[i].owed)
		w.flush(snapshotBuffer)
	}
}

func (c *Contract) readRelays(r *snapshotReader) {
	native, known := c.ledger.byID[wire.NativeAsset]
	for n := r.count(c.config.Limits.Relays, "relays"); n > 0 && r.err == nil; n-- {
		v := relay{id: wire.AccountID(r.hash()), owed: r.u128()}
		last := len(c.relays.list) - 1
		ascends := last < 0 || bytes.Compare(c.relays.list[last].id[:], v.id[:]) < 0
		if !r.require(known && ascends && !v.owed.IsZero(), "what a relay has coming") {
			return
		}
		asset := &c.ledger.assets[native]
		asset.relays = c.ledger.plus(asset.relays, v.owed)
		c.markRelay(c.addRelay(v))
	}
}

func (c *Contract) writeOutbox(w *snapshotWriter) {
	o := &c.outbox
	w.count(len(o.queue) - o.head)
	for _, p := range o.queue[o.head:] {
		w.bytes(p.id[:])
		w.u64(p.turn)
		w.count(len(p.waiting))
		for _, v := range p.waiting {
			w.b = v.append(w.b)
			w.flush(snapshotBuffer)
		}
	}
}

// readOutbox joins payers in the order of their turns. How much may wait besides
// withdrawals has no limit of its own: the root vouches for it.
func (c *Contract) readOutbox(r *snapshotReader) {
	o := &c.outbox
	turn := uint64(0)
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		p := &payer{id: wire.AccountID(r.hash()), turn: r.u64()}
		count := r.u32()
		if !r.require(o.byID[p.id] == nil && p.turn > turn && p.turn <= o.places && count > 0, "a payer") {
			return
		}
		turn = p.turn
		o.byID[p.id] = p
		o.queue = append(o.queue, p)
		c.replaceItem(&p.item, c.payerItem(p))
		place := uint64(0)
		for ; count > 0 && r.err == nil; count-- {
			c.readWaiting(r, p, place)
			place = p.waiting[len(p.waiting)-1].place
		}
	}
	r.require(o.withdrawals <= c.config.Limits.Outbox, "too many withdrawals")
}

// readWaiting reads a payout that waits behind a place.
func (c *Contract) readWaiting(r *snapshotReader, p *payer, behind uint64) {
	o := &c.outbox
	b := r.next(waitingSize)
	r.require(b[60] <= 1, "a payout is neither a withdrawal nor none")
	v := decodeWaiting(b)
	v.payer = p
	p.waiting = append(p.waiting, v)
	o.count++
	handle, known := c.accounts.byID[p.id]
	if v.withdrawal {
		v.account = handle
		p.withdrawals++
		o.withdrawals++
		r.require(known && c.accounts.list[handle].funded() && p.withdrawals <= maximumWaiting, "a withdrawal")
	} else {
		o.sums[sumKey{payer: p.id, to: v.to, asset: v.asset}] = v
	}
	r.require(v.place > behind && v.place <= o.places && !v.amount.IsZero(), "a payout")
	c.replaceItem(&v.item, c.waitingItem(v))
}

func decodeWaiting(b []byte) *waiting {
	v := &waiting{asset: binary.LittleEndian.Uint32(b[32:]), amount: readU128(b[36:]), place: binary.LittleEndian.Uint64(b[52:]), withdrawal: b[60] == 1}
	copy(v.to[:], b)
	return v
}
