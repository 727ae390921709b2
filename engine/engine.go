package engine

import (
	"cmp"
	"slices"
)

// Engine is the fast Book. It is not safe for concurrent use.
type Engine struct {
	limits   Limits
	time     uint64
	orders   orders
	index    orderIndex
	ladders  ladders
	markets  []market // by id; a gap is an unlisted market
	owners   []uint32 // by owner handle: one of the owner's orders, or 0
	expiries []expiry // a heap; element 0 is unused
	outer    digest   // of the state and of markets
	inner    digest   // of levels
	selected []Order  // of the owner whose orders are being cancelled
}

var _ Book = (*Engine)(nil)

// market is a listed market and its two ladders.
type market struct {
	sides  [2]ladder
	trades uint64
	id     MarketID
	state  MarketState
	listed bool
	stale  bool // hash is out of date
	hash   [32]byte
}

// New returns a book without markets at block time zero. It lowers limits that are above MaxOwners or MaxOrders.
func New(limits Limits) *Engine {
	limits.Owners = min(limits.Owners, MaxOwners)
	limits.Orders = min(limits.Orders, MaxOrders)
	return &Engine{
		limits:   limits,
		orders:   newOrders(),
		index:    newOrderIndex(),
		ladders:  newLadders(),
		expiries: make([]expiry, 1),
		outer:    newDigest(),
		inner:    newDigest(),
	}
}

// Time is the block time last set, in ms.
func (e *Engine) Time() uint64 { return e.time }

// OpenOrders counts the open orders of all markets.
func (e *Engine) OpenOrders() uint32 { return e.orders.open }

// market returns a listed market, or nil.
func (e *Engine) market(id MarketID) *market {
	if uint64(id) >= uint64(len(e.markets)) || !e.markets[id].listed {
		return nil
	}
	return &e.markets[id]
}

// Market describes a listed market.
func (e *Engine) Market(id MarketID) (Market, bool) {
	m := e.market(id)
	if m == nil {
		return Market{}, false
	}
	return Market{ID: m.id, State: m.state}, true
}

// SetMarket lists a market or changes a listed one.
func (e *Engine) SetMarket(command Market, events *Events) {
	if uint32(command.ID) >= e.limits.Markets || command.State > Halted {
		events.reject(InvalidMarket, 0, 0).Market = command.ID
		return
	}
	if missing := int(command.ID) + 1 - len(e.markets); missing > 0 {
		e.markets = append(e.markets, make([]market, missing)...)
	}
	m := &e.markets[command.ID]
	m.id, m.state, m.listed, m.stale = command.ID, command.State, true, true
	events.add(MarketSet).Market = command.ID
}

// Lookup describes an open order; its Quantity is what remains.
func (e *Engine) Lookup(id OrderID) (Order, bool) {
	position := e.index.find(id, &e.orders)
	if position == 0 {
		return Order{}, false
	}
	return e.describe(position), true
}

func (e *Engine) describe(position uint32) Order {
	o := e.orders.at(position)
	l := e.ladders.levels.at(o.level)
	return Order{
		ID: o.id, Price: l.price(), Quantity: o.remaining, Expiry: e.expiryOf(position),
		Market: l.market, Owner: o.terms.owner(), Side: l.side, Kind: Limit,
		TimeInForce: o.terms.timeInForce(), SelfTrade: o.terms.selfTrade(), PostOnly: o.terms.postOnly(),
	}
}

// AppendOrdersOf appends the open orders of an owner, in ascending order of their ids.
func (e *Engine) AppendOrdersOf(owner Owner, to []Order) []Order {
	if uint64(owner) >= uint64(len(e.owners)) {
		return to
	}
	start := len(to)
	for at := e.owners[owner]; at != 0; at = e.orders.siblings.at(at).next {
		to = append(to, e.describe(at))
	}
	slices.SortFunc(to[start:], func(a, b Order) int { return cmp.Compare(a.ID, b.ID) })
	return to
}
