package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

const (
	// staleAfter is how old the newest head may be before the next node is asked.
	staleAfter = chain.MaxHeadAge
	// followPause is the time before the next node is asked.
	followPause = 500 * time.Millisecond
	// lookAgain is how often batches are looked at without a new head.
	lookAgain = time.Second
)

// connect follows the chain through a node.
func (r *Relay) connect(ctx context.Context, node chain.Node) (*chain.Client, error) {
	return chain.Connect(ctx, node, chain.Config{Genesis: r.config.Genesis, Trusted: r.config.Trusted, Store: r.config.Store, Now: r.config.Now,
		Metadata: r.config.Metadata, MetadataSpec: r.config.MetadataSpec})
}

// connectAny follows the chain through the first node that can be believed.
func (r *Relay) connectAny(ctx context.Context) (client *chain.Client, at int, err error) {
	var failures []error
	for i, node := range r.config.Nodes {
		if client, err = r.connect(ctx, node); err == nil {
			return client, i, nil
		}
		failures = append(failures, err)
	}
	return nil, 0, fmt.Errorf("relay: no node can be followed: %w", errors.Join(failures...))
}

// follow absorbs head after head, through the next node when one fails.
func (r *Relay) follow(ctx context.Context, client *chain.Client, at int) {
	for {
		if client != nil {
			err := r.followOne(ctx, client)
			r.setChain(nil)
			client.Close()
			if ctx.Err() != nil {
				return
			}
			r.config.Log.Warn("the chain is followed through the next node", "error", err)
		}
		select {
		case <-time.After(followPause):
		case <-ctx.Done():
			return
		}
		at = (at + 1) % len(r.config.Nodes)
		connecting, cancel := context.WithTimeout(ctx, staleAfter)
		next, err := r.connect(connecting, r.config.Nodes[at])
		cancel()
		if client = next; err != nil {
			client = nil
			r.config.Log.Warn("a node cannot be followed", "error", err)
		}
	}
}

func (r *Relay) setChain(client *chain.Client) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.chain = client
	if client == nil {
		r.stand(api.ErrChain)
	}
}

// followOne absorbs a node's heads until it fails, or the newest is too old.
func (r *Relay) followOne(ctx context.Context, client *chain.Client) error {
	tail := client.InboxFrom(r.position)
	r.setChain(client)
	view := client.View()
	for {
		if err := r.absorb(ctx, client, tail, &view); err != nil {
			return err
		}
		r.again(ctx, view.Head.Number)
		waiting, cancel := context.WithTimeout(ctx, lookAgain)
		next, err := client.Wait(waiting, func(v *chain.View) bool { return v.Head.Number > view.Head.Number })
		expired := waiting.Err() != nil
		cancel()
		switch {
		case err == nil:
			view = next
		case ctx.Err() != nil:
			return ctx.Err()
		case !expired:
			return err
		case r.config.Now().Sub(view.Head.Time) > staleAfter:
			return fmt.Errorf("%w (block %d)", chain.ErrStaleHead, view.Head.Number)
		}
	}
}

// absorb takes in what the blocks up to a head hold: envelopes of anyone, fees, refunds, and how far the nonce is.
func (r *Relay) absorb(ctx context.Context, client *chain.Client, tail *light.InboxReader, view *chain.View) error {
	ctx, cancel := context.WithTimeout(ctx, staleAfter)
	defer cancel()
	if err := tail.Read(ctx, view.Head, r.note); err != nil {
		return err
	}
	r.position = tail.Position()
	account, err := client.AccountAt(ctx, view.Head, r.account)
	if err != nil {
		return err
	}
	if err := r.count(ctx, client, view); err != nil {
		return err
	}
	r.settle(view, account)
	return nil
}

// note remembers a checkpoint's envelopes.
func (r *Relay) note(checkpoint *light.Checkpoint) error {
	block := light.BlockID{Number: checkpoint.Number, Hash: checkpoint.BlockHash}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	own := 0
	for i := range checkpoint.Messages {
		m := &checkpoint.Messages[i]
		if m.Kind != wire.MessageEnvelope {
			continue
		}
		r.book.seen(idOf(m.Envelope.Bytes), block)
		if m.Envelope.Sender == r.account {
			own++
		}
	}
	if own > 0 {
		r.metrics.envelopes.WithLabelValues("included").Add(float64(own))
		r.statistics.carried(checkpoint.Messages[0].Block.Epoch, own)
	}
	return nil
}

// settle ends the batches whose nonce is used up. What is then in no block was in an extrinsic that failed, or whose nonce somebody
// else has used: it goes into another batch.
func (r *Relay) settle(view *chain.View, account chain.AccountInfo) {
	r.signing.Lock()
	defer r.signing.Unlock()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.standing.head = &api.Block{Number: view.Head.Number, Hash: view.Head.Hash.String()}
	if account.Nonce != r.standing.nonce {
		r.standing.nonce, r.gapSince = account.Nonce, time.Time{}
	}
	r.standing.balance = account.Free
	r.metrics.head.Set(float64(view.Head.Number))
	r.metrics.balance.Set(cloak(account.Free))
	for len(r.batches) > 0 && r.batches[0].nonce < account.Nonce {
		missing := 0
		for _, t := range r.batches[0].tickets {
			if !t.final() {
				missing++
			}
		}
		if missing > 0 {
			r.config.Log.Warn("a batch came to nothing; its envelopes go into another", "nonce", r.batches[0].nonce, "envelopes", missing)
			r.metrics.envelopes.WithLabelValues("requeued").Add(float64(missing))
			r.book.requeue(r.batches[0].tickets)
		}
		r.batches = r.batches[1:]
	}
	r.next = max(r.next, account.Nonce)
	r.closeGap()
	r.metrics.underWay.Set(float64(len(r.batches)))
	if account.Free.Less(r.config.Reserve) {
		r.stand(api.ErrFunds)
	} else {
		r.stand(nil)
	}
}

// closeGap renumbers the batches under way if nobody uses the nonces before them for long: they were a former run's, or a node's
// invention. The mutex is held.
func (r *Relay) closeGap() {
	if len(r.batches) == 0 || r.batches[0].nonce == r.standing.nonce {
		r.gapSince = time.Time{}
		return
	}
	now := r.config.Now()
	if r.gapSince.IsZero() {
		r.gapSince = now
	}
	if now.Sub(r.gapSince) < r.config.GapAfter {
		return
	}
	r.config.Log.Warn("nonces before the relay's are used by nobody; taking them", "from", r.standing.nonce, "to", r.batches[0].nonce)
	r.next = r.standing.nonce
	for _, b := range r.batches {
		b.nonce, b.death, b.sent = r.next, 0, time.Time{} // signed and handed in again at once
		r.next++
	}
	r.gapSince = time.Time{}
}
