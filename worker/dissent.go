package worker

import (
	"context"
	"errors"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

const (
	dissentAttempts = 3
	dissentPause    = time.Second
)

// dissent hands in this worker's vote against a commit that the chain has accepted: the
// others must not pay out on it before somebody has looked. The chain then halts commits
// and names this worker, which stops: its state is in doubt as well. A worker that never
// agreed with the chain was set up wrongly, and says so in its log alone.
func (w *Worker) dissent(ctx context.Context, err error) {
	var own *dissent
	if !errors.As(err, &own) || !own.agreed {
		return
	}
	w.metrics.setReady(false)
	w.caughtUp.Store(false) // nothing is answered any more
	const name = "the vote against an accepted commit"
	for range dissentAttempts {
		call, err := wire.CallCommit(&own.commit, []wire.Vote{w.vote(own.commit.Digest())})
		if err = w.submitBare(ctx, name, call, err); err == nil {
			w.config.Log.Error("voted against the commit that the chain has accepted", "checkpoint", own.commit.Checkpoint)
			return
		}
		w.config.Log.Warn("the vote was not taken", "error", err)
		select {
		case <-time.After(dissentPause):
		case <-ctx.Done():
			return
		}
	}
}
