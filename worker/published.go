package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// restorePublished restores the snapshot that the chain has announced. The node serves
// it; nothing of it counts but what the announcement, which is proven, names.
func (w *Worker) restorePublished(ctx context.Context, s *chainState, secrets *wire.HandoverSecrets) (*state, error) {
	store := w.blobStore()
	if store == nil {
		return nil, ErrNoStore
	}
	// What was sealed to the epoch before the snapshot's is still honoured after it: the
	// seed must be of that epoch or an earlier one.
	announced := &s.snapshot.Value
	if !s.snapshot.Some || announced.Epoch <= secrets.Epoch && announced.Epoch > 0 || announced.Epoch < secrets.Epoch {
		return nil, errNotAnnounced
	}
	manifest, err := w.fetchManifest(ctx, store, announced)
	if err != nil {
		return nil, err
	}
	seed, err := ratchet(secrets.Epoch, secrets.Seed, announced.Epoch)
	if err != nil {
		return nil, err
	}
	defer seed.Wipe()
	plaintext, err := seal.OpenSnapshot(&seed, w.config.Instance, &manifest, func(index int) ([]byte, error) {
		return fetchBlob(ctx, store, manifest.Chunks[index])
	})
	if err != nil {
		return nil, fmt.Errorf("worker: open the published snapshot of epoch %d: %w", announced.Epoch, err)
	}
	defer clear(plaintext)
	return w.restoreContract(plaintext, announced, secrets)
}

func (w *Worker) fetchManifest(ctx context.Context, store BlobStore, announced *wire.Snapshot) (manifest wire.Manifest, err error) {
	blob, err := fetchBlob(ctx, store, announced.Root)
	if err != nil {
		return manifest, err
	}
	if manifest, err = wire.DecodeManifest(blob, announced); err != nil {
		return manifest, fmt.Errorf("worker: %w", err)
	}
	return manifest, nil
}

// fetchBlob gets a blob and compares it with its hash.
func fetchBlob(ctx context.Context, store BlobStore, hash wire.Hash) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, submitTimeout)
	defer cancel()
	blob, err := store.Blob(limited, hash)
	switch {
	case err != nil:
		return nil, fmt.Errorf("worker: fetch a blob of the published snapshot: %w", err)
	case blob == nil:
		return nil, errNotStored
	case len(blob) > wire.MaxBlob || wire.BlobHash(blob) != hash:
		return nil, fmt.Errorf("worker: the node gave another blob than %s: %w", hash, seal.ErrPublished)
	}
	return blob, nil
}

// restoreContract rebuilds the contract from its own snapshot, which must make the
// announced state.
func (w *Worker) restoreContract(plaintext []byte, announced *wire.Snapshot, secrets *wire.HandoverSecrets) (*state, error) {
	keyring, err := seal.NewKeyring(w.config.Instance, secrets.Epoch, secrets.Seed)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotState, err)
	}
	restored, err := contract.Restore(w.contractConfig(keyring), bytes.NewReader(plaintext))
	if err != nil {
		keyring.Wipe()
		if errors.Is(err, contract.ErrSnapshotDamaged) { // it opened: the state key is what does not fit
			return nil, fmt.Errorf("%w (%w)", errForgedState, err)
		}
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotState, err)
	}
	if last, ok := restored.Last(); !ok || last.Checkpoint != announced.Checkpoint || last.StateRoot != announced.StateRoot {
		keyring.Wipe()
		return nil, fmt.Errorf("%w (checkpoint %d was announced with root %s)", ErrSnapshotState, announced.Checkpoint, announced.StateRoot)
	}
	w.config.Log.Info("restored the published snapshot", "epoch", announced.Epoch, "checkpoint", announced.Checkpoint, "stateRoot", announced.StateRoot.String())
	return &state{contract: restored, keyring: keyring}, nil
}
