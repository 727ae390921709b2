package node

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestTheGenesisIsAwaitedAloud(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	if err := awaitGenesis(t.Context(), time.Now().Add(-time.Second), log); err != nil || said.Len() != 0 {
		t.Errorf("of the past: %v, %s", err, said.String())
	}
	if err := awaitGenesis(t.Context(), time.Now().Add(10*time.Millisecond), log); err != nil {
		t.Errorf("of now: %v", err)
	}
	said.Reset()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := awaitGenesis(ctx, time.Now().Add(time.Hour), log); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(said.String(), "clock") {
		t.Errorf("of the future: %v, %s", err, said.String())
	}
}
