package worker

import (
	"context"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// BlobStore is a node that keeps published snapshots. What it gives is compared with
// the hash that was asked for.
type BlobStore interface {
	// MissingBlobs lists what the node lacks of an announced snapshot, some at a time.
	MissingBlobs(ctx context.Context, root wire.Hash) ([]wire.Hash, error)
	PutBlob(ctx context.Context, blob []byte) error
	// Blob is nil if the node does not have it.
	Blob(ctx context.Context, hash wire.Hash) ([]byte, error)
}

var _ BlobStore = rpcNode{}

// MissingBlobs implements BlobStore.
func (n rpcNode) MissingBlobs(ctx context.Context, root wire.Hash) (missing []wire.Hash, err error) {
	return missing, n.Call(ctx, &missing, "bitcloak_missingBlobs", root)
}

// PutBlob implements BlobStore.
func (n rpcNode) PutBlob(ctx context.Context, blob []byte) error {
	return n.Call(ctx, nil, "bitcloak_putBlob", scale.HexBytes(blob))
}

// Blob implements BlobStore.
func (n rpcNode) Blob(ctx context.Context, hash wire.Hash) ([]byte, error) {
	var blob *scale.HexBytes
	if err := n.Call(ctx, &blob, "bitcloak_blob", hash); err != nil || blob == nil {
		return nil, err
	}
	return *blob, nil
}

// blobStore is the node's store of published snapshots, nil if it has none.
func (w *Worker) blobStore() BlobStore {
	store, _ := w.config.Node.(BlobStore)
	return store
}
