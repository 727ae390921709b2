package node

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"
)

func testConfig(t testing.TB, dir string) Config {
	t.Helper()
	spec, err := DevelopmentSpec(dir)
	if err != nil {
		t.Fatal(err)
	}
	config := Config{Spec: spec, DataDir: dir, CacheBytes: 16 << 20}
	config.RPC.Address = "127.0.0.1:0"
	if os.Getenv("BITCLOAK_TEST_LOG") != "" {
		config.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return config
}

func startNode(t testing.TB, config Config) *Node {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	n, err := Start(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

func TestIdleNodeRests(t *testing.T) {
	n := startNode(t, testConfig(t, t.TempDir()))
	time.Sleep(1500 * time.Millisecond)
	before := n.Chain().Head()
	time.Sleep(4 * time.Second)
	after := n.Chain().Head()
	t.Logf("%+v -> %+v", before, after)
}
