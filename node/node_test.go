package node

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// testConfig is a development node's in a folder; BITCLOAK_TEST_LOG shows its log.
func testConfig(t testing.TB, dir string) Config {
	t.Helper()
	spec, err := DevelopmentSpec(dir)
	if err != nil {
		t.Fatal(err)
	}
	config := Config{Spec: spec, DataDir: dir, CacheBytes: 16 << 20}
	config.RPC.Address = "127.0.0.1:0"
	config.Log = testLog()
	return config
}

// testLog is what BITCLOAK_TEST_LOG shows.
func testLog() *slog.Logger {
	if os.Getenv("BITCLOAK_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
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

// dial connects to a node over WebSocket.
func dial(t testing.TB, n *Node) *rpc.Client {
	t.Helper()
	client, err := rpc.Dial(context.Background(), "ws://"+n.RPCAddress(), rpc.Options{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// call gives a method's result.
func call[T any](t testing.TB, client *rpc.Client, method string, params ...any) (result T) {
	t.Helper()
	if err := client.Call(context.Background(), method, params, &result); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return result
}

// callError gives the code and text with which a method is refused.
func callError(t testing.TB, client *rpc.Client, method string, params ...any) (int, string) {
	t.Helper()
	var refused *rpc.Error
	if err := client.Call(context.Background(), method, params, nil); !errors.As(err, &refused) {
		t.Fatalf("%s%v is not refused: %v", method, params, err)
	}
	return refused.Code, refused.Message + " " + string(refused.Data)
}

// include submits a transaction and waits until its block is final. In a network a missing proposer costs seconds.
func include(t testing.TB, n *Node, transaction []byte) scale.Hash {
	t.Helper()
	_, watcher, err := n.Pool().SubmitAndWatch(mempool.SourceLocal, transaction)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		status, ok := watcher.Next(ctx)
		switch {
		case !ok || status.Kind > mempool.StatusFinalized:
			t.Fatalf("not included: %+v %v", status, ok)
		case status.Kind == mempool.StatusFinalized:
			return status.Block
		}
	}
}

// An idle chain makes one heartbeat a second and what proves it, and rests in between.
func TestIdleNodeRests(t *testing.T) {
	n := startNode(t, testConfig(t, t.TempDir()))
	time.Sleep(1500 * time.Millisecond)
	before := n.Chain().Head()
	const seconds = 3
	time.Sleep(seconds * time.Second)
	after := n.Chain().Head()
	if heights := after.Height - before.Height; heights > 4*seconds {
		t.Errorf("%d CometBFT blocks in %d idle seconds", heights, seconds)
	}
	if blocks := after.Number - before.Number; blocks == 0 || blocks > seconds+1 {
		t.Errorf("%d heartbeats in %d idle seconds", blocks, seconds)
	}
	if lag := time.Since(time.UnixMilli(int64(after.Timestamp))); lag > 2*time.Second {
		t.Errorf("the latest block's time is %v ago", lag)
	}
}

// A lone transaction does not wait for the heartbeat.
func TestLatency(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, 1)
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	n := startNode(t, config)
	c.join(n)
	const transfers = 20
	began := time.Now()
	for nonce := range uint32(transfers) {
		include(t, n, c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
	}
	each := time.Since(began) / transfers
	t.Logf("%v from submission to finality", each)
	if each > 500*time.Millisecond {
		t.Errorf("a transfer takes %v to finality: consensus is not woken", each)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, 2)
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	n := startNode(t, config)
	c.join(n)
	to := c.pairs[1].AccountID()
	block := include(t, n, c.sign(t, 0, 0, transferCall(to, cloak)))
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	before := headOf(t, dir)
	n = startNode(t, config)
	if got := n.Chain().Head(); got.Number < before.Number || got.Height < before.Height {
		t.Errorf("head %+v after the restart, %+v before", got, before)
	}
	if hash, err := n.Chain().Store().HashAt(before.Number); err != nil || hash != before.Hash {
		t.Errorf("block %d is %v, was %v", before.Number, hash, before.Hash)
	}
	if body, err := n.Chain().Store().Body(block); err != nil || len(body) != 2 {
		t.Errorf("the block's body: %d extrinsics, %v", len(body), err)
	}
	include(t, n, c.sign(t, 0, 1, transferCall(to, cloak)))
}

func headOf(t *testing.T, dir string) store.Head {
	t.Helper()
	s, err := store.Open(filepath.Join(dir, "chain"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	head, ok := s.Head()
	if !ok {
		t.Fatal("no head")
	}
	return head
}

// A store that is behind CometBFT, by a crash or even wholly lost, is filled again from CometBFT's blocks.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, 1)
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	n := startNode(t, config)
	c.join(n)
	for nonce := range uint32(3) {
		include(t, n, c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	before := headOf(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "chain")); err != nil {
		t.Fatal(err)
	}
	n = startNode(t, config)
	if hash, err := n.Chain().Store().HashAt(before.Number); err != nil || hash != before.Hash {
		t.Errorf("block %d is %v (%v), was %v", before.Number, hash, err, before.Hash)
	}
	include(t, n, c.sign(t, 0, 3, transferCall(scale.AccountID{1}, cloak)))
}

func TestDataDirIsLocked(t *testing.T) {
	dir := t.TempDir()
	config := testConfig(t, dir)
	startNode(t, config)
	if _, err := Start(context.Background(), config); !errors.Is(err, ErrDataDirInUse) {
		t.Errorf("a second node on the folder: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	config := testConfig(t, dir)
	start := func(config Config) error {
		n, err := Start(context.Background(), config)
		if err == nil {
			_ = n.Close()
		}
		return err
	}
	if err := start(Config{}); !errors.Is(err, ErrConfig) {
		t.Errorf("an empty configuration: %v", err)
	}
	simulated := *config.Spec
	simulated.ChainType = chainspec.Live
	live := config
	live.Spec = &simulated
	if err := start(live); !errors.Is(err, chainspec.ErrSimulated) {
		t.Errorf("simulated attestation on a live chain: %v", err)
	}
	taken := startNode(t, testConfig(t, t.TempDir()))
	busy := config
	busy.RPC.Address = taken.RPCAddress()
	if err := start(busy); err == nil || !strings.Contains(err.Error(), "--rpc") {
		t.Errorf("a port in use: %v", err)
	}
	if err := start(config); err != nil {
		t.Fatalf("after refusals the folder is still usable: %v", err)
	}
	other := testConfig(t, t.TempDir())
	foreign := config
	foreign.Spec = other.Spec
	if err := start(foreign); !errors.Is(err, store.ErrGenesis) {
		t.Errorf("another chain's spec: %v", err)
	}
	key := filepath.Join(dir, cometFolder, validatorKeyFile)
	state := filepath.Join(dir, cometFolder, validatorStateFile)
	if err := os.WriteFile(state, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := start(config); !errors.Is(err, ErrValidatorState) {
		t.Errorf("a damaged file of what was signed: %v", err)
	}
	if err := os.WriteFile(key, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := start(config); !errors.Is(err, ErrValidatorKey) {
		t.Errorf("a damaged key: %v", err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if err := start(config); !errors.Is(err, ErrValidatorKey) {
		t.Errorf("a key lost: %v", err)
	}
}

func TestDevelopmentSpecIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := DevelopmentSpec(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := DevelopmentSpec(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := first.JSON()
	b, _ := second.JSON()
	if string(a) != string(b) {
		t.Error("a second start makes another network")
	}
}

func TestMetrics(t *testing.T) {
	config := testConfig(t, t.TempDir())
	config.Metrics.Address = "127.0.0.1:0"
	n := startNode(t, config)
	client := dial(t, n)
	call[string](t, client, "system_name")
	callError(t, client, "no_such_method")
	answer, err := http.Get("http://" + n.MetricsAddress() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text := new(strings.Builder)
	if _, err := io.Copy(text, answer.Body); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"bitcloak_block_best ", "bitcloak_pool_signed 0", `bitcloak_rpc_call_seconds_count{method="system_name"} 1`,
		`bitcloak_rpc_errors_total{code="-32601",method="unknown"} 1`, "bitcloak_rpc_connections 1", "bitcloak_database_bytes", "bitcloak_height "} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the metrics do not show %s", want)
		}
	}
	if startNode(t, testConfig(t, t.TempDir())).MetricsAddress() != "" {
		t.Error("metrics are served unasked")
	}
}

func TestCloseTwice(t *testing.T) {
	n := startNode(t, testConfig(t, t.TempDir()))
	dial(t, n)
	for range 2 {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	select {
	case <-n.Halted():
		t.Error("closing counts as a halt")
	default:
	}
}
