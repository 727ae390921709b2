package wallet

import (
	"context"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// Order is what a trader wants.
type Order struct {
	Pair        *Pair
	Side        uint8  // wire.Buy or wire.Sell
	Price       uint64 // ticks
	Quantity    uint64 // lots
	TimeInForce uint8
	ExpiresAt   time.Time // of wire.GoodTillDate
}

// OrderStatus is how an order stands.
type OrderStatus string

// Statuses.
const (
	OrderOpen      OrderStatus = "open"      // in the book, nothing filled
	OrderPartial   OrderStatus = "partial"   // in the book, partly filled
	OrderFilled    OrderStatus = "filled"    // filled whole
	OrderCancelled OrderStatus = "cancelled" // out of the book, what had not filled is free again
	OrderExpired   OrderStatus = "expired"   // likewise, at its time
)

// OrderResult is what became of an order, or of a change of one.
type OrderResult struct {
	Order     uint64
	Market    uint32
	Status    OrderStatus
	Filled    uint64 // lots, since the command
	Remaining uint64 // lots in the book; of a cancelled or expired order, those that were taken out
	Fills     []wire.Fill
}

// Place places an order and tells what became of it at once.
func (c *Client) Place(ctx context.Context, order Order) (*OrderResult, error) {
	command, err := placing(&order)
	if err != nil {
		return nil, err
	}
	s, err := c.stand(ctx)
	if err != nil {
		return nil, err
	}
	defer s.session.Wipe()
	if err := affordable(s, &order); err != nil {
		return nil, err
	}
	e, err := c.execute(ctx, "order", s, command, true)
	if err != nil {
		return nil, err
	}
	entries, err := e.find(isOf(wire.EventPlaced, e.command.Order))
	if err != nil {
		return nil, err
	}
	return c.orderResult(ctx, e, entries, order.Pair.Market.ID, order.Quantity)
}

func placing(order *Order) (wire.Command, error) {
	command := wire.Command{Kind: wire.CommandPlace, Market: order.Pair.Market.ID, Side: order.Side, Price: order.Price,
		Quantity: order.Quantity, TimeInForce: order.TimeInForce}
	if !order.Pair.Open() {
		return command, refusedf("wait until governance opens it again; open orders can be cancelled", "the market %s is halted", order.Pair.Name())
	}
	if order.TimeInForce == wire.GoodTillDate {
		command.ExpiresAt = uint64(order.ExpiresAt.UnixMilli())
	}
	return command, nil
}

// affordable compares what an order holds at most with what is available, before anything is sent.
func affordable(s *standing, order *Order) error {
	market := &order.Pair.Market
	asset, symbol, decimals := market.Base, order.Pair.BaseSymbol, order.Pair.BaseDecimals
	need, ok := market.BaseAmount(order.Quantity)
	if order.Side == wire.Buy {
		asset, symbol, decimals = market.Quote, order.Pair.QuoteSymbol, order.Pair.QuoteDecimals
		if need, ok = market.QuoteAmount(order.Quantity, order.Price); ok {
			need, ok = need.Add(wire.Fee(need, max(market.MakerFeePPM, market.TakerFeePPM)))
		}
	}
	if !ok {
		return refusedf("lower it", "the order's amount exceeds every balance")
	}
	if have := s.available(asset); have.Less(need) {
		return refusedf("deposit, or cancel open orders", "not enough in the pool: the order holds up to %s %s with fees, available is %s %s",
			FormatAmount(need, decimals), symbol, FormatAmount(have, decimals), symbol)
	}
	return nil
}

// orderResult puts together what the history says of the command's order from the command's own entry on. quantity is how many lots
// the order had then.
func (c *Client) orderResult(ctx context.Context, e *executed, entries []wire.HistoryEntry, market uint32, quantity uint64) (*OrderResult, error) {
	result := &OrderResult{Order: e.command.Order, Market: market, Status: OrderOpen}
	var err error
	if result.Fills, err = c.fillsAmong(ctx, e, entries); err != nil {
		return nil, err
	}
	for i := range result.Fills {
		result.Filled += result.Fills[i].Quantity
	}
	if result.Filled > quantity {
		return nil, fmt.Errorf("%w (more filled than ordered)", ErrAnswerPage)
	}
	result.Remaining = quantity - result.Filled
	switch {
	case result.Remaining == 0:
		result.Status = OrderFilled
	case result.Filled > 0:
		result.Status = OrderPartial
	}
	for i := range entries {
		event := &entries[i].Event
		if event.Order != result.Order {
			continue
		}
		switch event.Kind {
		case wire.EventCancelled:
			result.Status, result.Remaining = OrderCancelled, event.Quantity
		case wire.EventExpired:
			result.Status, result.Remaining = OrderExpired, event.Quantity
		}
	}
	return result, nil
}

// fillsAmong fetches the fills of the command's order that entries tell of.
func (c *Client) fillsAmong(ctx context.Context, e *executed, entries []wire.HistoryEntry) ([]wire.Fill, error) {
	first, last := uint64(0), uint64(0) // an account's fills are numbered in the order of its history
	for i := range entries {
		if event := &entries[i].Event; event.Kind == wire.EventFilled {
			if first == 0 {
				first = event.Number
			}
			last = event.Number
		}
	}
	if first == 0 {
		return nil, nil
	}
	fills, err := c.fills(ctx, e.session, first-1, e.checkpoint, 0)
	if err != nil {
		return nil, err
	}
	var own []wire.Fill
	for i := range fills {
		if fills[i].Order == e.command.Order && fills[i].Index <= last {
			own = append(own, fills[i])
		}
	}
	return own, nil
}

// Amend changes an open order's price and remaining quantity; zero leaves one as it is. A lower quantity at the same price keeps
// the order's place in the queue.
func (c *Client) Amend(ctx context.Context, order, price, quantity uint64) (*OrderResult, error) {
	s, err := c.stand(ctx)
	if err != nil {
		return nil, err
	}
	defer s.session.Wipe()
	open, err := c.openOrder(ctx, s, order)
	if err != nil {
		return nil, err
	}
	command := wire.Command{Kind: wire.CommandAmend, Order: order, Price: open.Price, Quantity: open.Remaining}
	if price != 0 {
		command.Price = price
	}
	if quantity != 0 {
		command.Quantity = quantity
	}
	e, err := c.execute(ctx, "amendment", s, command, false)
	if err != nil {
		return nil, err
	}
	entries, err := e.find(isOf(wire.EventAmended, order))
	if err != nil {
		return nil, err
	}
	return c.orderResult(ctx, e, entries, open.Market, entries[0].Event.Quantity)
}

// openOrder finds one of the account's open orders.
func (c *Client) openOrder(ctx context.Context, s *standing, order uint64) (*wire.OpenOrder, error) {
	orders, err := c.orders(ctx, s.session, 0)
	if err != nil {
		return nil, err
	}
	for i := range orders {
		if orders[i].Order == order {
			return &orders[i], nil
		}
	}
	return nil, refusedf("see 'bitcloak wallet order list'; it may have filled, expired or been cancelled", "there is no open order %d", order)
}

func isOf(kind uint8, order uint64) func(*wire.HistoryEvent) bool {
	return func(event *wire.HistoryEvent) bool { return event.Kind == kind && event.Order == order }
}

// Cancel takes an open order out of its book.
func (c *Client) Cancel(ctx context.Context, order uint64) (*OrderResult, error) {
	s, err := c.stand(ctx)
	if err != nil {
		return nil, err
	}
	defer s.session.Wipe()
	open, err := c.openOrder(ctx, s, order)
	if err != nil {
		return nil, err
	}
	e, err := c.execute(ctx, "cancellation", s, wire.Command{Kind: wire.CommandCancel, Order: order}, false)
	if err != nil {
		return nil, err
	}
	entries, err := e.find(isOf(wire.EventCancelled, order))
	if err != nil {
		return nil, err
	}
	return c.orderResult(ctx, e, entries, open.Market, entries[0].Event.Quantity)
}
