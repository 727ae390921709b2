package contract

import (
	"cmp"
	"slices"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// Refusals. Whether an account is unknown, has no session or another asks, the
// first says the same.
const (
	RefusedViewer = "no session of that account is open, or it did not ask; open a session"
	RefusedState  = "nothing is committed yet, or a block is being applied; ask again"
	RefusedFill   = "no such fill is kept; list the fills"
	RefusedQuery  = "no such question; update the wallet"
)

// Viewer is an account that has shown to own its open session. I8: every answer
// is made for one and names no other account but those it dealt with itself.
type Viewer struct {
	account uint32
	session wire.Hash
}

// Authenticate finds the session of an account and has its query key checked.
// An unknown account costs the same check, against a key that nobody has.
func (c *Contract) Authenticate(id wire.AccountID, authentic func(queryKey [32]byte) bool) (Viewer, bool) {
	viewer, key, open := Viewer{}, c.blinding(^uint32(0), ^uint64(0)), false
	if handle, known := c.accounts.byID[id]; known {
		if s := c.accounts.list[handle].session; s != nil {
			viewer, key, open = Viewer{account: handle, session: s.id}, s.queryKey, true
		}
	}
	if !authentic(key) || !open {
		return Viewer{}, false
	}
	return viewer, true
}

// viewed gives a viewer's account while the session it was made for is open.
func (c *Contract) viewed(v Viewer) *account {
	if uint64(v.account) >= uint64(len(c.accounts.list)) {
		return nil
	}
	a := &c.accounts.list[v.account]
	if a.session == nil || a.session.id != v.session {
		return nil
	}
	return a
}

// Answer answers a question as of the last commit.
func (c *Contract) Answer(v Viewer, q *wire.Query) wire.AnswerBody {
	a := c.viewed(v)
	switch {
	case a == nil:
		return refuse(RefusedViewer)
	case c.fault != nil || c.started || c.checkpoint == 0:
		return refuse(RefusedState)
	}
	switch q.Kind {
	case wire.QueryBalances:
		return c.answerBalances(a, q)
	case wire.QueryOrders:
		return c.answerOrders(v.account, q)
	case wire.QueryFills:
		return c.answerFills(a, q)
	case wire.QueryHistory:
		return c.answerHistory(a, q)
	case wire.QueryReceipt:
		return c.answerReceipt(v.account, a, q)
	}
	return refuse(RefusedQuery)
}

func refuse(reason string) wire.AnswerBody {
	return wire.AnswerBody{Kind: wire.AnswerRefused, Reason: reason}
}

// pageSize is how many elements a page holds; a limit of 0 asks for as many as may be.
func pageSize(limit uint16, maximum int) int {
	if limit == 0 || int(limit) > maximum {
		return maximum
	}
	return int(limit)
}

// proof shows a leaf as of the last commit.
func (c *Contract) proof(index uint32) wire.LeafProof {
	return wire.LeafProof{
		Leaf: c.fullLeaf(index), Index: index, Siblings: c.ledger.tree.siblings(index), Remainder: c.last.Remainder,
	}
}

func (c *Contract) answerBalances(a *account, q *wire.Query) wire.AnswerBody {
	body := wire.AnswerBody{Kind: wire.QueryBalances, NextSequence: a.session.window.next, ExpiresAt: a.session.expiresAt}
	size := pageSize(q.Limit, wire.MaxBalancesPage)
	for at := a.firstLeaf; at != 0; at = c.ledger.leaves[at-1].next {
		if uint64(at) <= q.After { // at is the leaf's index plus one
			continue
		}
		if len(body.Balances) == size {
			body.More = true
			break
		}
		body.Balances = append(body.Balances, c.proof(at-1))
	}
	return body
}

func (c *Contract) answerOrders(handle uint32, q *wire.Query) wire.AnswerBody {
	var open []*order
	for _, o := range c.book.AppendOrdersOf(engine.Owner(handle), nil) {
		if o := c.orders.find(uint64(o.ID)); o != nil && o.account == handle && o.client > q.After {
			open = append(open, o)
		}
	}
	slices.SortFunc(open, func(a, b *order) int { return cmp.Compare(a.client, b.client) })
	body := wire.AnswerBody{Kind: wire.QueryOrders}
	if size := pageSize(q.Limit, wire.MaxPage); len(open) > size {
		open, body.More = open[:size], true
	}
	for _, o := range open {
		body.Orders = append(body.Orders, wire.OpenOrder{
			Order: o.client, Market: o.market, Side: o.side, Price: o.price, Quantity: o.quantity, Remaining: o.remaining,
			TimeInForce: o.timeInForce, ExpiresAt: o.expiresAt, Checkpoint: o.checkpoint, Timestamp: o.timestamp,
		})
	}
	return body
}

// page gives the first and the last number of a page of a ring, and whether more follows.
func page(first, count, after uint64, size int) (from, to uint64, more bool) {
	from, to = first, count
	if after >= first {
		from = min(after, count) + 1
	}
	if uint64(size) < to+1-from {
		to, more = from+uint64(size)-1, true
	}
	return from, to, more
}

func (c *Contract) answerFills(a *account, q *wire.Query) wire.AnswerBody {
	body := wire.AnswerBody{Kind: wire.QueryFills}
	from, to, more := page(a.fills.first(), a.fills.count, q.After, pageSize(q.Limit, wire.MaxPage))
	for number := from; number <= to; number++ {
		body.Fills = append(body.Fills, c.describeFill(number, a.fills.at(number)))
	}
	body.More = more
	return body
}

func (c *Contract) answerHistory(a *account, q *wire.Query) wire.AnswerBody {
	body := wire.AnswerBody{Kind: wire.QueryHistory}
	from, to, more := page(a.history.first(), a.history.count, q.After, pageSize(q.Limit, wire.MaxPage))
	for number := from; number <= to; number++ {
		body.Entries = append(body.Entries, c.describeEntry(number, a.history.at(number)))
	}
	body.More = more
	return body
}

func (c *Contract) answerReceipt(handle uint32, a *account, q *wire.Query) wire.AnswerBody {
	if q.Fill < a.fills.first() || q.Fill > a.fills.count {
		return refuse(RefusedFill)
	}
	f := a.fills.at(q.Fill)
	m := c.findMarket(f.market)
	base, _ := c.ledger.find(handle, m.Base) // a fill has both leaves
	quote, _ := c.ledger.find(handle, m.Quote)
	return wire.AnswerBody{
		Kind: wire.QueryReceipt, Fill: c.describeFill(q.Fill, f), Base: c.proof(base), Quote: c.proof(quote),
	}
}
