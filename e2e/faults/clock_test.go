package faults

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// clock is one that is wrong by an amount that changes.
type clock struct{ wrong atomic.Int64 }

func (c *clock) set(wrong time.Duration) { c.wrong.Store(int64(wrong)) }
func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.wrong.Load())) }

// clockedWorker runs a worker in this process, by a clock that can be set, beside a node that is a process of its own.
type clockedWorker struct {
	*site
	clock clock
	said  output
}

func (c *clockedWorker) start() (*worker.Worker, error) {
	c.t.Helper()
	backend := must[*simulated.Backend](c.t, "backend")(simulated.New(0, filepath.Join(c.workerFolder(), "secret")))
	operator := must[keys.Pair](c.t, "operator")(keys.DevPair(keys.Sr25519, "Alice"))
	w, err := worker.Start(c.t.Context(), worker.Config{
		Instance: wire.Instance{Genesis: c.genesis}, Node: worker.DialNode("ws://" + c.nodeAt.address()), DataDir: c.workerFolder(),
		Listen: "127.0.0.1:0", Backend: backend, Verifier: simulated.Verifier{}, Operator: operator, SnapshotInterval: 500 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(&c.said, nil)), Registerer: prometheus.NewRegistry(), Now: c.clock.now,
	})
	if err == nil {
		c.workAt.to(w.Address().String())
		c.t.Cleanup(func() { _ = w.Close() })
	}
	return w, err
}

// hears waits until the worker has said something anew.
func (c *clockedWorker) hears(text string) {
	c.t.Helper()
	before := strings.Count(c.said.String(), text)
	until(c.t, text, func() bool { return strings.Count(c.said.String(), text) > before })
}

// TestClocks: a worker and a wallet whose clocks are wrong refuse what they cannot judge, name the clock, and go on when it is right.
func TestClocks(t *testing.T) {
	s := newSite(t)
	s.startNode()
	a := newAuditor(s)
	c := &clockedWorker{site: s}
	c.clock.set(-time.Hour) // everything lies in the future
	if _, err := c.start(); !errors.Is(err, light.ErrFuture) || !strings.Contains(err.Error(), "check this machine's clock") {
		t.Fatalf("an hour behind, the worker starts with %v", err)
	}
	c.clock.set(0)
	w := must[*worker.Worker](t, "worker")(c.start())
	tr := s.crowd(rand.New(rand.NewPCG(9, 9)), "Bob")[0]
	goesOn := func() {
		t.Helper()
		s.goOnBeside(a, w)
	}
	goesOn()
	c.clock.set(time.Hour) // within the trusting period: heads are old, and still proven
	goesOn()

	c.clock.set(-time.Hour)
	c.hears(light.ErrFuture.Error())
	standing := a.chain.View().Commit
	time.Sleep(4 * heartbeat * time.Millisecond)
	if now := a.chain.View().Commit; now.Value.Checkpoint > standing.Value.Checkpoint+2 { // what was under way
		t.Errorf("a worker an hour behind went on from checkpoint %d to %d", standing.Value.Checkpoint, now.Value.Checkpoint)
	}
	c.clock.set(0)
	goesOn()

	c.clock.set(light.DefaultTrustingPeriod + time.Hour)
	select {
	case <-w.Done():
	case <-time.After(patience):
		t.Fatal("a worker goes on far outside the trusting period")
	}
	if err := w.Err(); !errors.Is(err, light.ErrTrustExpired) {
		t.Errorf("outside the trusting period the worker ends with %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.start(); !errors.Is(err, light.ErrTrustExpired) {
		t.Errorf("outside the trusting period the worker starts with %v", err)
	}
	c.clock.set(0)
	w = must[*worker.Worker](t, "worker")(c.start())
	goesOn()
	clockedWallet(t, s)
	s.node.signal(t, terminate)
	s.node.wait(t, closeTime)
	s.startNode()
	goesOn()
	tr.start()
	time.Sleep(300 * time.Millisecond)
	s.finish(a, []*trader{tr})
}

// goOnBeside is goOnFrom now, with a worker in this process.
func (s *site) goOnBeside(a *auditor, w *worker.Worker) {
	s.t.Helper()
	before := a.chain.View()
	until(s.t, "commits to go on", func() bool {
		if err := w.Err(); err != nil {
			s.t.Fatalf("the worker ended: %v", err)
		}
		view := a.chain.View()
		return view.Commit.Some && view.Commit.Value.Number > before.Head.Number
	})
}

// clockedWallet looks at the network by clocks that are wrong.
func clockedWallet(t *testing.T, s *site) {
	t.Helper()
	var c clock
	connect := func() (*chain.Client, error) {
		node := chain.DialRPC("ws://" + s.nodeAt.address())
		t.Cleanup(func() { _ = node.Close() })
		return chain.Connect(t.Context(), node, chain.Config{Genesis: s.genesis, Now: c.now})
	}
	c.set(-time.Hour)
	_, err := connect()
	if _, remedy := wallet.Explain(err); !errors.Is(err, light.ErrFuture) || !strings.Contains(remedy, "clock") {
		t.Errorf("an hour behind, the wallet says %v, remedy %q", err, remedy)
	}
	c.set(0)
	client := must[*chain.Client](t, "wallet")(connect())
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := client.Fresh(ctx); err != nil {
		t.Errorf("by the right clock: %v", err)
	}
	c.set(time.Hour)
	_, err = client.Fresh(ctx)
	if cause, remedy := wallet.Explain(err); !errors.Is(err, chain.ErrStaleHead) || !strings.Contains(cause+remedy, "clock") {
		t.Errorf("an hour ahead, the wallet says %v, remedy %q", err, remedy)
	}
	c.set(0)
	if _, err := client.Fresh(ctx); err != nil {
		t.Errorf("by the right clock again: %v", err)
	}
	c.set(-time.Hour)
	if _, err := client.Wait(ctx, func(*chain.View) bool { return false }); !errors.Is(err, light.ErrFuture) {
		t.Errorf("set back by an hour, the wallet says %v", err)
	}
}
