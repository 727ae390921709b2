package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	// dutyInterval is how often open duties are looked at without news.
	dutyInterval = 500 * time.Millisecond
	// resubmitAfter is when an extrinsic that had no effect yet is sent again.
	resubmitAfter = 3 * time.Second
	// submittedAtOnce is how many commits are offered to the pool: the one that is due
	// and those that may wait for it there.
	submittedAtOnce = 1 + wire.MaxCommitsAhead
	// submitTimeout bounds one submission.
	submitTimeout = 10 * time.Second
)

// duties does what the worker owes the chain: registration, contract keys, commits.
// Everything is tried again until proven state shows that it is done, so a lost or
// repeated submission does no harm.
func (w *Worker) duties(ctx context.Context) {
	ticker := time.NewTicker(dutyInterval)
	defer ticker.Stop()
	sent := sentTimes{}
	for {
		if err := w.doDuties(ctx, sent); err != nil && ctx.Err() == nil {
			w.config.Log.Warn("a duty is still open; trying again", "error", err)
		}
		select {
		case <-w.wake:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// wakeDuties has the duties looked at now.
func (w *Worker) wakeDuties() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// sentTimes remembers when what was submitted, by a name of it.
type sentTimes map[string]time.Time

// due tells whether something was not submitted of late.
func (s sentTimes) due(name string) bool { return time.Since(s[name]) >= resubmitAfter }

// refused notes that something is to be submitted again soon.
func (s sentTimes) refused(name string) {
	s[name] = time.Now().Add(dutyInterval - resubmitAfter)
}

func (w *Worker) doDuties(ctx context.Context, sent sentTimes) error {
	s := w.lastState()
	if s == nil {
		return nil
	}
	if !s.registered {
		return w.register(ctx, s, sent)
	}
	if err := w.announceKeys(ctx, s, sent); err != nil {
		return err
	}
	if s.halted {
		clear(sent) // once it is resolved, everything is voted for anew, without delay
		return nil
	}
	if err := w.submitCommits(ctx, sent); err != nil {
		return err
	}
	return w.announceSnapshot(ctx, s, sent)
}

// submit hands an extrinsic in.
func (w *Worker) submit(ctx context.Context, name string, encoded []byte) error {
	limited, cancel := context.WithTimeout(ctx, submitTimeout)
	defer cancel()
	if err := w.config.Node.Submit(limited, encoded); err != nil {
		w.metrics.submitted("refused")
		return fmt.Errorf("worker: submit %s: %w", name, err)
	}
	w.metrics.submitted("accepted")
	return nil
}

// submitBare hands in a call that carries its own proof.
func (w *Worker) submitBare(ctx context.Context, name string, call []byte, err error) error {
	if err != nil {
		return fmt.Errorf("worker: encode %s: %w", name, err)
	}
	bare := extrinsic.Bare(call)
	encoded, err := bare.Encode()
	if err != nil {
		return fmt.Errorf("worker: encode %s: %w", name, err)
	}
	return w.submit(ctx, name, encoded)
}

// submitCommits offers the oldest commits, all that the pool takes at once: so a
// backlog goes into one block. What the node refuses does not keep the next back: it
// may have it already, or the chain may have accepted it meanwhile. It is offered again
// until proven state shows that it is accepted, without a word in the log.
func (w *Worker) submitCommits(ctx context.Context, sent sentTimes) error {
	for name := range sent {
		if time.Since(sent[name]) > 2*resubmitAfter {
			delete(sent, name)
		}
	}
	for _, s := range w.commits.first(submittedAtOnce) {
		name := fmt.Sprintf("the commit of checkpoint %d", s.Commit.Checkpoint)
		if !sent.due(name) {
			continue
		}
		call, err := wire.CallCommit(&s.Commit, []wire.Vote{s.Vote})
		err = w.submitBare(ctx, name, call, err)
		var refusal *rpc.Error
		switch {
		case err == nil:
			sent[name] = time.Now()
		case errors.As(err, &refusal):
			sent.refused(name)
			w.config.Log.Debug("a commit waits", "error", err)
		default: // the node cannot be reached
			w.config.Log.Debug("commits wait", "error", err)
			return nil
		}
	}
	return nil
}

// announceKeys votes for the contract keys of the current and the next epoch
// where the chain has none.
func (w *Worker) announceKeys(ctx context.Context, s *chainState, sent sentTimes) error {
	for i, known := range s.keys {
		if known != nil {
			continue
		}
		key, err := w.keyring.Public(s.epoch + uint32(i))
		if errors.Is(err, seal.ErrEpoch) {
			return nil // the contract has not applied the epoch's first checkpoint yet
		}
		if err != nil {
			return err
		}
		name := fmt.Sprintf("the contract key of epoch %d", key.Epoch)
		if !sent.due(name) {
			continue
		}
		sent[name] = time.Now()
		call, err := wire.CallAnnounceKey(&key, []wire.Vote{w.vote(key.Digest(w.config.Instance))})
		err = w.submitBare(ctx, name, call, err)
		var refusal *rpc.Error
		if errors.As(err, &refusal) { // the vote is there, and those of others are missing
			w.config.Log.Debug("a contract key waits", "error", err)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkKeys refuses a chain that lists another contract key than this worker's
// seed gives: wallets would seal what it cannot open.
func (w *Worker) checkKeys(s *chainState) error {
	for i, known := range s.keys {
		if known == nil {
			continue
		}
		key, err := w.keyring.Public(s.epoch + uint32(i))
		if err == nil && !bytes.Equal(key.Public[:], known) {
			return fmt.Errorf("%w (epoch %d)", ErrForeignKeys, key.Epoch)
		}
	}
	return nil
}
