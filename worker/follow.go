package worker

import (
	"context"
	"errors"
	"time"

	"github.com/bitcloak/bitcloak/light"
)

// Pauses after a failure to follow.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
)

// follow applies head after head until the context ends or something final
// happens.
func (w *Worker) follow(ctx context.Context) {
	pause := firstPause
	for {
		err := w.step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			pause = firstPause
			continue
		case isFatal(err):
			w.dissent(ctx, err)
			w.stop(err)
			return
		case light.Refused(err):
			w.metrics.refuse(err)
			w.config.Log.Error("refused what the node served", "error", err)
		default:
			w.config.Log.Warn("cannot follow the chain; trying again", "error", err, "pause", pause)
		}
		w.chain.Repeat()
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, lastPause)
	}
}

// step waits for the next head and takes in all that it proves.
func (w *Worker) step(ctx context.Context) error {
	head, err := w.chain.Next(ctx)
	if err != nil {
		return err
	}
	for {
		err := w.inbox.Read(ctx, head, w.apply)
		if err != nil && !errors.Is(err, errBacklog) {
			return err
		}
		if stateErr := w.takeState(ctx, head); stateErr != nil {
			return stateErr
		}
		if err == nil {
			w.markCaughtUp()
			return nil
		}
		if w.commits.full() { // the chain has accepted nothing meanwhile
			return err
		}
	}
}

// takeState proves the chain's own state at head and compares its last commit.
func (w *Worker) takeState(ctx context.Context, head light.Head) error {
	s, err := w.readState(ctx, head)
	if err != nil {
		return err
	}
	if s.retired {
		return fatal(ErrRetired)
	}
	if err := w.settle(s); err != nil {
		return fatal(err)
	}
	w.stateMutex.Lock()
	before := w.state
	w.state = s
	w.stateMutex.Unlock()
	w.metrics.followed(s, w.commits.length())
	if s.halted && (before == nil || !before.halted) {
		w.config.Log.Error("a discrepancy has halted commits; governance must resolve it (Confidential.Discrepancy)")
	}
	w.wakeDuties()
	return nil
}

// settle compares what the chain has committed with what was computed here.
func (w *Worker) settle(s *chainState) error {
	if err := w.checkKeys(s); err != nil {
		return err
	}
	if err := w.commits.settle(s.last); err != nil {
		return err
	}
	last, ok := w.contract.Last()
	if !ok || !s.last.Some || last.Checkpoint != s.last.Value.Checkpoint {
		return nil
	}
	if last.LastCommit != s.last.Value {
		return ErrDiscrepancy
	}
	w.commits.agree()
	return nil
}

// markCaughtUp lets queries in once everything up to a newest head is applied.
func (w *Worker) markCaughtUp() {
	if w.caughtUp.CompareAndSwap(false, true) {
		w.metrics.setReady(true)
		w.config.Log.Info("caught up with the chain", "block", w.chainHead().Number)
		close(w.ready)
	}
}

// chainEpoch is the chain's epoch as last proven.
func (w *Worker) chainEpoch() uint32 {
	w.stateMutex.Lock()
	defer w.stateMutex.Unlock()
	if w.state == nil {
		return 0
	}
	return w.state.epoch
}

func (w *Worker) chainHead() light.BlockID {
	if s := w.lastState(); s != nil {
		return s.head.BlockID
	}
	return light.BlockID{}
}

// lastState is the chain's state as last proven, nil before the first.
func (w *Worker) lastState() *chainState {
	w.stateMutex.Lock()
	defer w.stateMutex.Unlock()
	return w.state
}
