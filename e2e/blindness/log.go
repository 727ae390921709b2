package blindness

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// Logs keeps what a part logs, from debug on: the text, to be searched for secrets, and
// message and names of attributes, to be compared.
type Logs struct {
	mutex sync.Mutex
	raw   bytes.Buffer
	lines []string
}

// Logger logs into l.
func (l *Logs) Logger() *slog.Logger { return slog.New(&handler{logs: l}) }

// Mark forgets the lines so far.
func (l *Logs) Mark() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.lines = nil
}

// Lines are the lines since Mark.
func (l *Logs) Lines() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.lines)
}

// Raw is everything that was ever logged.
func (l *Logs) Raw() []byte {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return bytes.Clone(l.raw.Bytes())
}

type handler struct {
	logs  *Logs
	attrs []slog.Attr
}

func (h *handler) Enabled(context.Context, slog.Level) bool { return true }

func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	h.logs.mutex.Lock()
	defer h.logs.mutex.Unlock()
	if err := slog.NewTextHandler(&h.logs.raw, &slog.HandlerOptions{Level: slog.LevelDebug}).WithAttrs(h.attrs).Handle(ctx, record); err != nil {
		return err
	}
	var names []string
	for _, attr := range h.attrs {
		names = append(names, attr.Key)
	}
	record.Attrs(func(attr slog.Attr) bool { names = append(names, attr.Key); return true })
	slices.Sort(names)
	h.logs.lines = append(h.logs.lines, record.Level.String()+" "+record.Message+" "+strings.Join(names, ","))
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{logs: h.logs, attrs: append(slices.Clone(h.attrs), attrs...)}
}

func (h *handler) WithGroup(string) slog.Handler { return h }
