package worker_test

import (
	"context"
	"maps"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

var _ worker.BlobStore = (*network)(nil)

// blobStore keeps all that was ever put, as an outsider might.
type blobStore struct {
	mutex     sync.Mutex
	all       map[wire.Hash][]byte
	announced []wire.Snapshot // all there were
	withheld  bool            // announcements are refused
	// lie lets a test have the node give something else.
	lie func(hash wire.Hash, blob []byte) []byte
}

func (n *network) submitSnapshot(d *scale.Decoder) error {
	var snapshot wire.Snapshot
	var votes []wire.Vote
	wire.SnapshotCodec.Decode(d, &snapshot)
	wire.VotesCodec.Decode(d, &votes)
	if err := d.Finish(); err != nil {
		return err
	}
	if err := n.checkVotes(snapshot.Digest(n.instance), votes); err != nil {
		return err
	}
	b := &n.blobs
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch {
	case b.withheld, snapshot.Checkpoint >= n.due(),
		len(b.announced) > 0 && snapshot.Epoch <= b.announced[len(b.announced)-1].Epoch:
		return &rpc.Error{Code: 1010, Message: "not now"}
	}
	b.announced = append(b.announced, snapshot)
	n.pool = append(n.pool, func() { n.Set(wire.StorageSnapshot(), wire.SnapshotCodec.Marshal(snapshot)) })
	return nil
}

// MissingBlobs implements worker.BlobStore.
func (n *network) MissingBlobs(_ context.Context, root wire.Hash) (missing []wire.Hash, err error) {
	b := &n.blobs
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, snapshot := range b.announced {
		if snapshot.Root != root {
			continue
		}
		if b.all[root] == nil {
			return []wire.Hash{root}, nil
		}
		manifest, err := wire.DecodeManifest(b.all[root], &snapshot)
		if err != nil {
			return nil, err
		}
		for _, chunk := range manifest.Chunks {
			if b.all[chunk] == nil {
				missing = append(missing, chunk)
			}
		}
		return missing, nil
	}
	return nil, errPool
}

// PutBlob implements worker.BlobStore.
func (n *network) PutBlob(_ context.Context, blob []byte) error {
	b := &n.blobs
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.all == nil {
		b.all = map[wire.Hash][]byte{}
	}
	b.all[wire.BlobHash(blob)] = blob
	return nil
}

// Blob implements worker.BlobStore.
func (n *network) Blob(_ context.Context, hash wire.Hash) ([]byte, error) {
	b := &n.blobs
	b.mutex.Lock()
	defer b.mutex.Unlock()
	blob := b.all[hash]
	if b.lie != nil {
		blob = b.lie(hash, append([]byte(nil), blob...))
	}
	return blob, nil
}

// snapshots are the announced ones whose blobs are all here.
func (n *network) snapshots() (stored []wire.Snapshot) {
	n.blobs.mutex.Lock()
	announced := append([]wire.Snapshot(nil), n.blobs.announced...)
	n.blobs.mutex.Unlock()
	for _, snapshot := range announced {
		if missing, err := n.MissingBlobs(context.Background(), snapshot.Root); err == nil && len(missing) == 0 {
			stored = append(stored, snapshot)
		}
	}
	return stored
}

// lies sets what the node gives instead of a blob; nil for the truth.
func (n *network) lies(lie func(hash wire.Hash, blob []byte) []byte) {
	n.blobs.mutex.Lock()
	defer n.blobs.mutex.Unlock()
	n.blobs.lie = lie
}

// registered tells whether a worker is. The caller holds the lock.
func (n *network) registered(worker [32]byte) bool {
	_, registered := n.workers[worker]
	return registered
}

// replace registers a worker in the place of the one on its platform.
func (n *network) replace(public [32]byte, platform wire.Hash) {
	maps.DeleteFunc(n.workers, func(other [32]byte, its wire.Hash) bool {
		if its == platform {
			n.Delete(wire.StorageWorker(other))
			n.Set(hashing.AppendBlake2_128Concat(item("Retired"), other[:]), platform[:])
		}
		return its == platform
	})
	n.workers[public] = platform
}
