package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	// publishInterval is how often a new announcement is looked for.
	publishInterval = 100 * time.Millisecond
	// storedInterval is how often the node is asked whether it still has everything.
	storedInterval = time.Minute
	// blobPause is between two blobs: commits go over the same connection, and first.
	blobPause = 5 * time.Millisecond
)

var (
	errSeedErased = errors.New("worker: the epoch's seed was erased before its snapshot was sealed; the next epoch's is published")
	errBlobLost   = errors.New("worker: a sealed chunk on the disk is damaged; the other workers, or the next epoch's snapshot, make up for it")
)

// seedOf is the seed of an epoch that the keyring covers. The caller wipes it.
func (w *Worker) seedOf(epoch uint32) (seal.Seed, error) {
	held, seed := w.keyring.Seed()
	return ratchet(held, seed, epoch)
}

// ratchet gives the seed of a later epoch, and wipes its copy of the earlier.
func ratchet(from uint32, seed seal.Seed, to uint32) (seal.Seed, error) {
	if from > to || to-from > seal.MaxEpochStep {
		seed.Wipe()
		return seal.Seed{}, errSeedErased
	}
	for ; from < to; from++ {
		next := seed.Next(from + 1)
		seed.Wipe()
		seed = next
	}
	return seed, nil
}

// sealPublication seals the snapshot that opens an epoch, for every store to keep.
func (w *Worker) sealPublication(s *savedState) {
	seed, err := w.seedOf(s.epoch)
	if err == nil {
		err = w.publication.store(&seed, s)
		seed.Wipe()
	}
	if err != nil {
		w.metrics.publication("failed")
		w.config.Log.Error("the epoch's snapshot was not sealed for publication", "epoch", s.epoch, "error", err)
		return
	}
	w.metrics.publication("sealed")
	w.wakeDuties()
}

// announceSnapshot votes for the snapshot of the newest epoch until the chain has it,
// or a later one.
func (w *Worker) announceSnapshot(ctx context.Context, s *chainState, sent sentTimes) error {
	own := w.publication.announcement()
	if !own.Some || s.snapshot.Some && s.snapshot.Value.Checkpoint >= own.Value.Checkpoint ||
		!s.last.Some || s.last.Value.Checkpoint < own.Value.Checkpoint {
		return nil
	}
	name := fmt.Sprintf("the snapshot of epoch %d", own.Value.Epoch)
	if !sent.due(name) {
		return nil
	}
	sent[name] = time.Now()
	vote := w.vote(own.Value.Digest(w.config.Instance))
	call, err := wire.CallAnnounceSnapshot(&own.Value, []wire.Vote{vote})
	err = w.submitBare(ctx, name, call, err)
	var refusal *rpc.Error
	if errors.As(err, &refusal) { // the vote is there already, for example
		sent.refused(name)
		w.config.Log.Debug("the announcement of a snapshot waits", "error", err)
		return nil
	}
	return err
}

// publish gives the node the blobs of the announced snapshot that it lacks.
func (w *Worker) publish(ctx context.Context) {
	store := w.blobStore()
	if store == nil {
		return
	}
	ticker := time.NewTicker(publishInterval)
	defer ticker.Stop()
	var reported, stored wire.Hash // roots
	var storedAt time.Time
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		own, s := w.publication.announcement(), w.lastState()
		if !own.Some || s == nil || !s.snapshot.Some || s.snapshot.Value.Checkpoint != own.Value.Checkpoint {
			continue
		}
		root := own.Value.Root
		if s.snapshot.Value != own.Value {
			if reported != root {
				reported = root
				w.config.Log.Error("the chain has announced another snapshot than this worker's: compare the workers' builds",
					"checkpoint", own.Value.Checkpoint, "own", root.String(), "announced", s.snapshot.Value.Root.String())
			}
			continue
		}
		if stored == root && time.Since(storedAt) < storedInterval {
			continue
		}
		switch err := w.upload(ctx, store, root); {
		case err == nil && stored != root:
			w.metrics.publication("stored")
			w.config.Log.Info("the node has the epoch's published snapshot", "epoch", own.Value.Epoch, "root", root.String())
			fallthrough
		case err == nil, errors.Is(err, errBlobLost):
			stored, storedAt = root, time.Now()
		}
	}
}

// upload sends what the node lacks, one blob at a time.
func (w *Worker) upload(ctx context.Context, store BlobStore, root wire.Hash) error {
	for {
		missing, err := store.MissingBlobs(ctx, root)
		if err != nil {
			w.config.Log.Debug("published snapshots wait for the node", "error", err)
			return err
		}
		if len(missing) == 0 {
			return nil
		}
		for _, hash := range missing {
			blob := w.publication.blob(hash)
			if blob == nil {
				w.config.Log.Error(errBlobLost.Error(), "blob", hash.String())
				return errBlobLost
			}
			limited, cancel := context.WithTimeout(ctx, submitTimeout)
			err := store.PutBlob(limited, blob)
			cancel()
			if err != nil {
				w.config.Log.Warn("the node did not take a blob of the published snapshot; trying again", "error", err)
				return err
			}
			select {
			case <-time.After(blobPause):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}
