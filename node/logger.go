package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/cometbft/cometbft/libs/log"
)

// cometLogger gives CometBFT's log lines to slog. CometBFT tells each step of consensus at level info, which is noise to
// an operator: its info is debug here. While the node stops, its warnings and errors are debug too: its parts complain
// about each other's end.
type cometLogger struct {
	log      *slog.Logger
	stopping *atomic.Bool
	failed   func(message string, pairs []any) // told of every error; nil: nobody
}

var _ log.Logger = cometLogger{}

// Debug is dropped: CometBFT formats large values for it.
func (l cometLogger) Debug(string, ...any) {}

// Info logs at level debug.
func (l cometLogger) Info(message string, pairs ...any) { l.write(slog.LevelDebug, message, pairs) }

// Warn logs a warning.
func (l cometLogger) Warn(message string, pairs ...any) { l.write(slog.LevelWarn, message, pairs) }

// Error logs an error.
func (l cometLogger) Error(message string, pairs ...any) {
	l.write(slog.LevelError, message, pairs)
	if l.failed != nil {
		l.failed(message, pairs)
	}
}

// With adds pairs to every line.
func (l cometLogger) With(pairs ...any) log.Logger {
	return cometLogger{log: l.log.With(lazy(pairs)...), stopping: l.stopping, failed: l.failed}
}

func (l cometLogger) write(level slog.Level, message string, pairs []any) {
	if l.stopping.Load() {
		level = slog.LevelDebug
	}
	if l.log.Enabled(context.Background(), level) {
		l.log.Log(context.Background(), level, message, lazy(pairs)...)
	}
}

// lazy makes values that can describe themselves do so only when a line is written.
func lazy(pairs []any) []any {
	out := make([]any, len(pairs))
	for i, value := range pairs {
		if stringer, ok := value.(fmt.Stringer); ok && i%2 == 1 {
			out[i] = lazyValue{stringer}
		} else {
			out[i] = value
		}
	}
	return out
}

type lazyValue struct{ fmt.Stringer }

// LogValue writes the value as text.
func (v lazyValue) LogValue() slog.Value { return slog.StringValue(v.String()) }
