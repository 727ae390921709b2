package worker_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// recorded is what an outsider has kept of one epoch.
type recorded struct {
	opening  []byte
	command  []byte
	sequence uint64
	query    []byte
	snapshot wire.Snapshot
}

// attacker has a worker's disk and all keys that its hardware ever derives.
type attacker struct {
	t          *testing.T
	network    *network
	candidates [][32]byte // every 32 bytes in a row of everything that opens
}

// capture takes a worker's whole folder.
func capture(t *testing.T, s *site) *attacker {
	t.Helper()
	a := &attacker{t: t, network: s.network}
	seen := map[[32]byte]bool{}
	files, opened := 0, 0
	err := filepath.WalkDir(s.folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		contents, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		plaintext := worker.OpenSealed(t.Context(), s.backend(t), s.network.instance, contents)
		if plaintext == nil {
			return nil // the blobs of the published snapshot, which are no keys; the lock
		}
		opened++
		for i := range len(plaintext) - 31 {
			if candidate := [32]byte(plaintext[i:]); looksRandom(&candidate) && !seen[candidate] {
				seen[candidate] = true
				a.candidates = append(a.candidates, candidate)
			}
		}
		return nil
	})
	// The keys, two snapshots and the announcement open. The rest are manifest and chunk of
	// the newest published snapshot, the trusted head, in two files, and the lock.
	if err != nil || opened != 4 || files != opened+5 {
		t.Fatalf("opened %d files of %d, %v", opened, files, err)
	}
	t.Logf("%d candidates", len(a.candidates))
	return a
}

// looksRandom spares attempts with what is no key: of 32 random bytes, 20 are different
// ones but in one of some 10^13 cases.
func looksRandom(b *[32]byte) bool {
	var has [256]bool
	distinct := 0
	for _, v := range b {
		if !has[v] {
			has[v] = true
			distinct++
		}
	}
	return distinct >= 20
}

// any reports whether one candidate succeeds, trying on all processors.
func (a *attacker) any(try func([32]byte) bool) bool {
	var group sync.WaitGroup
	var found atomic.Bool
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		group.Go(func() {
			for i := part; i < len(a.candidates) && !found.Load(); i += parts {
				if try(a.candidates[i]) {
					found.Store(true)
				}
			}
		})
	}
	group.Wait()
	return found.Load()
}

// opens says what of an epoch's recorded bytes the attacker can read.
func (a *attacker) opens(epoch uint32, r *recorded) (sealed, command, snapshot bool) {
	instance := a.network.instance
	public, _ := a.network.contractKey(epoch)
	sealed = a.any(func(candidate [32]byte) bool {
		keyring, err := seal.NewKeyring(instance, epoch, candidate)
		if err != nil {
			return false
		}
		if key, err := keyring.Public(epoch); err != nil || key != public {
			return false // another private key opens nothing that was sealed to this one
		}
		_, openingErr := keyring.Opening(r.opening)
		_, queryErr := keyring.Query(r.query)
		return openingErr == nil && queryErr == nil
	})
	command = a.any(func(root [32]byte) bool {
		_, ok := seal.NewCommandCipher(root, instance).Open(make([]byte, seal.ScratchSize), r.sequence, r.command)
		return ok
	})
	blobs := &a.network.blobs
	manifest, err := wire.DecodeManifest(blobs.all[r.snapshot.Root], &r.snapshot)
	if err != nil {
		a.t.Fatal(err)
	}
	snapshot = a.any(func(candidate [32]byte) bool {
		seed := seal.Seed(candidate)
		_, err := seal.OpenSnapshot(&seed, instance, &manifest, func(i int) ([]byte, error) { return blobs.all[manifest.Chunks[i]], nil })
		return err == nil
	})
	return sealed, command, snapshot
}

// ratchet adds what follows from the candidates if they are seeds of the epoch before.
func (a *attacker) ratchet(epoch uint32) {
	for _, candidate := range a.candidates {
		seed := seal.Seed(candidate)
		a.candidates = append(a.candidates, seed.Next(epoch))
	}
}

// record has a trader speak in an epoch, and keeps what all can see of it.
func (s *site) record(t *testing.T, w *worker.Worker, tr, other *trader) recorded {
	t.Helper()
	r := recorded{opening: other.open(), snapshot: s.published(t, s.network.epoch)}
	s.network.produce(envelopes(r.opening)...)
	r.sequence = tr.sequence
	r.command = tr.place(1+uint64(s.network.epoch), wire.Sell, 100, 1)
	s.network.produce(envelopes(r.command)...)
	s.commitAll(t, w)
	query, _, err := tr.key().Query(tr.account(), tr.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		t.Fatal(err)
	}
	r.query = query
	return r
}

// TestErasure: who captures a worker's disk, with the keys that seal it, reads what was
// sealed in this epoch and the one before, and nothing older: no opening, no command, no
// query, no snapshot.
func TestErasure(t *testing.T) {
	for name, restarts := range map[string]bool{"one life": false, "restarts": true} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, nil)
			s := newSite(t, n)
			w := s.start(t)
			tr, other := opened(t, s)
			records := []recorded{s.record(t, w, tr, other)}
			for range lastEpoch {
				if restarts {
					if err := w.Close(); err != nil {
						t.Fatal(err)
					}
					w = s.start(t)
					ready(t, s, w)
				}
				s.nextEpoch(t, w)
				records = append(records, s.record(t, w, tr, other))
			}
			capture(t, s).check(records) // while it runs
		})
	}
}

// lastEpoch is the one in which the disk is captured.
const lastEpoch = 3

func (a *attacker) check(records []recorded) {
	a.t.Helper()
	for epoch := range uint32(lastEpoch + 1) {
		if epoch == lastEpoch {
			a.ratchet(epoch)
		}
		held := epoch+1 >= lastEpoch
		sealed, command, snapshot := a.opens(epoch, &records[epoch])
		if sealed != held || command != held || snapshot != held {
			a.t.Errorf("in epoch %d, the disk opens of epoch %d: openings and queries %v, commands %v, snapshots %v",
				lastEpoch, epoch, sealed, command, snapshot)
		}
	}
}
