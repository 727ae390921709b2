package worker

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// maxSaves bounds the snapshots that wait for the disk. One does, at most, but where
// epochs begin while one is being written: each one's first is published, and no later.
const maxSaves = 2

// savedState is a snapshot on its way to the disk.
type savedState struct {
	checkpoint uint64
	root       wire.Hash
	epoch      uint32
	plaintext  []byte
	local      bool // it is kept in the folder
	publish    bool // it opens an epoch: it is sealed for publication
}

// contract is the contract's own snapshot, which is the same on every worker.
func (s *savedState) contract() []byte {
	return s.plaintext[4+binary.LittleEndian.Uint32(s.plaintext):]
}

// offerSnapshot takes a snapshot when one is due and the last one is on the disk:
// after the interval, and at once in a new epoch, so that the keys of the epoch
// before the last leave the disk. opens tells that the commit is an epoch's first:
// that state, and no later one, is published.
func (w *Worker) offerSnapshot(commit *wire.Commit, opens bool) {
	due := time.Since(w.savedAt) >= w.config.SnapshotInterval || commit.Epoch != w.savedEpoch
	publish := opens && w.blobStore() != nil && commit.Epoch >= w.chainEpoch() // not of the past, when catching up
	if !publish && (!due || w.saving.Load()) {
		return
	}
	if len(w.saves) == cap(w.saves) {
		w.config.Log.Warn("an epoch's snapshot is not published: the disk is slower than epochs are short", "epoch", commit.Epoch)
		return
	}
	s, err := w.takeSnapshot(commit.Checkpoint, commit.StateRoot, commit.Epoch)
	if err != nil {
		w.reportSave(err)
		return
	}
	s.local, s.publish = due, publish
	if due {
		w.savedAt, w.savedEpoch = time.Now(), commit.Epoch
	}
	w.saving.Store(true)
	w.saves <- s // has room: this goroutine alone sends, and takes none beyond
}

// takeSnapshot encodes the state. Queries wait meanwhile: it takes some
// milliseconds a megabyte.
func (w *Worker) takeSnapshot(checkpoint uint64, root wire.Hash, epoch uint32) (savedState, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	current := state{contract: w.contract, keyring: w.keyring, pending: w.commits.all()}
	plaintext, err := encodeState(&current, w.savedSize+w.savedSize/4+4096)
	w.savedSize = len(plaintext)
	return savedState{checkpoint: checkpoint, root: root, epoch: epoch, plaintext: plaintext}, err
}

// save writes snapshots to the disk.
func (w *Worker) save(ctx context.Context) {
	for {
		select {
		case s := <-w.saves:
			w.saveAndPublish(&s)
			w.saving.Store(len(w.saves) > 0)
		case <-ctx.Done():
			return
		}
	}
}

// saveAndPublish does what is due with one plaintext, and clears it.
func (w *Worker) saveAndPublish(s *savedState) {
	defer clear(s.plaintext)
	if s.local {
		w.reportSave(w.write(s))
	}
	if s.publish {
		w.sealPublication(s)
	}
}

// write replaces the older generation, and the newer too if it is of an earlier
// epoch: with it goes the seed of the epoch before that, whose time is over.
func (w *Worker) write(s *savedState) error {
	if err := w.snapshots.save(s); err != nil {
		return err
	}
	w.written = s.checkpoint + 1
	w.metrics.snapshot("written")
	w.metrics.saved.Set(float64(s.checkpoint))
	if w.snapshots.epochs[w.snapshots.next] != s.epoch && s.epoch > 0 {
		if err := w.snapshots.save(s); err != nil {
			// What must not outlive its epoch goes, even at the price of the second copy.
			return errors.Join(err, w.snapshots.removeNext())
		}
		w.metrics.snapshot("written")
	}
	// The first seed opens epochs 0 and 1; no snapshot needs it from epoch 2 on.
	if s.epoch >= 2 {
		return w.secrets.forgetFirstSeed(w.config.DataDir, w.vault)
	}
	return nil
}

func (w *Worker) reportSave(err error) {
	if err != nil {
		w.metrics.snapshot("failed")
		w.config.Log.Error("a snapshot was not written; the worker goes on and tries again", "error", err)
	}
}

// saveLast writes a last snapshot when nothing runs any more.
func (w *Worker) saveLast() {
	for len(w.saves) > 0 { // taken and not written
		s := <-w.saves
		w.saveAndPublish(&s)
	}
	last, ok := w.contract.Last()
	if !ok || last.Checkpoint+1 == w.written {
		return
	}
	s, err := w.takeSnapshot(last.Checkpoint, last.StateRoot, w.contract.Epoch())
	if err != nil {
		w.reportSave(err)
		return
	}
	s.local = true
	w.saveAndPublish(&s)
}
