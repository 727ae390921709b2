package worker_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// firstAsked forgets what was asked for, runs do, and gives the lowest checkpoint
// asked for meanwhile.
func (n *network) firstAsked(do func()) (lowest uint64, any bool) {
	n.mutex.Lock()
	n.asked = nil
	n.mutex.Unlock()
	do()
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if len(n.asked) == 0 {
		return 0, false
	}
	return slices.Min(n.asked), true
}

// ready waits until the worker has caught up.
func ready(t testing.TB, s *site, w *worker.Worker) {
	t.Helper()
	select {
	case <-w.Ready():
	case <-w.Done():
		t.Fatalf("the worker stopped: %v\n%s", w.Err(), s.log)
	case <-time.After(patience):
		t.Fatalf("the worker did not catch up\n%s", s.log)
	}
}

// traded runs a worker through some trading and closes it.
func traded(t *testing.T) (*network, *site, *trader) {
	t.Helper()
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, b := opened(t, s)
	n.produce(envelopes(a.place(1, wire.Sell, 100, 30), b.place(1, wire.Buy, 100, 20))...)
	s.commitAll(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return n, s, a
}

// checkTraded checks that a restarted worker goes on from what traded left.
func checkTraded(t *testing.T, n *network, s *site, a *trader, w *worker.Worker) {
	t.Helper()
	ready(t, s, w)
	n.produce(envelopes(a.place(2, wire.Sell, 120, 5))...)
	s.commitAll(t, w)
	if orders := a.query(w, wire.Query{Kind: wire.QueryOrders}).Orders; len(orders) != 2 || orders[0].Remaining != 10 || orders[1].Remaining != 5 {
		t.Errorf("orders after the restart: %+v", orders)
	}
}

// TestRestartResumes: the snapshot of the shutdown is enough.
func TestRestartResumes(t *testing.T) {
	n, s, a := traded(t)
	before := n.checkpoints()
	lowest, any := n.firstAsked(func() { checkTraded(t, n, s, a, s.start(t)) })
	if !any || lowest != before {
		t.Errorf("replayed from checkpoint %d instead of %d", lowest, before)
	}
}

// TestKilled: without a shutdown the worker replays from the last snapshot on, or
// from the first checkpoint, and signs nothing else than before.
func TestKilled(t *testing.T) {
	n, s, a := traded(t)
	for _, name := range []string{"snapshot.0.sealed", "snapshot.1.sealed"} {
		_ = os.Remove(filepath.Join(s.folder, name))
	}
	lowest, any := n.firstAsked(func() { checkTraded(t, n, s, a, s.start(t)) })
	if !any || lowest != 0 {
		t.Errorf("replayed from checkpoint %d instead of the first", lowest)
	}
}

// twoGenerations makes a worker's folder hold two snapshots, of different checkpoints.
func twoGenerations(t *testing.T) (*network, *site, *trader) {
	t.Helper()
	n, s, a := traded(t)
	w := s.start(t)
	ready(t, s, w)
	n.produce(n.deposit(a.account(), 1, 1_000))
	s.commitAll(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"snapshot.0.sealed", "snapshot.1.sealed"} {
		if _, err := os.Stat(filepath.Join(s.folder, name)); err != nil {
			t.Fatalf("no second generation: %v", err)
		}
	}
	return n, s, a
}

// damageFile changes a file's contents.
func damageFile(t *testing.T, s *site, name string, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(s.folder, name)
	contents, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(contents), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedSnapshots: a damaged newest generation is reported and the older one
// used; with both damaged the worker replays from the first checkpoint.
func TestDamagedSnapshots(t *testing.T) {
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 1; return b }
	}
	for _, damage := range []struct {
		name   string
		change func([]byte) []byte
	}{
		{"a flipped bit in the ciphertext", flip(5_000)},
		{"a flipped bit in the magic", flip(0)},
		{"a flipped bit in the checkpoint", flip(60)},
		{"a flipped bit at the end", flip(-1)},
		{"a cut", func(b []byte) []byte { return b[:len(b)/2] }},
		{"nothing left", func([]byte) []byte { return nil }},
	} {
		t.Run(damage.name, func(t *testing.T) {
			n, s, a := twoGenerations(t)
			last := n.checkpoints()
			damageFile(t, s, "snapshot.1.sealed", damage.change) // written last
			w := s.start(t)
			lowest, _ := n.firstAsked(func() { ready(t, s, w) })
			if !s.log.has(worker.ErrSnapshotDamaged.Error()) {
				t.Errorf("the damage was not named:\n%s", s.log)
			}
			if lowest == 0 || lowest >= last {
				t.Errorf("replayed from checkpoint %d of %d", lowest, last)
			}
			checkTraded(t, n, s, a, w)
		})
	}
	t.Run("both", func(t *testing.T) {
		n, s, a := twoGenerations(t)
		damageFile(t, s, "snapshot.0.sealed", flip(5_000))
		damageFile(t, s, "snapshot.1.sealed", flip(5_000))
		lowest, any := n.firstAsked(func() { checkTraded(t, n, s, a, s.start(t)) })
		if !any || lowest != 0 {
			t.Errorf("replayed from checkpoint %d", lowest)
		}
	})
}

