package app

import (
	"context"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// DefaultProposalTime keeps blocks short under load: what waits longer gains less throughput than it costs latency.
const DefaultProposalTime = 150 * time.Millisecond

// DefaultIdleWait is longer than a worker and a wallet take to answer a block, and too short for anybody to miss an empty one.
const DefaultIdleWait = 20 * time.Millisecond

const (
	// maxProposalCount bounds the transactions of one proposal.
	maxProposalCount = 20_000
	// maxExhausted is after how many transactions without room in a row a block counts as full.
	maxExhausted = 32
	// maxAttempts is how often a proposal is begun: anew without a transaction on which the runtime panicked, and at last without any.
	maxAttempts = 4
)

// PrepareProposal executes candidates of the pool and proposes those that apply, behind the claim of what they make. CometBFT's
// own candidates are not looked at: its mempool holds nothing but the doorbell.
func (a *App) PrepareProposal(_ context.Context, request *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	height, timestamp := uint64(request.Height), milliseconds(request.Time)
	a.results.prepared = nil
	candidates := a.candidates(int(request.MaxTxBytes)-claimRoom, timestamp)
	for attempt := range maxAttempts {
		if attempt == maxAttempts-1 {
			candidates = nil // a heartbeat that is due is a block all the same
		}
		prepared, fault, err := a.prepare(height, timestamp, candidates)
		if err == nil {
			a.results.prepared = prepared
			return &abci.ResponsePrepareProposal{Txs: prepared.proposed}, nil
		}
		a.log.Error("proposal abandoned", "height", height, "error", err)
		if fault != nil {
			a.pool.Reject(fault.Hash)
			candidates = without(candidates, fault)
		}
	}
	return &abci.ResponsePrepareProposal{}, nil // a valid block, unless a heartbeat is due
}

// candidates selects what to propose. If there is nothing, CometBFT wants this block only to prove what the last one made, which
// its claim has done already: nobody waits for it, while what the last block caused, such as a worker's commit, is likely
// on its way. So it waits a moment, which saves what comes the whole time that an empty block takes.
func (a *App) candidates(maxBytes int, timestamp uint64) []*mempool.Transaction {
	candidates := a.pool.Select(maxBytes, maxProposalCount)
	if len(candidates) > 0 || a.options.Ready == nil || a.heartbeatDue(timestamp) {
		return candidates
	}
	timer := time.NewTimer(a.options.IdleWait)
	defer timer.Stop()
	for len(candidates) == 0 {
		select {
		case <-a.options.Ready:
			candidates = a.pool.Select(maxBytes, maxProposalCount)
		case <-timer.C:
			return nil
		}
	}
	return candidates
}

// prepare makes a proposal of what applies. fault is the transaction on which execution broke off, if it was one.
func (a *App) prepare(height, timestamp uint64, candidates []*mempool.Transaction) (*result, *mempool.Transaction, error) {
	done := &result{height: height, timestamp: timestamp}
	if len(candidates) == 0 && !a.heartbeatDue(timestamp) {
		return done, nil, nil
	}
	a.at(StepSelected, height)
	a.executions++
	builder, err := a.chain.Build(height, timestamp)
	if err != nil {
		return nil, nil, err
	}
	p := proposal{app: a, builder: builder, result: done,
		until: a.options.Now().Add(a.options.ProposalTime), stuck: map[scale.AccountID]bool{}}
	for i, candidate := range candidates {
		if i%16 == 0 && a.options.Now().After(p.until) || p.exhausted >= maxExhausted {
			break
		}
		if err := p.try(candidate); err != nil {
			return nil, candidate, err
		}
	}
	if len(p.transactions) == 0 && !a.heartbeatDue(timestamp) {
		return done, nil, nil // nothing applied: no block
	}
	if done.built, err = builder.Finish(); err != nil {
		return nil, nil, err
	}
	done.proposed = withClaim(done.built, p.transactions)
	a.at(StepProposed, height)
	return done, nil, nil
}

// proposal is one in the making.
type proposal struct {
	app       *App
	builder   *chain.Builder
	result    *result
	until     time.Time
	stuck     map[scale.AccountID]bool // senders of which one was left out: those behind it cannot apply
	exhausted int

	transactions [][]byte // that applied
}

// try executes one candidate. What is invalid leaves the pool; what finds no room, or comes too early, stays.
func (p *proposal) try(t *mempool.Transaction) error {
	if t.Signed && p.stuck[t.Sender] {
		return nil
	}
	invalid, err := p.builder.Apply(t.Bytes)
	if err != nil {
		return err
	}
	if invalid == nil {
		p.transactions = append(p.transactions, t.Bytes)
		p.result.included = append(p.result.included, t.Hash)
		p.exhausted = 0
		return nil
	}
	if t.Signed {
		p.stuck[t.Sender] = true
	}
	p.leaveOut(t, invalid)
	return nil
}

// leaveOut decides what becomes of a candidate that does not apply. It must not be offered for ever without a block
// getting fuller, or empty blocks would follow each other without end.
func (p *proposal) leaveOut(t *mempool.Transaction, invalid *frame.TransactionValidityError) {
	switch {
	case invalid == frame.InvalidExhausts && len(p.transactions) > 0:
		p.exhausted++ // the next block has room
	case t.Signed && (invalid == frame.InvalidFuture || invalid == frame.InvalidStale):
		p.app.pool.Refresh(t.Sender)
	case !t.Signed && invalid == frame.InvalidFuture && p.app.pool.Follows(t.Hash):
		// What it requires did not apply, or does not suffice: too few votes. It waits for the next block. What comes
		// first of all requires nothing, so that a block in which nothing applies leaves less to offer.
	case !t.Signed && len(p.transactions) > 0:
		p.app.pool.Withdraw(t.Hash) // what came before it in this block made it stale, for example
	default:
		p.app.log.Debug("transaction left out of the block", "hash", t.Hash, "reason", invalid)
		p.app.pool.Reject(t.Hash)
	}
}

func without(all []*mempool.Transaction, one *mempool.Transaction) []*mempool.Transaction {
	rest := make([]*mempool.Transaction, 0, len(all))
	for _, t := range all {
		if t != one {
			rest = append(rest, t)
		}
	}
	return rest
}

// milliseconds is a block's time since 1970.
func milliseconds(t time.Time) uint64 { return uint64(max(0, t.UnixMilli())) }
