package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// order is an open order. Price and remaining are the engine's as well; here they
// say what the order holds.
type order struct {
	id          uint64 // the engine's
	client      uint64 // the account's own number
	price       uint64 // ticks
	quantity    uint64 // lots, as placed
	remaining   uint64 // lots
	expiresAt   uint64 // ms, 0: none
	checkpoint  uint64 // that placed it
	timestamp   uint64
	priority    uint64 // order of entering the queue of its price
	account     uint32
	market      uint32
	baseLeaf    uint32
	quoteLeaf   uint32
	feePPM      uint32 // the larger fee of the market when it entered the book
	slot        uint32 // of orders.slots
	side        uint8
	timeInForce uint8
	open        bool
	marked      bool // in orders.marked
	item        digest
}

// clientKey finds an open order by its account and the account's number for it.
type clientKey struct {
	client  uint64
	account uint64
}

// orders holds the open orders in slots that are used again.
type orders struct {
	slots        []order
	free         []uint32
	byID         map[uint64]uint32
	byClient     map[clientKey]uint32
	marked       []uint32 // slots that changed in this checkpoint
	lastID       uint64
	lastPriority uint64
}

func newOrders() orders {
	return orders{byID: map[uint64]uint32{}, byClient: map[clientKey]uint32{}}
}

func (o *order) clientKey() clientKey { return clientKey{client: o.client, account: uint64(o.account)} }

// add opens an order.
func (s *orders) add(o *order) *order {
	var slot uint32
	if last := len(s.free) - 1; last >= 0 {
		slot = s.free[last]
		s.free = s.free[:last]
	} else {
		slot = uint32(len(s.slots))
		s.slots = append(s.slots, order{})
	}
	added := &s.slots[slot]
	marked := added.marked // the slot may still be in the list
	*added = *o
	added.open, added.marked, added.slot = true, marked, slot
	s.byID[o.id] = slot
	s.byClient[o.clientKey()] = slot
	s.mark(added)
	return added
}

// find gives an open order by the engine's id, or nil.
func (s *orders) find(id uint64) *order {
	slot, known := s.byID[id]
	if !known {
		return nil
	}
	return &s.slots[slot]
}

// findClient gives an open order by its account's number, or nil.
func (s *orders) findClient(account uint32, client uint64) *order {
	slot, known := s.byClient[clientKey{client: client, account: uint64(account)}]
	if !known {
		return nil
	}
	return &s.slots[slot]
}

// mark has an order's item hashed anew at the end of the checkpoint.
func (s *orders) mark(o *order) {
	if !o.marked {
		o.marked = true
		s.marked = append(s.marked, o.slot)
	}
}

// closeOrder forgets an order. Its account's hold has been settled.
func (c *Contract) closeOrder(o *order) {
	s := &c.orders
	c.dropItem(&o.item)
	delete(s.byID, o.id)
	delete(s.byClient, o.clientKey())
	o.open = false
	s.free = append(s.free, o.slot)
	c.accounts.list[o.account].openOrders--
}

// closeOrders hashes the orders that changed in this checkpoint and are open.
// Orders that came and went in it cost nothing.
func (c *Contract) closeOrders() {
	for _, slot := range c.orders.marked {
		o := &c.orders.slots[slot]
		o.marked = false
		if o.open {
			c.replaceItem(&o.item, o.append(c.startItem(itemOrder)))
		}
	}
	c.orders.marked = c.orders.marked[:0]
}

// heldFor is what an order of a side holds at a price for so many lots: a sell
// its base, a buy its quote and the larger fee on all of it.
//
// A buy's hold always suffices. Let r lots remain, q of them fill at p <= price
// with a fee of f <= feePPM. The hold falls from H(r) to H(r-q), where
// H(n) = Q(n) + floor(Q(n)*feePPM/10^6) and Q(n) = n*price*tick_value is linear.
// Since floor(a+b) >= floor(a) + floor(b), H(r) - H(r-q) >= Q(q) +
// floor(Q(q)*feePPM/10^6), and what is paid, q*p*tick_value plus its fee floored,
// is no more than that. The rest of the difference is available again.
func (m *market) heldFor(side uint8, price, lots uint64, feePPM uint32) (amount wire.U128, ok bool) {
	if side == wire.Sell {
		return m.BaseAmount(lots)
	}
	quote, ok := m.QuoteAmount(lots, price)
	if !ok {
		return wire.U128{}, false
	}
	return quote.Add(wire.Fee(quote, feePPM))
}

// holdLeaf is the leaf that an order of that side holds on.
func (o *order) holdLeaf() uint32 {
	if o.side == wire.Sell {
		return o.baseLeaf
	}
	return o.quoteLeaf
}

// orderSize is the length of an encoded order in bytes.
const orderSize = 86

// append encodes what an order is; its leaves follow from account and market.
func (o *order) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, o.id)
	b = binary.LittleEndian.AppendUint64(b, o.client)
	b = binary.LittleEndian.AppendUint64(b, o.price)
	b = binary.LittleEndian.AppendUint64(b, o.quantity)
	b = binary.LittleEndian.AppendUint64(b, o.remaining)
	b = binary.LittleEndian.AppendUint64(b, o.expiresAt)
	b = binary.LittleEndian.AppendUint64(b, o.checkpoint)
	b = binary.LittleEndian.AppendUint64(b, o.timestamp)
	b = binary.LittleEndian.AppendUint64(b, o.priority)
	b = binary.LittleEndian.AppendUint32(b, o.account)
	b = binary.LittleEndian.AppendUint32(b, o.market)
	b = binary.LittleEndian.AppendUint32(b, o.feePPM)
	return append(b, o.side, o.timeInForce)
}
