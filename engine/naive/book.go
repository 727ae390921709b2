package naive

import (
	"cmp"
	"slices"

	"github.com/bitcloak/bitcloak/engine"
)

// Book is the naive engine.Book.
type Book struct {
	limits  engine.Limits
	time    uint64
	markets []*market // by ascending id
}

var _ engine.Book = (*Book)(nil)

// market holds its open orders, longest waiting first. Their Quantity is what remains.
type market struct {
	engine.Market
	trades uint64
	orders []engine.Order
}

// New returns a book without markets at block time zero. It lowers limits as the fast book does.
func New(limits engine.Limits) *Book {
	limits.Owners = min(limits.Owners, engine.MaxOwners)
	limits.Orders = min(limits.Orders, engine.MaxOrders)
	return &Book{limits: limits}
}

// Time is the block time last set, in ms.
func (b *Book) Time() uint64 { return b.time }

// SetMarket lists a market or changes a listed one.
func (b *Book) SetMarket(command engine.Market, events *engine.Events) {
	if uint32(command.ID) >= b.limits.Markets || command.State > engine.Halted {
		emit(events, engine.Event{Type: engine.Rejected, Reason: engine.InvalidMarket, Market: command.ID})
		return
	}
	if m := b.market(command.ID); m != nil {
		m.State = command.State
	} else {
		b.markets = append(b.markets, &market{Market: command})
		slices.SortFunc(b.markets, func(a, b *market) int { return cmp.Compare(a.ID, b.ID) })
	}
	emit(events, engine.Event{Type: engine.MarketSet, Market: command.ID})
}

// Market describes a listed market.
func (b *Book) Market(id engine.MarketID) (engine.Market, bool) {
	if m := b.market(id); m != nil {
		return m.Market, true
	}
	return engine.Market{}, false
}

// Lookup describes an open order.
func (b *Book) Lookup(id engine.OrderID) (engine.Order, bool) {
	m, at := b.find(id)
	if m == nil {
		return engine.Order{}, false
	}
	return m.orders[at], true
}

// AppendOrdersOf appends the open orders of an owner, in ascending order of their ids.
func (b *Book) AppendOrdersOf(owner engine.Owner, to []engine.Order) []engine.Order {
	return append(to, b.ordersWhere(func(o engine.Order) bool { return o.Owner == owner })...)
}

// OpenOrders counts the open orders of all markets.
func (b *Book) OpenOrders() uint32 {
	count := 0
	for _, m := range b.markets {
		count += len(m.orders)
	}
	return uint32(count)
}

// market returns a listed market, or nil.
func (b *Book) market(id engine.MarketID) *market {
	for _, m := range b.markets {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// find returns the market of an open order and where in it the order is.
func (b *Book) find(id engine.OrderID) (*market, int) {
	for _, m := range b.markets {
		for at := range m.orders {
			if m.orders[at].ID == id {
				return m, at
			}
		}
	}
	return nil, 0
}

// ordersWhere returns the open orders that fulfil a condition, in ascending order of their ids.
func (b *Book) ordersWhere(condition func(engine.Order) bool) []engine.Order {
	var found []engine.Order
	for _, m := range b.markets {
		for _, o := range m.orders {
			if condition(o) {
				found = append(found, o)
			}
		}
	}
	slices.SortFunc(found, func(a, b engine.Order) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func emit(events *engine.Events, event engine.Event) {
	*events = append(*events, event)
}
