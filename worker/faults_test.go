package worker_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// TestSimulatedHardwareNeedsADevelopmentChain: on a chain that takes no simulated
// evidence, a simulated worker does not start, and makes no keys.
func TestSimulatedHardwareNeedsADevelopmentChain(t *testing.T) {
	n := newNetwork(t, func(n *network) { n.Delete(item("SimulatedVendor")) })
	s := newSite(t, n)
	if _, err := s.tryStart(t); !errors.Is(err, attest.ErrSimulated) {
		t.Errorf("start: %v", err)
	}
}

func TestHardwareMustBeAllowed(t *testing.T) {
	platform, err := simulated.DevelopmentPlatform(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		list    string
		subject [32]byte
		want    error
	}{
		{"AllowedMeasurements", simulated.DevelopmentMeasurement, attest.ErrMeasurement},
		{"AllowedPlatforms", platform, attest.ErrPlatform},
	} {
		n := newNetwork(t, func(n *network) { n.Delete(append(item(test.list), test.subject[:]...)) })
		if _, err := newSite(t, n).tryStart(t); !errors.Is(err, test.want) {
			t.Errorf("without %s: %v", test.list, err)
		}
	}
}

func TestConfigMustBeComplete(t *testing.T) {
	n := newNetwork(t, nil)
	for name, change := range map[string]func(*worker.Config){
		"no genesis":  func(c *worker.Config) { c.Instance.Genesis = wire.Hash{} },
		"no node":     func(c *worker.Config) { c.Node = nil },
		"no folder":   func(c *worker.Config) { c.DataDir = "" },
		"no verifier": func(c *worker.Config) { c.Verifier = nil },
	} {
		s := newSite(t, n)
		change(&s.config)
		if _, err := s.tryStart(t); !errors.Is(err, worker.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := newSite(t, n)
	s.config.Instance.Genesis[0] ^= 1
	if _, err := s.tryStart(t); err == nil {
		t.Error("started on another genesis")
	}
}

// stopped waits until the worker stops by itself and gives the reason.
func stopped(t *testing.T, s *site, w *worker.Worker, do func()) error {
	t.Helper()
	until(t, "the worker to stop", s.log, do, func() bool { return w.Err() != nil })
	<-w.Done()
	return w.Err()
}

// TestDiscrepancyStopsTheWorker: a chain that has committed another state root
// stops the worker, which answers nothing more.
func TestDiscrepancyStopsTheWorker(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, _ := opened(t, s)
	s.commitAll(t, w)
	n.mutex.Lock()
	forged := n.last.Value
	forged.StateRoot[7] ^= 1
	n.Set(wire.StorageLastCommit(), wire.LastCommitCodec.Marshal(forged))
	n.mutex.Unlock()
	n.Block()
	if err := stopped(t, s, w, nil); !errors.Is(err, worker.ErrDiscrepancy) {
		t.Errorf("stopped with %v", err)
	}
	request, _, err := a.key().Query(a.account(), a.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := postQuery(t, w, request); status != 503 {
		t.Errorf("a stopped worker answers %d %s", status, body)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := stopped(t, s, s.start(t), nil); !errors.Is(err, worker.ErrDiscrepancy) {
		t.Errorf("started again, it stopped with %v", err)
	}
}

// TestDissent: a worker that finds that the chain has accepted another commit than its own
// votes against it, or the others' could pay out unseen; one that never agreed with the
// chain was set up wrongly, and keeps still.
func TestDissent(t *testing.T) {
	for name, agreed := range map[string]bool{"after it had agreed": true, "from the start": false} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, nil)
			s := newSite(t, n)
			forge := func(commit *wire.Commit) { commit.StateRoot[7] ^= 1 }
			if !agreed {
				n.forge = forge
			}
			w := s.start(t)
			if agreed {
				opened(t, s)
				s.commitAll(t, w)
				n.mutex.Lock()
				n.forge = forge
				n.mutex.Unlock()
				n.produce(n.deposit(scale.AccountID{1}, 1, 5))
			}
			if err := stopped(t, s, w, func() { n.produce() }); !errors.Is(err, worker.ErrDiscrepancy) {
				t.Errorf("stopped with %v", err)
			}
			n.mutex.Lock()
			defer n.mutex.Unlock()
			if voted := len(n.against) > 0 && n.against[0].Checkpoint == n.last.Value.Checkpoint; voted != agreed {
				t.Errorf("votes against what the chain has accepted: %+v", n.against)
			}
		})
	}
}

// TestHaltIsWaitedOut: while a discrepancy halts commits, the worker follows and answers;
// once it is resolved it votes again, by itself and without delay.
func TestHaltIsWaitedOut(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, _ := opened(t, s)
	s.commitAll(t, w)
	n.Set(wire.StorageDiscrepancy(), []byte{1})
	n.produce()
	until(t, "the halt", s.log, nil, func() bool { return s.log.has("a discrepancy has halted commits") })
	before, _ := n.committed()
	for range 20 {
		n.produce(n.deposit(a.account(), 1, 1_000))
		time.Sleep(20 * time.Millisecond)
	}
	until(t, "the checkpoints", s.log, nil, func() bool { return w.Status().Checkpoint.Index+1 == n.checkpoints() })
	if after, _ := n.committed(); after != before {
		t.Errorf("a commit was handed in while commits are halted: checkpoint %d", after.Checkpoint)
	}
	if available, _ := balance(a.query(w, wire.Query{Kind: wire.QueryBalances}), 1); available != 50_000_000+20*1_000 {
		t.Errorf("while commits are halted Alice has %d", available)
	}
	n.Delete(wire.StorageDiscrepancy())
	s.commitAll(t, w)
}

