package wallet

import (
	"context"
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// CancelAll cancels the account's open orders, or those of one market, and gives each of them.
func (c *Client) CancelAll(ctx context.Context, market scale.Optional[uint32]) ([]OrderResult, error) {
	s, err := c.stand(ctx)
	if err != nil {
		return nil, err
	}
	defer s.session.Wipe()
	orders, err := c.orders(ctx, s.session, 0)
	if err != nil {
		return nil, err
	}
	markets := map[uint64]uint32{}
	for i := range orders {
		markets[orders[i].Order] = orders[i].Market
	}
	e, err := c.execute(ctx, "cancellation", s, wire.Command{Kind: wire.CommandCancelAll, Markets: market}, false)
	if err != nil {
		return nil, err
	}
	results := []OrderResult{}
	for i := range e.entries {
		event := &e.entries[i].Event
		if event.Kind == wire.EventCancelled && event.Reason == wire.ReasonOwner {
			results = append(results, OrderResult{Order: event.Order, Market: markets[event.Order], Status: OrderCancelled, Remaining: event.Quantity})
		}
	}
	if len(results) > 0 {
		return results, nil
	}
	return results, c.taken(ctx, e)
}

// taken tells whether the contract has taken a command that leaves no entry behind.
func (c *Client) taken(ctx context.Context, e *executed) error {
	if _, err := e.find(func(*wire.HistoryEvent) bool { return false }); err != nil {
		var rejected *Rejected
		if errors.As(err, &rejected) {
			return err
		}
	}
	answer, err := c.ask(ctx, e.session, wire.Query{Kind: wire.QueryBalances, Limit: 1}, e.checkpoint)
	if err != nil {
		return err
	}
	if answer.Body.NextSequence <= e.sequence {
		return ErrNoSession
	}
	return nil
}
