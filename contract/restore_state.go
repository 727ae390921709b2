package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

func (c *Contract) readAccounts(r *snapshotReader) {
	limits := &c.config.Limits
	for n := r.count(limits.Accounts, "accounts"); n > 0 && r.err == nil; n-- {
		handle := uint32(len(c.accounts.list))
		c.accounts.list = append(c.accounts.list, account{})
		switch r.u8() {
		case 0:
			continue // a free handle
		case 1:
		default:
			r.require(false, "an account is neither live nor free")
			return
		}
		id := wire.AccountID(r.hash())
		if _, twice := c.accounts.byID[id]; !r.require(!twice, "an account twice") {
			return
		}
		a := &c.accounts.list[handle]
		a.id, a.live = id, true
		c.accounts.byID[id] = handle
		c.addItem(c.accountItem(handle, id))
		readRing(r, &a.history, limits.History, entrySize, (*entry).decode)
		readRing(r, &a.fills, limits.History, fillSize, (*fill).decode)
		for number := a.history.first(); r.err == nil && number <= a.history.count; number++ {
			c.addItem(c.entryItem(handle, number, a.history.at(number)))
		}
		for number := a.fills.first(); r.err == nil && number <= a.fills.count; number++ {
			c.addItem(c.fillItem(handle, number, a.fills.at(number)))
		}
		c.pooled += uint64(len(a.history.items) + len(a.fills.items))
	}
}

// readRing reads what writeRing wrote. Elements lie where their numbers say.
func readRing[T any](r *snapshotReader, ring *ring[T], limit uint32, size int, decode func(*T, []byte) bool) {
	count := r.u64()
	kept := r.count(limit, "entries")
	if !r.require(uint64(kept) <= count && (count == 0 || kept > 0), "a ring keeps more than there was, or nothing") {
		return
	}
	ring.count = count
	for range kept {
		if r.err != nil {
			ring.items, ring.count = nil, 0
			return
		}
		var element T
		r.require(decode(&element, r.next(size)), "an entry")
		ring.items = append(ring.items, element)
	}
	// The oldest was read first; it belongs at its number's place.
	if kept > 0 {
		rotate(ring.items, int((ring.first()-1)%uint64(kept)))
	}
}

// rotate moves every element up by n places, around the end.
func rotate[T any](items []T, n int) {
	if n == 0 {
		return
	}
	head := append([]T(nil), items[len(items)-n:]...)
	copy(items[n:], items)
	copy(items, head)
}

func (e *entry) decode(b []byte) bool {
	e.amount = readU128(b)
	e.order, e.number = binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
	e.checkpoint, e.timestamp = binary.LittleEndian.Uint64(b[32:]), binary.LittleEndian.Uint64(b[40:])
	e.subject, e.other = binary.LittleEndian.Uint32(b[48:]), binary.LittleEndian.Uint32(b[52:])
	e.kind, e.command, e.reason = b[56], b[57], wire.Reason(b[58])
	return true
}

func (f *fill) decode(b []byte) bool {
	f.fee = readU128(b)
	f.trade, f.order = binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
	f.price, f.quantity = binary.LittleEndian.Uint64(b[32:]), binary.LittleEndian.Uint64(b[40:])
	f.checkpoint, f.timestamp = binary.LittleEndian.Uint64(b[48:]), binary.LittleEndian.Uint64(b[56:])
	f.market, f.number = binary.LittleEndian.Uint32(b[64:]), binary.LittleEndian.Uint32(b[68:])
	f.side, f.maker = b[72], b[73] == 1
	return b[73] <= 1
}

func (c *Contract) readFree(r *snapshotReader) {
	free := map[uint32]bool{}
	for n := r.count(c.config.Limits.Accounts, "free handles"); n > 0 && r.err == nil; n-- {
		handle := r.u32()
		if !r.require(uint64(handle) < uint64(len(c.accounts.list)) && !c.accounts.list[handle].live && !free[handle], "a free handle is in use") {
			return
		}
		free[handle] = true
		c.addItem(c.freeHandleItem(len(c.accounts.free), handle))
		c.accounts.free = append(c.accounts.free, handle)
	}
	r.require(len(c.accounts.free)+len(c.accounts.byID) == len(c.accounts.list), "a handle is neither free nor in use")
}

// live tells whether a handle names an account.
func (c *Contract) liveHandle(handle uint32) bool {
	return uint64(handle) < uint64(len(c.accounts.list)) && c.accounts.list[handle].live
}

