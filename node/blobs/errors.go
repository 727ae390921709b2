package blobs

import "errors"

// Errors that a caller can do something about.
var (
	// ErrSize: nothing announced is that long.
	ErrSize = errors.New("blobs: a blob has between 1 and 1,052,672 bytes; send a manifest or one chunk")
	// ErrUnwanted: no announced snapshot names the blob.
	ErrUnwanted = errors.New("blobs: no snapshot that the chain has announced names this blob; send the manifest first, and what bitcloak_missingBlobs lists")
	// ErrUnknownRoot: the root is not of one of the latest two snapshots.
	ErrUnknownRoot = errors.New("blobs: that root is not of the latest two snapshots that the chain has announced; read Confidential.Snapshot again")
	// ErrFolder: something else uses the store's folder.
	ErrFolder = errors.New("blobs: the folder of published snapshots cannot be used; check its permissions and space")
)
