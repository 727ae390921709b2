package worker_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// TestRecoveryIsNotFooled: each lie of a replica or a node is noticed and named, and when
// it ends the worker gets its state. Whatever a replica says, no secret of it stays.
func TestRecoveryIsNotFooled(t *testing.T) {
	n := newNetwork(t, nil)
	first := newSite(t, n)
	seed := seal.Seed{3, 1, 4}
	first.config.Seed = &seed
	a := first.start(t)
	opened(t, first)
	first.nextEpoch(t, a)
	first.nextEpoch(t, a)
	announced := n.snapshots()
	older, newest := announced[len(announced)-2], announced[len(announced)-1]
	blob := func(hash wire.Hash) []byte {
		n.blobs.mutex.Lock()
		defer n.blobs.mutex.Unlock()
		return n.blobs.all[hash]
	}
	manifest, err := wire.DecodeManifest(blob(newest.Root), &newest)
	if err != nil {
		t.Fatal(err)
	}
	truth := wire.HandoverSecrets{Epoch: 1, Seed: seed.Next(1), State: seed.Subkey("bitcloak/state-key/v1", n.instance)}
	secrets := func(change func(*wire.HandoverSecrets)) string {
		forged := truth
		change(&forged)
		return liar(t, n, forged)
	}
	swap := func(of, with wire.Hash) func(wire.Hash, []byte) []byte {
		instead := blob(with)
		return func(hash wire.Hash, blob []byte) []byte {
			if hash == of {
				return instead
			}
			return blob
		}
	}
	damage := func(of wire.Hash) func(wire.Hash, []byte) []byte {
		return func(hash wire.Hash, blob []byte) []byte {
			if hash == of {
				blob[len(blob)-1] ^= 1
			}
			return blob
		}
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }))
	t.Cleanup(refusing.Close)
	for i, lie := range []struct {
		name    string
		replica string
		node    func(wire.Hash, []byte) []byte
		noticed string
	}{
		{"a forged seed", secrets(func(s *wire.HandoverSecrets) { s.Seed[0] ^= 1 }), nil, "does not give the contract keys"},
		{"a seed of another epoch", secrets(func(s *wire.HandoverSecrets) { s.Epoch = 0 }), nil, "does not give the contract keys"},
		{"a seed of the far future", secrets(func(s *wire.HandoverSecrets) { s.Epoch = 1 << 30 }), nil, "no contract key to compare"},
		{"a forged state key", secrets(func(s *wire.HandoverSecrets) { s.State[0] ^= 1 }), nil, "state key is not that of the contract"},
		{"an answer that does not open", refusing.URL, nil, "status 418"},
		{"a damaged manifest", "", damage(newest.Root), "another blob"},
		{"the manifest before", "", swap(newest.Root, older.Root), "another blob"},
		{"a damaged chunk", "", damage(manifest.Chunks[0]), "another blob"},
		{"another chunk", "", swap(manifest.Chunks[0], newest.Root), "another blob"},
		{"a manifest withheld", "", swap(newest.Root, wire.Hash{1}), "does not have the published snapshot yet"},
		{"a chunk withheld", "", swap(manifest.Chunks[0], wire.Hash{1}), "does not have the published snapshot yet"},
	} {
		t.Run(lie.name, func(t *testing.T) {
			s := newReplica(t, n, uint32(1+i%7), a)
			if lie.replica != "" {
				s.config.Replicas = []string{lie.replica, s.config.Replicas[0]} // the liar is asked first
			}
			n.lies(lie.node)
			stop := producing(n)
			defer stop()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			started := make(chan error, 1)
			go func() {
				w, err := s.startWithin(t, ctx)
				if err == nil {
					err = w.Close()
				}
				started <- err
			}()
			until(t, "the lie to be noticed", s.log, nil, func() bool { return s.log.has(lie.noticed) })
			n.lies(nil)
			if err := <-started; err != nil {
				t.Errorf("%v\n%s", err, s.log)
			}
		})
	}
}
