package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// mortality is for how many blocks a batch's signature is valid: a minute of the heartbeat's blocks. What a node has lost is then
// gone for good, and the batch is signed again.
const mortality = 64

// batch is the envelopes of one extrinsic.
type batch struct {
	tickets   []*ticket
	call      []byte
	nonce     uint32
	extrinsic []byte
	death     uint32 // the first block in which the signature is no longer valid
	spec      uint32 // the runtime's version that the signature names
	sent      time.Time
}

// tick makes batches of what waits and hands them to the nodes. They keep the order of arrival: the chain's order is the order of
// execution, so any other would be unfair; and a position tells an observer nothing, since tags are used once and outcomes do not
// show.
func (r *Relay) tick(ctx context.Context) {
	r.signing.Lock()
	defer r.signing.Unlock()
	for {
		r.mutex.Lock()
		if r.chain == nil || len(r.batches) >= r.config.MaxUnderWay {
			r.mutex.Unlock()
			return
		}
		tickets := r.book.take(r.config.MaxBatch, r.config.MaxBatchBytes, r.config.Now())
		r.metrics.queue.Set(float64(len(r.book.queue)))
		r.mutex.Unlock()
		if len(tickets) == 0 {
			return
		}
		if err := r.dispatch(ctx, tickets); err != nil {
			r.config.Log.Warn("a batch could not be signed; trying again", "envelopes", len(tickets), "error", err)
			r.mutex.Lock()
			r.book.requeue(tickets)
			r.mutex.Unlock()
			return
		}
	}
}

// dispatch makes a batch and hands it in.
func (r *Relay) dispatch(ctx context.Context, tickets []*ticket) error {
	envelopes := make([][]byte, len(tickets))
	for i, t := range tickets {
		envelopes[i] = t.envelope
	}
	call, err := wire.CallSubmit(envelopes)
	if err != nil {
		return err
	}
	r.mutex.Lock()
	b := &batch{tickets: tickets, call: call, nonce: r.next}
	r.mutex.Unlock()
	if err := r.sign(ctx, b); err != nil {
		return err
	}
	r.mutex.Lock()
	r.next++
	r.batches = append(r.batches, b)
	for _, t := range tickets {
		t.attempts++
		if !t.final() {
			t.state = api.Sent
		}
	}
	r.metrics.underWay.Set(float64(len(r.batches)))
	r.mutex.Unlock()
	r.metrics.batches.Inc()
	r.config.Log.Debug("a batch leaves", "envelopes", len(tickets), "nonce", b.nonce)
	r.hand(b)
	return nil
}

// sign signs a batch under its nonce, valid from the newest head on.
func (r *Relay) sign(ctx context.Context, b *batch) error {
	r.mutex.Lock()
	follower := r.chain
	r.mutex.Unlock()
	if follower == nil {
		return api.ErrChain
	}
	version, err := r.runtimeVersion(ctx, follower.Node())
	if err != nil {
		return err
	}
	head := follower.View().Head
	era := extrinsic.Mortal(mortality, uint64(head.Number))
	signed, err := extrinsic.Sign(b.call, extrinsic.Extensions{Era: era, Nonce: b.nonce}, extrinsic.Implicit{
		SpecVersion: version.Spec, TransactionVersion: version.Transaction, Genesis: r.config.Genesis, Mortality: head.Hash,
	}, extrinsic.SignerOf(r.config.Account))
	if err != nil {
		return fmt.Errorf("relay: sign a batch: %w", err)
	}
	b.extrinsic, b.death, b.spec = signed, uint32(era.Death(uint64(head.Number))), version.Spec
	return nil
}

// runtimeVersion asks a node, and remembers the answer until a node refuses something.
func (r *Relay) runtimeVersion(ctx context.Context, node chain.Node) (chain.Version, error) {
	r.mutex.Lock()
	known := r.version
	r.mutex.Unlock()
	if known != nil {
		return *known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, nodeTimeout)
	defer cancel()
	version, err := node.Version(ctx)
	if err != nil {
		return version, fmt.Errorf("relay: ask for the runtime's version: %w", err)
	}
	r.mutex.Lock()
	r.version = &version
	r.mutex.Unlock()
	return version, nil
}
