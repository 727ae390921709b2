package node

import (
	"context"
	"log/slog"
	"time"
)

// awaitGenesis waits until the network begins, and says so. CometBFT would wait without a word, and not be stopped: a machine whose
// clock is late would seem to hang.
func awaitGenesis(ctx context.Context, begins time.Time, log *slog.Logger) error {
	wait := time.Until(begins)
	if wait <= 0 {
		return nil
	}
	log.Warn("the network begins in the future by this machine's clock; the node waits (if the network runs already, correct the clock)",
		"begins", begins.UTC().Format(time.RFC3339), "wait", wait.Round(time.Second).String())
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
