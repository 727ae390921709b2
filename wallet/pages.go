package wallet

import (
	"context"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// maximumList bounds what is listed over all pages: accounts keep 10,000 fills and entries.
const maximumList = 20_000

// page is one answer's elements and where the next page starts.
type page[T any] struct {
	items []T
	more  bool
	last  uint64
}

// pages asks for page after page, up to a number of elements (0: all there are), and gives the checkpoint of the last answer.
func pages[T any](ctx context.Context, c *Client, session *seal.Session, query wire.Query, atLeast uint64, most int,
	read func(*wire.AnswerBody) page[T]) (items []T, answer *wire.Answer, err error) {
	largest := wire.MaxPage
	if query.Kind == wire.QueryBalances {
		largest = wire.MaxBalancesPage
	}
	if most <= 0 || most > maximumList {
		most = maximumList
	}
	for {
		query.Limit = uint16(min(largest, most-len(items)))
		if answer, err = c.ask(ctx, session, query, atLeast); err != nil {
			return nil, nil, err
		}
		p := read(&answer.Body)
		items = append(items, p.items...)
		if !p.more || len(items) >= most {
			return items, answer, nil
		}
		query.After = p.last // checkPage has seen that it grows
	}
}

func lastOf[T any](items []T, key func(*T) uint64) uint64 {
	if len(items) == 0 {
		return 0
	}
	return key(&items[len(items)-1])
}

func (c *Client) leaves(ctx context.Context, session *seal.Session, atLeast uint64) ([]wire.LeafProof, *wire.Answer, error) {
	leaves, answer, err := pages(ctx, c, session, wire.Query{Kind: wire.QueryBalances}, atLeast, 0, func(b *wire.AnswerBody) page[wire.LeafProof] {
		return page[wire.LeafProof]{b.Balances, b.More, lastOf(b.Balances, func(p *wire.LeafProof) uint64 { return uint64(p.Index) + 1 })}
	})
	assets := map[uint32]bool{}
	for i := range leaves {
		if assets[leaves[i].Leaf.Asset] { // two pages of different checkpoints still have one leaf an asset
			return nil, nil, ErrAnswerPage
		}
		assets[leaves[i].Leaf.Asset] = true
	}
	return leaves, answer, err
}

func (c *Client) entries(ctx context.Context, session *seal.Session, after, atLeast uint64, most int) ([]wire.HistoryEntry, error) {
	entries, _, err := pages(ctx, c, session, wire.Query{Kind: wire.QueryHistory, After: after}, atLeast, most, func(b *wire.AnswerBody) page[wire.HistoryEntry] {
		return page[wire.HistoryEntry]{b.Entries, b.More, lastOf(b.Entries, func(e *wire.HistoryEntry) uint64 { return e.Index })}
	})
	return entries, err
}

func (c *Client) fills(ctx context.Context, session *seal.Session, after, atLeast uint64, most int) ([]wire.Fill, error) {
	fills, _, err := pages(ctx, c, session, wire.Query{Kind: wire.QueryFills, After: after}, atLeast, most, func(b *wire.AnswerBody) page[wire.Fill] {
		return page[wire.Fill]{b.Fills, b.More, lastOf(b.Fills, func(f *wire.Fill) uint64 { return f.Index })}
	})
	return fills, err
}

func (c *Client) orders(ctx context.Context, session *seal.Session, atLeast uint64) ([]wire.OpenOrder, error) {
	orders, _, err := pages(ctx, c, session, wire.Query{Kind: wire.QueryOrders}, atLeast, 0, func(b *wire.AnswerBody) page[wire.OpenOrder] {
		return page[wire.OpenOrder]{b.Orders, b.More, lastOf(b.Orders, func(o *wire.OpenOrder) uint64 { return o.Order })}
	})
	return orders, err
}

// Orders are the account's open orders.
func (c *Client) Orders(ctx context.Context) ([]wire.OpenOrder, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Wipe()
	return c.orders(ctx, session, 0)
}

// Fills are the account's fills after one (0: from the first kept), at most so many (0: all).
func (c *Client) Fills(ctx context.Context, after uint64, most int) ([]wire.Fill, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Wipe()
	return c.fills(ctx, session, after, 0, most)
}

// History is what happened to the account after an entry (0: from the first kept), at most so many (0: all).
func (c *Client) History(ctx context.Context, after uint64, most int) ([]wire.HistoryEntry, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Wipe()
	return c.entries(ctx, session, after, 0, most)
}
