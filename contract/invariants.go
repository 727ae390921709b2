package contract

import (
	"fmt"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// CheckInvariants recounts the whole state between two checkpoints: I2, what
// orders hold, the orders against the engine's books, every index and count, the
// tree and the sum of items against ones made anew. It is for tests and for
// operators; a commit checks what changed on its own.
func (c *Contract) CheckInvariants() error {
	if c.fault != nil {
		return c.fault
	}
	if c.started {
		return ErrSnapshotTime
	}
	if err := c.book.CheckInvariants(); err != nil {
		return err
	}
	for _, check := range []func() error{c.checkBooks, c.checkConservation, c.checkAccounts, c.checkOutbox, c.checkTags, c.checkAhead, c.checkItems, c.checkTree} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func broken(format string, values ...any) error {
	return fmt.Errorf("contract: invariant broken: %s", fmt.Sprintf(format, values...))
}

// checkBooks compares the orders with the engine's, and what leaves hold with
// what the orders of their accounts need.
func (c *Contract) checkBooks() error {
	held := make([]wire.U128, len(c.ledger.leaves))
	open := 0
	for slot := range c.orders.slots {
		o := &c.orders.slots[slot]
		if !o.open {
			continue
		}
		open++
		if c.orders.find(o.id) != o || c.orders.findClient(o.account, o.client) != o {
			return broken("order %d is not found", o.id)
		}
		resting, known := c.book.Lookup(engine.OrderID(o.id))
		if !known || uint64(resting.Quantity) != o.remaining || uint64(resting.Price) != o.price || uint32(resting.Owner) != o.account ||
			uint32(resting.Market) != o.market || uint8(resting.Side) != o.side {
			return broken("order %d is %+v in its book", o.id, resting)
		}
		amount, ok := c.findMarket(o.market).heldFor(o.side, o.price, o.remaining, o.feePPM)
		sum, fits := held[o.holdLeaf()].Add(amount)
		if !ok || !fits {
			return broken("order %d holds too much", o.id)
		}
		held[o.holdLeaf()] = sum
	}
	if open != len(c.orders.byID) || open != len(c.orders.byClient) || uint32(open) != c.book.OpenOrders() {
		return broken("%d orders, %d and %d indexed, %d in the books", open, len(c.orders.byID), len(c.orders.byClient), c.book.OpenOrders())
	}
	for i := range held {
		if held[i] != c.ledger.leaves[i].held {
			return broken("leaf %d holds %v, its orders need %v", i, c.ledger.leaves[i].held, held[i])
		}
	}
	return nil
}

// checkConservation is I2 over all leaves.
func (c *Contract) checkConservation() error {
	sums := make([]wire.U128, len(c.ledger.assets))
	for i := range c.ledger.leaves {
		v := &c.ledger.leaves[i]
		total, fits := v.available.Add(v.held)
		if fits {
			sums[v.asset], fits = sums[v.asset].Add(total)
		}
		if !fits {
			return broken("I2: leaf %d overflows", i)
		}
	}
	for i := range sums {
		a := &c.ledger.assets[i]
		total, fits := sums[i].Add(a.relays)
		if !fits || total != a.liabilities || sums[i] != a.leaves {
			return broken("I2: asset %d: leaves %v, summed as they changed %v, of relays %v, deposits less payouts %v", a.id, sums[i], a.leaves, a.relays, a.liabilities)
		}
		if a.id != wire.NativeAsset && !a.relays.IsZero() {
			return broken("I2: relays have asset %d coming", a.id)
		}
	}
	return c.checkRelays()
}

// checkAccounts recounts what accounts keep counts of.
func (c *Contract) checkAccounts() error {
	var unfunded, sessions uint32
	var pooled uint64
	live := 0
	openOrders, liveIDs := make([]uint32, len(c.accounts.list)), make([]uint32, len(c.accounts.list))
	for slot := range c.orders.slots {
		if o := &c.orders.slots[slot]; o.open {
			openOrders[o.account]++
		}
	}
	for i := range c.ids.heap {
		liveIDs[c.ids.heap[i].account]++
	}
	for handle := range c.accounts.list {
		a := &c.accounts.list[handle]
		if a.live {
			live++
		}
		if a.live && c.accounts.byID[a.id] != uint32(handle) || a.openOrders != openOrders[handle] || a.liveIDs != liveIDs[handle] {
			return broken("account %d is miscounted", handle)
		}
		if !a.funded() {
			unfunded += a.liveIDs
		} else if a.session != nil {
			sessions++
		}
		pooled += uint64(len(a.history.items) + len(a.fills.items))
	}
	if unfunded != c.accounts.unfunded || sessions != c.accounts.sessions || sessions > c.config.Limits.Sessions || pooled != c.pooled || live != len(c.accounts.byID) || live+len(c.accounts.free) != len(c.accounts.list) ||
		len(c.ids.heap) != len(c.ids.byID) {
		return broken("accounts are miscounted")
	}
	return nil
}

// checkTree hashes all leaves anew.
func (c *Contract) checkTree() error {
	fresh := newTree()
	indexes := make([]uint32, len(c.ledger.leaves))
	for i := range indexes {
		indexes[i] = uint32(i)
		full := c.fullLeaf(uint32(i))
		fresh.set(0, uint32(i), full.Hash())
	}
	fresh.update(indexes)
	if fresh.root() != c.ledger.tree.root() {
		return broken("the tree of leaves is out of date")
	}
	return nil
}

// checkItems sums the items of the whole state anew.
func (c *Contract) checkItems() error {
	kept := c.items
	c.items = digest{}
	for handle := range c.accounts.list {
		c.sumAccount(uint32(handle))
	}
	for position, handle := range c.accounts.free {
		c.addItem(c.freeHandleItem(position, handle))
	}
	for i := range c.ids.heap {
		c.addItem(c.idItem(&c.ids.heap[i]))
	}
	for _, m := range c.markets {
		if m != nil {
			c.addItem(c.marketItem(m))
		}
	}
	for slot := range c.orders.slots {
		if o := &c.orders.slots[slot]; o.open {
			c.addItem(o.append(c.startItem(itemOrder)))
		}
	}
	for i := range c.relays.list {
		c.addItem(c.relayItem(&c.relays.list[i]))
	}
	for _, p := range c.outbox.queue[c.outbox.head:] {
		c.addItem(c.payerItem(p))
		for _, w := range p.waiting {
			c.addItem(c.waitingItem(w))
		}
	}
	summed := c.items
	c.items = kept
	if summed != kept {
		return broken("the sum of items is out of date")
	}
	return nil
}

func (c *Contract) sumAccount(handle uint32) {
	a := &c.accounts.list[handle]
	if !a.live {
		return
	}
	c.addItem(c.accountItem(handle, a.id))
	for number := a.history.first(); number <= a.history.count; number++ {
		c.addItem(c.entryItem(handle, number, a.history.at(number)))
	}
	for number := a.fills.first(); number <= a.fills.count; number++ {
		c.addItem(c.fillItem(handle, number, a.fills.at(number)))
	}
	if a.session != nil {
		c.addItem(c.sessionItem(a.session))
		c.addItem(c.currentKeysItem(a.session))
	}
}