func (c *Contract) readLedger(r *snapshotReader) {
	l := &c.ledger
	for n := r.count(c.config.Limits.Assets, "assets"); n > 0 && r.err == nil; n-- {
		id := r.u32()
		if _, twice := l.byID[id]; !r.require(!twice, "an asset twice") {
			return
		}
		l.byID[id] = uint32(len(l.assets))
		l.assets = append(l.assets, asset{id: id})
	}
	for n := r.count(c.config.Limits.Leaves, "leaves"); n > 0 && r.err == nil; n-- {
		v := leaf{account: r.u32(), asset: r.u32(), available: r.u128(), held: r.u128(), changed: r.u64()}
		key := ownerKey(v.account, v.asset)
		_, twice := l.byOwner[key]
		if !r.require(c.liveHandle(v.account) && uint64(v.asset) < uint64(len(l.assets)) && !twice && v.changed < c.checkpoint, "a leaf") {
			return
		}
		index := uint32(len(l.leaves))
		l.leaves = append(l.leaves, v)
		l.byOwner[key] = index
		l.changed = append(l.changed, change{leaf: index})
		a := &l.assets[v.asset]
		a.leaves = l.plus(a.leaves, l.plus(v.available, v.held))
		c.linkLeaf(v.account, index)
	}
}

func (c *Contract) readMarkets(r *snapshotReader) {
	for n := r.count(wire.MaxMarkets, "markets"); n > 0 && r.err == nil; n-- {
		b := r.next(marketSize)
		listing := wire.Market{
			ID: binary.LittleEndian.Uint32(b), Base: binary.LittleEndian.Uint32(b[4:]), Quote: binary.LittleEndian.Uint32(b[8:]),
			LotSize: readU128(b[12:]), TickValue: binary.LittleEndian.Uint64(b[28:]), MinQuantity: binary.LittleEndian.Uint64(b[36:]),
			MaxQuantity: binary.LittleEndian.Uint64(b[44:]), MaxPrice: binary.LittleEndian.Uint64(b[52:]),
			MakerFeePPM: binary.LittleEndian.Uint32(b[60:]), TakerFeePPM: binary.LittleEndian.Uint32(b[64:]), Status: b[68],
		}
		_, paid := c.ledger.find(feeAccount, listing.Quote)
		if !r.require(paid && listing.Check() == nil && uint64(listing.ID) >= uint64(len(c.markets)), "a market") {
			return
		}
		c.listMarket(&listing)
		c.events.Reset()
		c.book.SetMarket(engine.Market{ID: engine.MarketID(listing.ID), State: engine.Open}, &c.events)
	}
	c.events.Reset()
	c.book.AdvanceTime(c.block.Timestamp, &c.events)
}

// readOrders enters the orders into the books in the order of their priorities;
// none may trade. Markets are halted afterwards: a halted one takes no orders.
func (c *Contract) readOrders(r *snapshotReader) {
	last := uint64(0)
	for n := r.count(c.config.Limits.Orders, "orders"); n > 0 && r.err == nil; n-- {
		o := readOrder(r.next(orderSize))
		m := c.findMarket(o.market)
		if !r.require(m != nil && c.liveHandle(o.account) && o.priority > last && o.priority <= c.orders.lastPriority && o.id <= c.orders.lastID &&
			c.orders.find(o.id) == nil && c.orders.findClient(o.account, o.client) == nil && o.feePPM <= wire.MaxFeePPM, "an order") {
			return
		}
		last = o.priority
		var base, quote bool
		o.baseLeaf, base = c.ledger.find(o.account, m.Base)
		o.quoteLeaf, quote = c.ledger.find(o.account, m.Quote)
		command := wire.Command{
			Market: o.market, Side: o.side, Price: o.price, Quantity: o.remaining, TimeInForce: o.timeInForce, ExpiresAt: o.expiresAt,
		}
		incoming := engineOrder(o.id, o.account, &command)
		c.events.Reset()
		c.book.Place(&incoming, &c.events)
		rests := len(c.events) == 2 && c.events[1].Type == engine.Rested
		if !r.require(base && quote && rests, "an order does not rest") {
			return
		}
		c.orders.add(&o)
		c.accounts.list[o.account].openOrders++
	}
	for _, m := range c.markets {
		if m != nil && m.Status == wire.MarketHalted {
			c.events.Reset()
			c.book.SetMarket(engine.Market{ID: engine.MarketID(m.ID), State: engine.Halted}, &c.events)
		}
	}
}

func readOrder(b []byte) order {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[i*8:]) }
	return order{
		id: word(0), client: word(1), price: word(2), quantity: word(3), remaining: word(4), expiresAt: word(5), checkpoint: word(6),
		timestamp: word(7), priority: word(8), account: binary.LittleEndian.Uint32(b[72:]), market: binary.LittleEndian.Uint32(b[76:]),
		feePPM: binary.LittleEndian.Uint32(b[80:]), side: b[84], timeInForce: b[85],
	}
}