// TestRolledBackSnapshots: older sealed files put back by the host are noticed and
// brought forward to the committed root.
func TestRolledBackSnapshots(t *testing.T) {
	n, s, a := traded(t)
	old, err := os.ReadFile(filepath.Join(s.folder, "snapshot.0.sealed"))
	if err != nil {
		t.Fatal(err)
	}
	w := s.start(t)
	ready(t, s, w)
	for range 3 {
		n.produce(n.deposit(a.account(), 1, 1_000))
	}
	s.commitAll(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"snapshot.0.sealed", "snapshot.1.sealed"} {
		if err := os.WriteFile(filepath.Join(s.folder, name), old, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkTraded(t, n, s, a, s.start(t))
	if !s.log.has(worker.ErrSnapshotBehind.Error()) {
		t.Errorf("the rollback was not named:\n%s", s.log)
	}
}

// TestForeignSnapshots: files of another network or machine are named and replaced.
func TestForeignSnapshots(t *testing.T) {
	n, s, a := traded(t)
	other := newSite(t, newNetworkOn(t, memory.New(memory.Options{ChainID: "other"}), nil))
	w := other.start(t)
	ready(t, other, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(filepath.Join(other.folder, "snapshot.0.sealed"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, "snapshot.0.sealed"), foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	checkTraded(t, n, s, a, s.start(t))
	if !s.log.has(worker.ErrSnapshotForeign.Error()) {
		t.Errorf("the foreign snapshot was not named:\n%s", s.log)
	}
}

// TestPendingCommitsSurvive: commits that the chain has not accepted are in the
// snapshot, since the state alone cannot make them again.
func TestPendingCommitsSurvive(t *testing.T) {
	n, s, a := traded(t)
	w := s.start(t)
	ready(t, s, w)
	n.mutex.Lock()
	public := w.Public()
	delete(n.workers, public) // the pool refuses its votes
	n.mutex.Unlock()
	for range 3 {
		n.produce(n.deposit(a.account(), 1, 1_000))
	}
	until(t, "the checkpoints", s.log, nil, func() bool {
		status := w.Status()
		return status.Checkpoint != nil && status.Checkpoint.Index+1 == n.checkpoints()
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	last, _ := n.committed()
	if last.Checkpoint+1 == n.checkpoints() {
		t.Fatal("the commits were accepted from a worker that is not registered")
	}
	n.mutex.Lock()
	n.workers[public] = wire.Hash{}
	n.mutex.Unlock()
	w = s.start(t)
	lowest, any := n.firstAsked(func() { s.commitAll(t, w) })
	if any && lowest+1 < n.checkpoints() {
		t.Errorf("replayed from checkpoint %d", lowest)
	}
}

// TestDamagedKeys: the worker does not make new keys in place of damaged ones.
func TestDamagedKeys(t *testing.T) {
	_, s, _ := traded(t)
	damageFile(t, s, "keys.sealed", func(b []byte) []byte { b[200] ^= 1; return b })
	if _, err := s.tryStart(t); !errors.Is(err, worker.ErrKeyFile) {
		t.Errorf("damaged keys: %v", err)
	}
}

// TestTrustedHeadIsSealed: the host cannot alter the last trusted head, and the
// worker refuses to start on a damaged one.
func TestTrustedHeadIsSealed(t *testing.T) {
	_, s, _ := traded(t)
	for _, name := range []string{"trusted-head.sealed.0", "trusted-head.sealed.1"} {
		damageFile(t, s, name, func(b []byte) []byte { b[100] ^= 1; return b })
	}
	if _, err := s.tryStart(t); !errors.Is(err, light.ErrTrustStore) {
		t.Errorf("a damaged trusted head: %v", err)
	}
}

// TestSimulatedHardwareWarns: whoever starts such a worker is told what it protects.
func TestSimulatedHardwareWarns(t *testing.T) {
	s := newSite(t, newNetwork(t, nil))
	s.start(t)
	if !s.log.has("SIMULATED") {
		t.Errorf("no warning:\n%s", s.log)
	}
}

func TestFolderIsLocked(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	if _, err := s.tryStart(t); !errors.Is(err, worker.ErrLocked) {
		t.Errorf("a second worker in the folder: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s.start(t)
}
