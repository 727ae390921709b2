package worker_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// producing makes blocks until the returned function is called.
func producing(n *network) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(3 * time.Millisecond):
				n.produce()
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// newReplica is the place of another worker, on a platform of its own.
func newReplica(t testing.TB, n *network, number uint32, replicas ...*worker.Worker) *site {
	t.Helper()
	n.allow(number)
	n.produce()
	s := newSite(t, n)
	s.number = number
	for _, replica := range replicas {
		s.config.Replicas = append(s.config.Replicas, "http://"+replica.Address().String())
	}
	return s
}

// joins starts a worker that needs blocks to get hold of a state.
func (s *site) joins(t testing.TB) *worker.Worker {
	t.Helper()
	defer producing(s.network)()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	w, err := s.startWithin(t, ctx)
	if err != nil {
		t.Fatalf("join: %v\n%s", err, s.log)
	}
	t.Cleanup(func() { _ = w.Close() })
	until(t, "the worker to catch up", s.log, nil, func() bool { return w.Status().Ready })
	return w
}

// nextEpoch begins an epoch, and waits until its snapshot is announced and stored.
func (s *site) nextEpoch(t testing.TB, w *worker.Worker) {
	t.Helper()
	n := s.network
	n.startEpoch()
	s.announceKeys(t)
	s.commitAll(t, w)
	s.published(t, n.epoch)
}

func (s *site) published(t testing.TB, epoch uint32) wire.Snapshot {
	t.Helper()
	var last wire.Snapshot
	until(t, "the published snapshot", s.log, func() { s.network.produce() }, func() bool {
		stored := s.network.snapshots()
		if len(stored) == 0 {
			return false
		}
		last = stored[len(stored)-1]
		return last.Epoch == epoch
	})
	return last
}

// sealed are the hashes of the blobs in a worker's folder.
func (s *site) sealed(t testing.TB) map[wire.Hash]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.folder, "published", "*"))
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[wire.Hash]bool{}
	for _, name := range names {
		if blob, err := os.ReadFile(name); err == nil {
			hashes[wire.BlobHash(blob)] = true
		}
	}
	return hashes
}

// TestReplicasAgree: workers that were provisioned with one seed compute the same roots
// and seal the same bytes, whatever they were at when the epoch began.
func TestReplicasAgree(t *testing.T) {
	n := newNetwork(t, nil)
	first := newSite(t, n)
	seed := seal.Seed{1, 2, 3}
	first.config.Seed = &seed
	a := first.start(t)
	alice, bob := opened(t, first)
	n.produce(envelopes(alice.place(1, wire.Sell, 100, 30), bob.place(1, wire.Buy, 100, 20))...)
	first.commitAll(t, a)
	first.nextEpoch(t, a)
	one := first.published(t, 1)

	second := newReplica(t, n, 1)
	second.config.Seed = &seed
	b := second.start(t)
	until(t, "the second worker", second.log, func() { n.produce() }, func() bool { return b.Status().Ready })
	if x, y := a.Status().Checkpoint, b.Status().Checkpoint; *x != *y {
		t.Errorf("the workers differ: %+v, %+v", x, y)
	}
	// From the same checkpoint the second alone publishes the next.
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	second.nextEpoch(t, b)
	two := second.published(t, 2)
	if two.Root == one.Root {
		t.Error("two snapshots with one root")
	}
	again := first.start(t) // on its way to the head it seals the same snapshot
	until(t, "the first worker", first.log, func() { n.produce() }, func() bool { return again.Status().Ready })
	until(t, "the first worker's own snapshot", first.log, nil, func() bool {
		_, err := os.Stat(filepath.Join(first.folder, "published", "announcement.sealed"))
		return err == nil && first.sealed(t)[two.Root]
	})
	n.blobs.mutex.Lock()
	manifest, err := wire.DecodeManifest(n.blobs.all[two.Root], &two)
	n.blobs.mutex.Unlock()
	if sealed := first.sealed(t); err != nil || !sealed[manifest.Chunks[0]] {
		t.Errorf("the workers sealed different bytes (%v)", err)
	}
	if x, y := again.Status().Checkpoint, b.Status().Checkpoint; *x != *y {
		t.Errorf("the workers differ: %+v, %+v", x, y)
	}
}

