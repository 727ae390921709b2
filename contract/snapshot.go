package contract

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// A snapshot is the whole state in one canonical encoding, integers little-endian,
// lists preceded by their length. It holds secret keys: seal it before storing it.
const (
	snapshotMagic   = "bitcloak contract\n"
	snapshotVersion = 2
	snapshotBuffer  = 64 << 10 // bytes written at a time
)

// ErrSnapshotTime says that a snapshot was asked for inside a checkpoint or before any.
var ErrSnapshotTime = errors.New("contract: a snapshot is taken between checkpoints, after the first: call EndCheckpoint first")

// Snapshot writes the state as of the last commit. Equal states give equal bytes,
// wherever they come from: every list has an order that the state gives. The order books follow from the orders and their priorities, the tags from the
// sessions, the tree from the leaves: they are not written.
func (c *Contract) Snapshot(to io.Writer) error {
	if c.fault != nil {
		return c.fault
	}
	if c.started || c.checkpoint == 0 {
		return ErrSnapshotTime
	}
	w := &snapshotWriter{to: to, b: make([]byte, 0, snapshotBuffer+itemSize)}
	w.b = append(w.b, snapshotMagic...)
	w.b = binary.LittleEndian.AppendUint16(w.b, snapshotVersion)
	w.b = c.config.Instance.Append(w.b)
	w.b = c.config.Limits.append(w.b)
	w.b = binary.LittleEndian.AppendUint64(w.b, c.checkpoint)
	w.b = c.appendScalars(w.b)
	w.b = append(w.b, c.last.BlockHash[:]...)
	w.b = append(w.b, c.last.StateRoot[:]...)
	c.writeAccounts(w)
	c.writeLedger(w)
	c.writeSessions(w)
	c.writeMarkets(w)
	c.writeOrders(w)
	c.writeRelays(w)
	c.writeOutbox(w)
	w.flush(0)
	return w.err
}

// snapshotWriter keeps the first error; after it nothing more is written.
type snapshotWriter struct {
	to  io.Writer
	b   []byte
	err error
}

func (w *snapshotWriter) flush(atLeast int) {
	if len(w.b) < atLeast {
		return
	}
	if w.err == nil {
		_, w.err = w.to.Write(w.b)
	}
	w.b = w.b[:0]
}

func (w *snapshotWriter) u32(v uint32)   { w.b = binary.LittleEndian.AppendUint32(w.b, v) }
func (w *snapshotWriter) u64(v uint64)   { w.b = binary.LittleEndian.AppendUint64(w.b, v) }
func (w *snapshotWriter) count(n int)    { w.u32(uint32(n)) } // limits are below 2^32
func (w *snapshotWriter) bytes(b []byte) { w.b = append(w.b, b...) }

func (l *Limits) append(b []byte) []byte {
	for _, v := range [...]uint32{
		l.Accounts, l.Leaves, l.Assets, l.Orders, l.OpenOrders, l.History, l.LiveIDs, l.UnfundedIDs, l.Sessions, l.Relays, l.Outbox,
	} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint64(b, l.HistoryPool)
}

// limitsSize is the length of encoded Limits in bytes.
const limitsSize = 11*4 + 8

func (c *Contract) writeAccounts(w *snapshotWriter) {
	w.count(len(c.accounts.list))
	for handle := range c.accounts.list {
		a := &c.accounts.list[handle]
		if !a.live {
			w.b = append(w.b, 0)
			continue
		}
		w.b = append(w.b, 1)
		w.bytes(a.id[:])
		writeRing(w, &a.history, (*entry).append)
		writeRing(w, &a.fills, (*fill).append)
	}
	w.count(len(c.accounts.free))
	for _, handle := range c.accounts.free {
		w.u32(handle)
		w.flush(snapshotBuffer)
	}
}

// writeRing writes how many elements there ever were, how many are kept, and
// those, oldest first.
func writeRing[T any](w *snapshotWriter, r *ring[T], encode func(*T, []byte) []byte) {
	w.u64(r.count)
	w.count(len(r.items))
	for number := r.first(); number <= r.count; number++ {
		w.b = encode(r.at(number), w.b)
		w.flush(snapshotBuffer)
	}
}

func (c *Contract) writeLedger(w *snapshotWriter) {
	w.count(len(c.ledger.assets))
	for i := range c.ledger.assets {
		w.u32(c.ledger.assets[i].id)
		w.flush(snapshotBuffer)
	}
	w.count(len(c.ledger.leaves))
	for i := range c.ledger.leaves {
		v := &c.ledger.leaves[i]
		w.u32(v.account)
		w.u32(v.asset)
		w.b = appendU128(appendU128(w.b, v.available), v.held)
		w.u64(v.changed)
		w.flush(snapshotBuffer)
	}
}

func (c *Contract) writeSessions(w *snapshotWriter) {
	count := 0
	for i := range c.accounts.list {
		if c.accounts.list[i].session != nil {
			count++
		}
	}
	w.count(count)
	for i := range c.accounts.list {
		if s := c.accounts.list[i].session; s != nil {
			w.session(s)
			w.flush(snapshotBuffer)
		}
	}
	ids := slices.Clone(c.ids.heap)
	slices.SortFunc(ids, func(a, b sessionID) int {
		if a.before(&b) {
			return -1
		}
		return 1 // no two are equal
	})
	w.count(len(ids))
	for i := range ids {
		w.bytes(ids[i].id[:])
		w.u64(ids[i].expiresAt)
		w.u32(ids[i].account)
		w.flush(snapshotBuffer)
	}
}

func (w *snapshotWriter) session(s *session) {
	w.u32(s.account)
	w.u32(s.opened)
	w.bytes(s.id[:])
	w.u64(s.expiresAt)
	w.u64(s.window.next)
	w.u64(s.window.used)
	w.bytes(s.queryKey[:])
	w.bytes(s.roots[currentEpoch][:])
	if s.ciphers[previousEpoch] == nil {
		w.b = append(w.b, 0)
		return
	}
	w.b = append(w.b, 1)
	w.bytes(s.roots[previousEpoch][:])
}

func (c *Contract) writeMarkets(w *snapshotWriter) {
	count := 0
	for _, m := range c.markets {
		if m != nil {
			count++
		}
	}
	w.count(count)
	for _, m := range c.markets {
		if m != nil {
			w.b = m.append(w.b)
			w.flush(snapshotBuffer)
		}
	}
}

// writeOrders writes the open orders by priority: entering them in this order
// into empty books makes the books again.
func (c *Contract) writeOrders(w *snapshotWriter) {
	for _, o := range c.ordersByPriority(w) {
		w.b = o.append(w.b)
		w.flush(snapshotBuffer)
	}
}

func (c *Contract) ordersByPriority(w *snapshotWriter) []*order {
	open := make([]*order, 0, len(c.orders.byID))
	for i := range c.orders.slots {
		if c.orders.slots[i].open {
			open = append(open, &c.orders.slots[i])
		}
	}
	slices.SortFunc(open, func(a, b *order) int { return cmp.Compare(a.priority, b.priority) })
	w.count(len(open))
	return open
}