// TestReplayFindsADiscrepancy: a worker that replays from the first checkpoint
// meets the other root when it comes to the chain's last commit.
func TestReplayFindsADiscrepancy(t *testing.T) {
	n := newNetwork(t, nil)
	n.produce(n.deposit(scale.AccountID{1}, 1, 5))
	n.produce(n.deposit(scale.AccountID{1}, 1, 5))
	bodies, err := n.Chain.Checkpoints(t.Context(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	forged := wire.LastCommit{Checkpoint: 1, Number: bodies[0].Number, BlockHash: bodies[0].Hash, StateRoot: wire.Hash{1}}
	n.Set(wire.StorageLastCommit(), wire.LastCommitCodec.Marshal(forged))
	n.Block()
	s := newSite(t, n)
	if err := stopped(t, s, s.start(t), nil); !errors.Is(err, worker.ErrDiscrepancy) {
		t.Errorf("stopped with %v", err)
	}
}

// TestForeignContractKey: wallets would seal to a key that this worker lacks.
func TestForeignContractKey(t *testing.T) {
	n := newNetwork(t, nil)
	keyring, err := seal.NewKeyring(n.instance, 0, seal.NewSeed())
	if err != nil {
		t.Fatal(err)
	}
	key, err := keyring.Public(0)
	if err != nil {
		t.Fatal(err)
	}
	n.Set(wire.StorageContractKey(0), scale.Bytes(wire.PublicKeySize).Marshal(key.Public[:]))
	n.Block()
	if _, err := newSite(t, n).tryStart(t); !errors.Is(err, worker.ErrForeignKeys) {
		t.Errorf("start: %v", err)
	}
}

// TestProvisionedSeed: workers that share a seed make the same commits (I5).
func TestProvisionedSeed(t *testing.T) {
	n := newNetwork(t, func(n *network) { n.allow(1) })
	seed := seal.Seed{1, 2, 3}
	one, two := newSite(t, n), newSite(t, n)
	one.config.Seed, two.config.Seed = &seed, &seed
	w := one.start(t)
	opened(t, one)
	one.commitAll(t, w)
	second := two.start(t)
	ready(t, two, second)
	if a, b := w.Status(), second.Status(); a.Checkpoint == nil || b.Checkpoint == nil || a.Checkpoint.StateRoot != b.Checkpoint.StateRoot || a.Worker == b.Worker {
		t.Errorf("one worker is at %+v, the other at %+v", a.Checkpoint, b.Checkpoint)
	}
}

// TestLyingNode: whatever a node makes of the inbox, the worker refuses it with a
// named error, applies nothing of it, and goes on when the truth is served.
func TestLyingNode(t *testing.T) {
	deposits := func(bodies []light.Body) *light.Body { // the checkpoint of the three deposits
		for i := range bodies {
			if len(bodies[i].Messages) == 4 {
				bodies[i].Messages = slices.Clone(bodies[i].Messages)
				return &bodies[i]
			}
		}
		return nil
	}
	for _, lie := range []struct {
		name  string
		label string
		alter func(b *light.Body)
	}{
		{"an altered message", "inbox_hash", func(b *light.Body) {
			m := slices.Clone(b.Messages[1])
			m[60] ^= 1
			b.Messages[1] = m
		}},
		{"a dropped message", "inbox_count", func(b *light.Body) { b.Messages = b.Messages[:3] }},
		{"a repeated message", "inbox_count", func(b *light.Body) { b.Messages = append(b.Messages, b.Messages[3]) }},
		{"reordered messages", "inbox_hash", func(b *light.Body) { b.Messages[1], b.Messages[2] = b.Messages[2], b.Messages[1] }},
		{"another block", "checkpoint", func(b *light.Body) { b.Hash[0] ^= 1 }},
	} {
		t.Run(lie.name, func(t *testing.T) {
			n := newNetwork(t, nil)
			s := newSite(t, n)
			registry := prometheus.NewRegistry()
			s.config.Registerer = registry
			w := s.start(t)
			ready(t, s, w)
			before := w.Status().Checkpoint
			n.mutex.Lock()
			n.alter = func(bodies []light.Body) []light.Body {
				if b := deposits(bodies); b != nil {
					lie.alter(b)
				}
				return bodies
			}
			n.mutex.Unlock()
			n.produce(n.deposit(scale.AccountID{1}, 1, 5), n.deposit(scale.AccountID{2}, 1, 6), n.deposit(scale.AccountID{3}, 1, 7))
			until(t, "the refusal", s.log, nil, func() bool {
				return refusals(t, registry, lie.label) > 0
			})
			if after := w.Status().Checkpoint; *after != *before {
				t.Errorf("something of the lie was applied: %+v", after)
			}
			n.mutex.Lock()
			n.alter = nil
			n.mutex.Unlock()
			s.commitAll(t, w)
		})
	}
}

// refusals is the counter of one cause.
func refusals(t *testing.T, registry *prometheus.Registry, cause string) (count float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "bitcloak_worker_refused_answers_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == cause {
				count += m.GetCounter().GetValue()
			}
		}
	}
	return count
}
