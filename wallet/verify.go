package wallet

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

// MaximumAnswerAge is how much older than the newest head the checkpoint of an answer may be.
const MaximumAnswerAge = 60 * time.Second

// prove checks that an answer is signed by a registered worker and about the state that the chain has committed. Workers answer about
// the last checkpoint they have finished, one or two blocks ahead of the chain, so its commit is waited for. known is false if the
// commit stood for too short a time to be seen: the question is then asked again.
func (c *Client) prove(ctx context.Context, answer *wire.Answer) (known bool, err error) {
	if !keys.Verify(keys.Ed25519, answer.Worker, digest(answer), answer.Signature) {
		return false, ErrAnswerSignature
	}
	if err := c.checkWorker(ctx, answer.Worker); err != nil {
		return false, err
	}
	waiting, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	commit, known, err := c.chain.CommitOf(waiting, answer.Checkpoint)
	if err != nil {
		if waiting.Err() != nil && ctx.Err() == nil {
			return false, fmt.Errorf("%w (checkpoint %d)", ErrAnswerCommit, answer.Checkpoint)
		}
		return false, err
	}
	if !known {
		return false, nil
	}
	if commit.StateRoot != answer.StateRoot || commit.Number != answer.Number || commit.BlockHash != answer.BlockHash {
		return false, fmt.Errorf("%w (checkpoint %d: %s, committed is %s)", ErrAnswerRoot, answer.Checkpoint, answer.StateRoot, commit.StateRoot)
	}
	return true, c.checkAge(ctx, light.BlockID{Number: commit.Number, Hash: commit.BlockHash})
}

func digest(answer *wire.Answer) []byte {
	hash := answer.Digest()
	return hash[:]
}

// checkWorker asks the newest head whether a worker is registered; from then on its record comes with every head.
func (c *Client) checkWorker(ctx context.Context, worker [32]byte) error {
	_, registered, err := c.chain.Worker(ctx, worker)
	if err != nil {
		return err
	}
	if !registered {
		return fmt.Errorf("%w (0x%x)", ErrAnswerWorker, worker)
	}
	c.chain.Watch(wire.StorageWorker(worker))
	return nil
}

// checkAge compares the time of a committed checkpoint's block with the newest head's.
func (c *Client) checkAge(ctx context.Context, block light.BlockID) error {
	view, err := c.chain.Fresh(ctx)
	if err != nil {
		return err
	}
	made, err := c.chain.TimeOf(ctx, block)
	if err != nil {
		return err
	}
	if age := now(&view).Sub(made); age > MaximumAnswerAge {
		return fmt.Errorf("%w (%s old)", ErrAnswerStale, age.Round(time.Second))
	}
	return nil
}

// checkBody checks an answer's contents against the question and the proven root.
func (c *Client) checkBody(query *wire.Query, answer *wire.Answer) error {
	body := &answer.Body
	if body.Kind == wire.AnswerRefused {
		return refusal(body.Reason)
	}
	if body.Kind != query.Kind {
		return ErrAnswerKind
	}
	switch body.Kind {
	case wire.QueryBalances:
		for i := range body.Balances {
			if err := c.checkLeaf(&body.Balances[i], answer.StateRoot); err != nil {
				return err
			}
		}
		return checkPage(query, body.More, indexes(body.Balances, func(p *wire.LeafProof) uint64 { return uint64(p.Index) + 1 }))
	case wire.QueryOrders:
		return checkPage(query, body.More, indexes(body.Orders, func(o *wire.OpenOrder) uint64 { return o.Order }))
	case wire.QueryFills:
		return checkPage(query, body.More, indexes(body.Fills, func(f *wire.Fill) uint64 { return f.Index }))
	case wire.QueryHistory:
		return checkPage(query, body.More, indexes(body.Entries, func(e *wire.HistoryEntry) uint64 { return e.Index }))
	case wire.QueryReceipt:
		return c.checkReceipt(query.Fill, answer)
	}
	return ErrAnswerKind
}

// noSession begins the reason of every refusal that concerns the session; the contract says the same for all of them.
const noSession = "no session"

func refusal(reason string) error {
	if strings.HasPrefix(reason, noSession) {
		return ErrNoSession
	}
	cause, remedy, _ := strings.Cut(reason, "; ")
	return refusedf(remedy, "the contract refuses: %q", cause)
}

func (c *Client) checkReceipt(fill uint64, answer *wire.Answer) error {
	body := &answer.Body
	if body.Fill.Index != fill || body.Base.Leaf.Asset == body.Quote.Leaf.Asset {
		return ErrAnswerKind
	}
	if err := c.checkLeaf(&body.Base, answer.StateRoot); err != nil {
		return err
	}
	return c.checkLeaf(&body.Quote, answer.StateRoot)
}

func (c *Client) checkLeaf(proof *wire.LeafProof, root wire.Hash) error {
	if proof.Leaf.Account != c.account {
		return ErrAnswerAccount
	}
	if !proof.Verify(root) {
		return fmt.Errorf("%w (asset %d)", ErrAnswerLeaf, proof.Leaf.Asset)
	}
	return nil
}

func indexes[T any](items []T, index func(*T) uint64) []uint64 {
	list := make([]uint64, len(items))
	for i := range items {
		list[i] = index(&items[i])
	}
	return list
}

// checkPage refuses pages out of order, longer than asked for, and those that say there is more without going on.
func checkPage(query *wire.Query, more bool, indexes []uint64) error {
	last := query.After
	for _, index := range indexes {
		if index <= last {
			return ErrAnswerPage
		}
		last = index
	}
	if len(indexes) > int(query.Limit) || more && len(indexes) == 0 {
		return ErrAnswerPage
	}
	return nil
}
