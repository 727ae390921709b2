package worker

import (
	"context"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// savedState is a snapshot on its way to the disk.
type savedState struct {
	checkpoint uint64
	root       wire.Hash
	epoch      uint32
	plaintext  []byte
}

// offerSnapshot takes a snapshot when one is due and the last one is on the disk:
// after the interval, and at once in a new epoch, so that the keys of the epoch
// before the last leave the disk with the next two.
func (w *Worker) offerSnapshot(commit *wire.Commit) {
	due := time.Since(w.savedAt) >= w.config.SnapshotInterval || commit.Epoch != w.savedEpoch
	if !due || w.saving.Load() {
		return
	}
	s, err := w.takeSnapshot(commit.Checkpoint, commit.StateRoot, commit.Epoch)
	if err != nil {
		w.reportSave(err)
		return
	}
	w.savedAt, w.savedEpoch = time.Now(), commit.Epoch
	w.saving.Store(true)
	w.saves <- s // has room: nothing else is being saved
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
			w.reportSave(w.write(s))
			w.saving.Store(false)
		case <-ctx.Done():
			return
		}
	}
}

func (w *Worker) write(s savedState) error {
	if err := w.snapshots.save(s.checkpoint, s.root, s.epoch, s.plaintext); err != nil {
		return err
	}
	w.written = s.checkpoint + 1
	w.metrics.snapshot("written")
	w.metrics.saved.Set(float64(s.checkpoint))
	// The first seed opens epochs 0 and up; from epoch 2 on it is kept only while a
	// snapshot could need it.
	if min(w.snapshots.epochs[0], w.snapshots.epochs[1]) >= 2 {
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
	select { // one that was taken and not written
	case s := <-w.saves:
		clear(s.plaintext)
	default:
	}
	last, ok := w.contract.Last()
	if !ok || last.Checkpoint+1 == w.written {
		return
	}
	s, err := w.takeSnapshot(last.Checkpoint, last.StateRoot, w.contract.Epoch())
	if err == nil {
		err = w.write(s)
	}
	w.reportSave(err)
}
