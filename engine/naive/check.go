package naive

import (
	"errors"
	"fmt"
	"math"

	"github.com/bitcloak/bitcloak/engine"
)

// checkOrder returns the first check that a new order fails, or zero.
func (b *Book) checkOrder(o engine.Order) engine.Reason {
	m := b.market(o.Market)
	_, duplicate := b.Lookup(o.ID)
	switch {
	case m == nil:
		return engine.UnknownMarket
	case m.State != engine.Open:
		return engine.MarketHalted
	case o.Side != engine.Buy && o.Side != engine.Sell:
		return engine.InvalidSide
	case o.Kind != engine.Limit:
		return engine.UnsupportedKind
	case o.TimeInForce != engine.GTC && o.TimeInForce != engine.IOC && o.TimeInForce != engine.GTD:
		return engine.UnsupportedTime
	case o.SelfTrade > engine.Decrement:
		return engine.InvalidSelfTrade
	case uint32(o.Owner) >= b.limits.Owners:
		return engine.InvalidOwner
	case o.Price == 0:
		return engine.ZeroPrice
	case o.Quantity == 0:
		return engine.ZeroQuantity
	case overflows(o.Price, o.Quantity):
		return engine.NotionalOverflow
	case o.TimeInForce == engine.GTD && o.Expiry <= b.time:
		return engine.ExpiryPassed
	case o.TimeInForce != engine.GTD && o.Expiry != 0:
		return engine.UnexpectedExpiry
	case o.PostOnly && o.TimeInForce == engine.IOC:
		return engine.PostOnlyImmediate
	case duplicate:
		return engine.DuplicateOrder
	case o.PostOnly && m.bestFor(o) >= 0:
		return engine.PostOnlyWouldTrade
	case o.TimeInForce != engine.IOC && b.OpenOrders() >= b.limits.Orders:
		return engine.BookFull
	}
	return 0
}

// overflows tells whether price times quantity, both above zero, exceeds 64 bits.
func overflows(price engine.Price, quantity engine.Quantity) bool {
	return uint64(price) > math.MaxUint64/uint64(quantity)
}

// checkAmendment returns the first check that an amendment fails, or zero.
func (b *Book) checkAmendment(a engine.Amendment) engine.Reason {
	if reason := b.checkOwner(a.Order, a.Owner); reason != 0 {
		return reason
	}
	m, at := b.find(a.Order)
	o := m.orders[at]
	amended := o
	amended.Price, amended.Quantity = a.Price, a.Quantity
	switch {
	case m.State != engine.Open:
		return engine.MarketHalted
	case a.Price == 0:
		return engine.ZeroPrice
	case a.Quantity == 0:
		return engine.ZeroQuantity
	case overflows(a.Price, a.Quantity):
		return engine.NotionalOverflow
	case o.PostOnly && !keepsPriority(o, a) && m.bestFor(amended) >= 0:
		return engine.PostOnlyWouldTrade
	}
	return 0
}

func (b *Book) checkOwner(id engine.OrderID, owner engine.Owner) engine.Reason {
	o, open := b.Lookup(id)
	switch {
	case !open:
		return engine.UnknownOrder
	case o.Owner != owner:
		return engine.NotOwner
	}
	return 0
}

// CheckInvariants checks that no two orders could trade (I6), none is empty or expired, and no id occurs twice.
func (b *Book) CheckInvariants() error {
	for _, m := range b.markets {
		for at, o := range m.orders {
			if m.bestFor(o) >= 0 {
				return fmt.Errorf("market %d is crossed by order %d", m.ID, o.ID)
			}
			if o.Quantity == 0 || o.Market != m.ID || o.TimeInForce == engine.GTD && o.Expiry <= b.time {
				return fmt.Errorf("order %d should not be open", o.ID)
			}
			if first, where := b.find(o.ID); first != m || where != at {
				return errors.New("two orders with one id")
			}
		}
	}
	return nil
}
