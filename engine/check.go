package engine

import "math/bits"

// checkOrder applies the checks of a new order in the order that spec/engine.md gives, before anything changes.
func (e *Engine) checkOrder(o *Order) (*market, Reason) {
	m := e.market(o.Market)
	if m == nil {
		return nil, UnknownMarket
	}
	if m.state != Open {
		return nil, MarketHalted
	}
	if reason := e.checkFields(o); reason != accepted {
		return nil, reason
	}
	if reason := checkTerms(o.Price, o.Quantity); reason != accepted {
		return nil, reason
	}
	if reason := e.checkExpiry(o); reason != accepted {
		return nil, reason
	}
	if o.PostOnly && o.TimeInForce == IOC {
		return nil, PostOnlyImmediate
	}
	if o.ID <= e.index.highest && e.index.find(o.ID, &e.orders) != 0 {
		return nil, DuplicateOrder
	}
	if o.PostOnly && e.wouldTrade(m, o.Side, o.Price) {
		return nil, PostOnlyWouldTrade
	}
	if e.orders.open >= e.limits.Orders && o.TimeInForce != IOC {
		return nil, BookFull
	}
	return m, accepted
}

// checkFields checks the fields that take few values, and the owner.
func (e *Engine) checkFields(o *Order) Reason {
	switch {
	case o.Side > Sell:
		return InvalidSide
	case o.Kind != Limit:
		return UnsupportedKind
	case o.TimeInForce > GTD:
		return UnsupportedTime
	case o.SelfTrade > Decrement:
		return InvalidSelfTrade
	case uint32(o.Owner) >= e.limits.Owners:
		return InvalidOwner
	}
	return accepted
}

func (e *Engine) checkExpiry(o *Order) Reason {
	switch {
	case o.TimeInForce == GTD && o.Expiry <= e.time:
		return ExpiryPassed
	case o.TimeInForce != GTD && o.Expiry != 0:
		return UnexpectedExpiry
	}
	return accepted
}

// checkTerms checks price and quantity: their product in ticks and lots fits 64 bits.
func checkTerms(price Price, quantity Quantity) Reason {
	switch {
	case price == 0:
		return ZeroPrice
	case quantity == 0:
		return ZeroQuantity
	}
	if high, _ := bits.Mul64(uint64(price), uint64(quantity)); high != 0 {
		return NotionalOverflow
	}
	return accepted
}

// wouldTrade tells whether an incoming order at that price meets a resting order, of whatever owner.
func (e *Engine) wouldTrade(m *market, side Side, price Price) bool {
	contra := side.Opposite()
	best := m.sides[contra].best
	return best != 0 && e.ladders.levels.at(best).key <= keyOf(contra, price)
}

// ownOrder returns the position of an open order that its owner commands.
func (e *Engine) ownOrder(id OrderID, owner Owner) (uint32, Reason) {
	position := e.index.find(id, &e.orders)
	if position == 0 {
		return 0, UnknownOrder
	}
	if e.orders.at(position).terms.owner() != owner {
		return 0, NotOwner
	}
	return position, accepted
}
