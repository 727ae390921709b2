package relay

import (
	"context"
	"errors"
	"time"

	"github.com/bitcloak/bitcloak/wallet/chain"
)

const (
	// nodeTimeout bounds one question to a node.
	nodeTimeout = 5 * time.Second
	// maxHanding is how many extrinsics may wait for one node. What finds no room is handed in again later.
	maxHanding = 128
)

// mouth hands extrinsics to one node, one after the other: a slow node keeps nobody else waiting.
type mouth struct {
	node    chain.Node
	waiting chan []byte
}

// hand gives a batch's extrinsic to all nodes. What they say is not waited for: the chain tells what became of it.
func (r *Relay) hand(b *batch) {
	b.sent = r.config.Now()
	for _, m := range r.mouths {
		select {
		case m.waiting <- b.extrinsic:
		default:
			r.metrics.submissions.WithLabelValues("skipped").Inc()
		}
	}
}

// speak is a mouth's work.
func (r *Relay) speak(ctx context.Context, m *mouth) {
	for {
		select {
		case extrinsic := <-m.waiting:
			r.submit(ctx, m.node, extrinsic)
		case <-ctx.Done():
			return
		}
	}
}

func (r *Relay) submit(ctx context.Context, node chain.Node, extrinsic []byte) {
	ctx, cancel := context.WithTimeout(ctx, nodeTimeout)
	defer cancel()
	err := node.Submit(ctx, extrinsic)
	var rejected *chain.RejectedError
	outcome := "accepted"
	switch {
	case err == nil:
	case errors.As(err, &rejected): // it may have it already, or the runtime may be a new one
		outcome = "refused"
		r.mutex.Lock()
		r.version = nil
		r.mutex.Unlock()
		r.config.Log.Debug("a node refuses a batch", "error", err)
	default:
		outcome = "failed"
		r.config.Log.Debug("a batch could not be handed in", "error", err)
	}
	r.metrics.submissions.WithLabelValues(outcome).Inc()
}

// again hands in what no finalised block holds yet: in the order of nonces, signed anew where the era has ended or the runtime has
// changed. The nonce stays, so at most one of the versions counts.
func (r *Relay) again(ctx context.Context, number uint32) {
	r.signing.Lock()
	defer r.signing.Unlock()
	r.mutex.Lock()
	follower, batches := r.chain, append([]*batch(nil), r.batches...)
	r.mutex.Unlock()
	now := r.config.Now()
	for _, b := range batches {
		if now.Sub(b.sent) < r.config.ResubmitAfter {
			continue
		}
		version, err := r.runtimeVersion(ctx, follower.Node())
		if err == nil && (number+1 >= b.death || version.Spec != b.spec) {
			err = r.sign(ctx, b)
		}
		if err != nil {
			r.config.Log.Warn("batches could not be handed in again; trying again", "error", err)
			return
		}
		r.hand(b)
	}
}
