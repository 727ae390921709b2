package worker_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// TestEpochs: keys are announced an epoch ahead, envelopes of the last epoch still
// open, and from the third epoch on the first seed is gone from the disk.
func TestEpochs(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	seed := seal.Seed{7, 7, 7}
	s.config.Seed = &seed
	w := s.start(t)
	a, b := opened(t, s)
	s.commitAll(t, w)
	late := a.place(1, wire.Sell, 100, 10) // sealed in epoch 0
	n.startEpoch()
	s.announceKeys(t)
	n.produce(envelopes(late, b.place(1, wire.Buy, 100, 4))...)
	s.commitAll(t, w)
	if fills := a.query(w, wire.Query{Kind: wire.QueryFills}).Fills; len(fills) != 1 || fills[0].Quantity != 4 {
		t.Errorf("fills after the epoch's start: %+v", fills)
	}
	for range 2 {
		n.startEpoch()
		s.announceKeys(t)
		s.commitAll(t, w)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// A snapshot of each new epoch was written, the last at the shutdown: both lie in
	// epochs whose keys do not need the first seed.
	for _, name := range []string{"snapshot.0.sealed", "snapshot.1.sealed"} {
		if err := os.Remove(filepath.Join(s.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.tryStart(t); err == nil || !bytes.Contains([]byte(err.Error()), []byte(worker.ErrUnrecoverable.Error())) {
		t.Errorf("start without snapshots after the first seed was erased: %v", err)
	}
}

// TestEpochsSurviveRestarts: a restart in a later epoch opens what is sealed to it
// and to the one before.
func TestEpochsSurviveRestarts(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, b := opened(t, s)
	for range 3 {
		n.startEpoch()
		s.announceKeys(t)
	}
	late := a.place(1, wire.Sell, 100, 10)
	n.startEpoch()
	s.announceKeys(t)
	s.commitAll(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = s.start(t)
	ready(t, s, w)
	n.produce(envelopes(late, b.place(1, wire.Buy, 100, 4))...)
	s.commitAll(t, w)
	if fills := b.query(w, wire.Query{Kind: wire.QueryFills}).Fills; len(fills) != 1 {
		t.Errorf("fills after the restart: %+v", fills)
	}
	if w.Status().Epoch != n.epoch {
		t.Errorf("epoch %d, the chain is in %d", w.Status().Epoch, n.epoch)
	}
}

// TestSecretsStayInside: neither the files nor the log hold a seed, a session's
// secret, an account's orders or the name of an account in any usual form.
func TestSecretsStayInside(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	seed := seal.Seed(bytes.Repeat([]byte{0xab, 0xcd}, 16))
	s.config.Seed = &seed
	w := s.start(t)
	a, b := opened(t, s)
	n.produce(envelopes(a.place(1, wire.Sell, 123_457, 654_321%1000), b.place(1, wire.Buy, 123_457, 20))...)
	s.commitAll(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	account, queryKey := a.account(), a.session.QueryKey()
	secrets := map[string][]byte{"the seed": seed[:], "a query key": queryKey[:], "an account": account[:],
		"a price": scale.U64.Marshal(123_457)}
	files, err := filepath.Glob(filepath.Join(s.folder, "*"))
	more, moreErr := filepath.Glob(filepath.Join(s.folder, "published", "*"))
	files = slices.DeleteFunc(append(files, more...), func(name string) bool { return filepath.Base(name) == "published" })
	if err = errors.Join(err, moreErr); err != nil || len(files) < 7 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		contents, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, secret := range secrets {
			if bytes.Contains(contents, secret) {
				t.Errorf("%s holds %s", file, name)
			}
		}
	}
	for name, secret := range map[string]string{"the seed": scale.HexString(seed[:])[2:], "an account": account.String()[2:], "a price": "123457"} {
		if s.log.has(secret) {
			t.Errorf("the log holds %s", name)
		}
	}
}
