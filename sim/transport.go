package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// question is what a worker has asked its node and not been answered yet.
type question struct {
	site   *site
	method string
	what   string // its arguments
	asked  time.Time
	due    time.Time // not to be answered before
	height int64     // Wait: what the worker knows
	ctx    context.Context
	run    func(*node) (any, error)
	reply  chan answer
}

type answer struct {
	value any
	err   error
}

// desk is where questions wait. Workers' goroutines put them there; the world's takes them.
type desk struct {
	mutex   sync.Mutex
	waiting []*question
}

// ask puts a question and waits for its answer.
func (d *desk) ask(ctx context.Context, q *question) (any, error) {
	q.asked, q.ctx, q.reply = time.Now(), ctx, make(chan answer, 1)
	d.mutex.Lock()
	d.waiting = append(d.waiting, q)
	d.mutex.Unlock()
	select {
	case a := <-q.reply:
		return a.value, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// open lists the questions that wait, in an order that does not depend on which goroutine came first.
func (d *desk) open() []*question {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.waiting = slices.DeleteFunc(d.waiting, func(q *question) bool { return q.ctx.Err() != nil })
	slices.SortFunc(d.waiting, func(a, b *question) int {
		return cmp.Or(cmp.Compare(a.site.index, b.site.index), cmp.Compare(a.method, b.method), cmp.Compare(a.what, b.what))
	})
	return slices.Clone(d.waiting)
}

func (d *desk) answer(q *question, a answer) {
	d.mutex.Lock()
	d.waiting = slices.DeleteFunc(d.waiting, func(other *question) bool { return other == q })
	d.mutex.Unlock()
	q.reply <- a
}

// Methods that the world treats in a way of their own.
const (
	methodWait       = "wait" // is answered when there is news
	methodLightBlock = "lightBlock"
)

// nodeError is what went wrong inside a node.
type nodeError struct{ error }

func (e nodeError) Unwrap() error { return e.error }

// link is a worker's way to its node (worker.Node).
type link struct{ site *site }

var _ worker.Node = (*link)(nil)

func ask[T any](ctx context.Context, l *link, method, what string, run func(*node) (T, error)) (T, error) {
	q := &question{site: l.site, method: method, what: what, run: func(n *node) (any, error) { return run(n) }}
	value, err := l.site.world.desk.ask(ctx, q)
	if err != nil {
		var none T
		return none, err
	}
	return value.(T), nil
}

var errNoBlock = errors.New("sim: the node has no such block")

// LightBlock implements light.Transport.
func (l *link) LightBlock(ctx context.Context, height int64) ([]byte, error) {
	return ask(ctx, l, methodLightBlock, fmt.Sprint(height), func(n *node) ([]byte, error) {
		latest := n.served()
		wanted := height
		if wanted == 0 {
			wanted = latest
		}
		if wanted < 1 || wanted > latest {
			return nil, errNoBlock
		}
		return n.world.consensus.decided[wanted-1].light, nil
	})
}

// served is the last height of which the node tells.
func (n *node) served() int64 {
	return max(int64(n.chain.Head().Height)-n.slow, min(1, int64(n.chain.Head().Height)))
}

// Header implements light.Transport.
func (l *link) Header(ctx context.Context, hash scale.Hash) ([]byte, error) {
	return ask(ctx, l, "header", hash.String(), func(n *node) ([]byte, error) { return n.store.EncodedHeader(hash) })
}

// Headers implements light.Transport.
func (l *link) Headers(ctx context.Context, from, to uint32) ([][]byte, error) {
	return ask(ctx, l, "headers", fmt.Sprint(from, to), func(n *node) ([][]byte, error) {
		var out [][]byte
		for number := from; number <= min(to, n.chain.Head().Number); number++ {
			hash, err := n.store.HashAt(number)
			if err != nil {
				return nil, err
			}
			encoded, err := n.store.EncodedHeader(hash)
			if err != nil {
				return nil, err
			}
			out = append(out, encoded)
		}
		return out, nil
	})
}

// ReadProof implements light.Transport.
func (l *link) ReadProof(ctx context.Context, at scale.Hash, keys [][]byte) ([][]byte, error) {
	return ask(ctx, l, "readProof", fmt.Sprintf("%s %x", at, keys), func(n *node) ([][]byte, error) {
		view, err := n.chain.View(at)
		if err != nil {
			return nil, err
		}
		return view.Prove(keys)
	})
}

// Checkpoints implements light.Transport.
func (l *link) Checkpoints(ctx context.Context, from uint64, limit uint32) ([]light.Body, error) {
	return ask(ctx, l, "checkpoints", fmt.Sprint(from, limit), func(n *node) ([]light.Body, error) {
		page, err := n.store.Checkpoints(from, int(limit), 8<<20)
		if err != nil {
			return nil, err
		}
		var out []light.Body
		for i := range page {
			messages, err := wire.InboxMessagesCodec.Unmarshal(page[i].Messages)
			if err != nil {
				return nil, err
			}
			body := light.Body{Index: page[i].Index, Number: page[i].Number, Hash: page[i].Hash}
			for j := range messages {
				body.Messages = append(body.Messages, wire.InboxMessageCodec.Marshal(messages[j]))
			}
			out = append(out, body)
		}
		return out, nil
	})
}

// Wait implements light.Transport.
func (l *link) Wait(ctx context.Context, height int64) error {
	_, err := l.site.world.desk.ask(ctx, &question{site: l.site, method: methodWait, what: fmt.Sprint(height), height: height})
	return err
}

// Submit implements worker.Node.
func (l *link) Submit(ctx context.Context, extrinsic []byte) error {
	encoded := slices.Clone(extrinsic)
	_, err := ask(ctx, l, "submit", fmt.Sprintf("%x", hashing.Blake2_256(encoded)), func(n *node) (struct{}, error) { return struct{}{}, l.site.world.handIn(l.site, n, encoded) })
	return err
}

// RuntimeVersion implements worker.Node.
func (l *link) RuntimeVersion(ctx context.Context) (worker.RuntimeVersion, error) {
	return ask(ctx, l, "version", "", func(n *node) (worker.RuntimeVersion, error) {
		v := n.chain.Version()
		return worker.RuntimeVersion{Spec: v.SpecVersion, Transaction: v.TransactionVersion}, nil
	})
}
