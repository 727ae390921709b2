package rpc

import (
	"context"
	"errors"

	"github.com/bitcloak/bitcloak/node/blobs"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// registerBlobs adds the store of published snapshots, where the node has one.
func (m *methods) registerBlobs(r *jsonrpc.Registry) {
	if m.Blobs == nil {
		return
	}
	r.Method("bitcloak_putBlob", m.putBlob)
	r.Method("bitcloak_blob", m.blob)
	r.Method("bitcloak_missingBlobs", m.missingBlobs)
}

// followSnapshots tells the store what the chain has announced.
func (m *methods) followSnapshots() error {
	value, found, err := m.Chain.Best().Get(wire.StorageSnapshot())
	if err != nil || !found {
		return err
	}
	latest, err := wire.SnapshotCodec.Unmarshal(value)
	if err != nil {
		return err
	}
	return m.Blobs.Follow(latest)
}

// putBlob takes a blob of an announced snapshot, and gives its hash.
func (m *methods) putBlob(_ context.Context, p jsonrpc.Params) (any, error) {
	var blob scale.HexBytes
	if err := p.Decode(1, &blob); err != nil {
		return nil, err
	}
	if err := m.followSnapshots(); err != nil {
		return nil, blobError(err)
	}
	hash, err := m.Blobs.Put(blob)
	if err != nil {
		return nil, blobError(err)
	}
	return hash, nil
}

// blob gives a blob, null if it is not here.
func (m *methods) blob(_ context.Context, p jsonrpc.Params) (any, error) {
	var hash scale.Hash
	if err := p.Decode(1, &hash); err != nil {
		return nil, err
	}
	if blob := m.Blobs.Get(hash); blob != nil {
		return scale.HexBytes(blob), nil
	}
	return nil, nil
}

// missingBlobs lists what the store lacks of an announced snapshot, some of it at a time.
func (m *methods) missingBlobs(_ context.Context, p jsonrpc.Params) (any, error) {
	var root scale.Hash
	if err := p.Decode(1, &root); err != nil {
		return nil, err
	}
	if err := m.followSnapshots(); err != nil {
		return nil, blobError(err)
	}
	missing, err := m.Blobs.Missing(root)
	if err != nil {
		return nil, blobError(err)
	}
	return missing, nil
}

// blobError tells a client what it can mend; what is the node's own to mend goes to its log.
func blobError(err error) error {
	for _, known := range []error{blobs.ErrSize, blobs.ErrUnwanted, blobs.ErrUnknownRoot} {
		if errors.Is(err, known) {
			return &jsonrpc.Error{Code: codeNotAvailable, Message: known.Error()}
		}
	}
	return err
}