// TestRecovery: a worker with an empty disk gets the seed from a live one and the state
// from the published snapshot, goes on alone, and needs neither after a restart.
func TestRecovery(t *testing.T) {
	n := newNetwork(t, nil)
	first := newSite(t, n)
	a := first.start(t)
	alice, bob := opened(t, first)
	n.produce(envelopes(alice.place(1, wire.Sell, 100, 30))...)
	for range 3 {
		first.nextEpoch(t, a)
	}
	late := bob.place(1, wire.Buy, 100, 20) // sealed in the epoch before the snapshot that is restored
	first.nextEpoch(t, a)
	n.produce(envelopes(late)...)
	first.commitAll(t, a)

	second := newReplica(t, n, 1, a)
	b := second.joins(t)
	if !second.log.has("restored the published snapshot") {
		t.Error("the state came from elsewhere")
	}
	// Killed at once, it would need no second handover: what is on the disk suffices.
	killed := newReplica(t, n, 1)
	for _, name := range []string{"keys.sealed", "snapshot.0.sealed", "snapshot.1.sealed"} {
		contents, err := os.ReadFile(filepath.Join(second.folder, name))
		if err = errors.Join(err, os.MkdirAll(killed.folder, 0o700), os.WriteFile(filepath.Join(killed.folder, name), contents, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	killed.config.Backend = second.backend(t)
	c := killed.start(t)
	ready(t, killed, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	first.commitAll(t, a)
	if x, y := a.Status().Checkpoint, b.Status().Checkpoint; *x != *y {
		t.Errorf("the workers differ: %+v, %+v", x, y)
	}
	if fills := bob.query(b, wire.Query{Kind: wire.QueryFills}).Fills; len(fills) != 1 || fills[0].Quantity != 20 {
		t.Errorf("the recovered worker knows of %+v", fills)
	}
	// Alone.
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	n.produce(envelopes(bob.command(wire.Command{Kind: wire.CommandWithdraw, Asset: 1, Amount: scale.U128From(5_000), To: bob.account()}))...)
	second.commitAll(t, b)
	second.nextEpoch(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	second.config.Replicas = nil
	b = second.start(t)
	ready(t, second, b)
	if available, _ := balance(bob.query(b, wire.Query{Kind: wire.QueryBalances}), 1); available != 20_000-5_000 {
		t.Errorf("Bob has %d after the restart", available)
	}
	second.commitAll(t, b)
}

// TestRecoveryOfALostDisk: the worker's own machine comes back with nothing. Its new key
// takes the place of the old one.
func TestRecoveryOfALostDisk(t *testing.T) {
	n := newNetwork(t, nil)
	first := newSite(t, n)
	a := first.start(t)
	opened(t, first)
	first.nextEpoch(t, a)
	second := newReplica(t, n, 1, a)
	old := second.joins(t)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	empty := newReplica(t, n, 1, a)
	b := empty.joins(t)
	if b.Public() == old.Public() {
		t.Fatal("the same key: the disk was not empty")
	}
	n.mutex.Lock()
	if n.registered(old.Public()) || !n.registered(b.Public()) {
		t.Error("the new key did not take the old one's place")
	}
	n.mutex.Unlock()
	first.commitAll(t, a)
	if x, y := a.Status().Checkpoint, b.Status().Checkpoint; *x != *y {
		t.Errorf("the workers differ: %+v, %+v", x, y)
	}
}

// TestRecoveryBeforeAnySnapshot: in the first epoch the seed alone suffices.
func TestRecoveryBeforeAnySnapshot(t *testing.T) {
	n := newNetwork(t, nil)
	n.blobs.withheld = true
	first := newSite(t, n)
	a := first.start(t)
	alice, bob := opened(t, first)
	n.produce(envelopes(alice.place(1, wire.Sell, 100, 30), bob.place(1, wire.Buy, 100, 20))...)
	first.commitAll(t, a)
	second := newReplica(t, n, 1, a)
	b := second.joins(t)
	if !second.log.has("replaying from the first checkpoint") {
		t.Error("the state came from elsewhere")
	}
	first.commitAll(t, a)
	if x, y := a.Status().Checkpoint, b.Status().Checkpoint; *x != *y {
		t.Errorf("the workers differ: %+v, %+v", x, y)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	second.config.Replicas = nil
	ready(t, second, second.start(t))
}

// TestRecoveryWaits for the next epoch's snapshot if what is announced was sealed when
// envelopes to an epoch were honoured whose seed no replica has any more.
func TestRecoveryWaits(t *testing.T) {
	n := newNetwork(t, nil)
	first := newSite(t, n)
	a := first.start(t)
	opened(t, first)
	first.nextEpoch(t, a)
	n.blobs.mutex.Lock()
	n.blobs.withheld = true
	n.blobs.mutex.Unlock()
	n.startEpoch()
	first.announceKeys(t)
	first.commitAll(t, a)

	second := newReplica(t, n, 1, a)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	started := make(chan error, 1)
	stop := producing(n)
	go func() {
		w, err := second.startWithin(t, ctx)
		if err == nil {
			err = w.Close()
		}
		started <- err
	}()
	until(t, "the second worker to wait", second.log, nil, func() bool { return second.log.has("waiting for that of the next epoch") })
	stop()
	n.blobs.mutex.Lock()
	n.blobs.withheld = false
	n.blobs.mutex.Unlock()
	first.nextEpoch(t, a)
	defer producing(n)()
	if err := <-started; err != nil {
		t.Errorf("%v\n%s", err, second.log)
	}
}
