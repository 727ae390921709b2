package app

import (
	"context"
	"errors"
	"fmt"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/snapshot"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Snapshots are what this node offers to nodes that join by state sync.
type Snapshots struct {
	Folder *snapshot.Folder // nil: none
	// Interval is the number of heights from one to the next. Nodes that take them at the same heights offer the same.
	Interval uint64
}

// restoration is a state being brought in. CometBFT calls one method after another, but a look from outside comes at any
// time.
type restoration struct {
	mutex   sync.Mutex
	reader  *snapshot.Reader // nil: none
	restore *chain.Restore
}

// takeSnapshot begins a snapshot if one is due after this height.
func (a *App) takeSnapshot(height uint64) {
	if a.options.Snapshots.Folder == nil || a.options.Snapshots.Interval == 0 || height%a.options.Snapshots.Interval != 0 {
		return
	}
	if err := a.beginSnapshot(height); err != nil {
		a.log.Error("no snapshot could be taken", "height", height, "error", err)
	}
}

func (a *App) beginSnapshot(height uint64) error {
	view, err := a.chain.Store().View()
	if err != nil {
		return err
	}
	head := view.Head()
	header, err := view.EncodedHeader()
	if err != nil || head.Height != height || head.Number == 0 {
		return errors.Join(err, view.Close()) // nobody needs the state of genesis
	}
	a.options.Snapshots.Folder.Take(height, header, head.StateRoot, view)
	return nil
}

// ListSnapshots implements abci.Application.
func (a *App) ListSnapshots(context.Context, *abci.RequestListSnapshots) (*abci.ResponseListSnapshots, error) {
	response := &abci.ResponseListSnapshots{}
	if a.options.Snapshots.Folder == nil {
		return response, nil
	}
	for _, one := range a.options.Snapshots.Folder.List() {
		response.Snapshots = append(response.Snapshots, &abci.Snapshot{
			Height: one.Height, Format: snapshot.Format, Chunks: one.Chunks, Hash: one.Hash[:], Metadata: one.Header})
	}
	return response, nil
}

// LoadSnapshotChunk implements abci.Application. What is not here is answered with nothing, which CometBFT passes on.
func (a *App) LoadSnapshotChunk(_ context.Context, request *abci.RequestLoadSnapshotChunk) (*abci.ResponseLoadSnapshotChunk, error) {
	if a.options.Snapshots.Folder == nil || request.Format != snapshot.Format {
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	chunk, err := a.options.Snapshots.Folder.Chunk(request.Height, request.Chunk)
	if err != nil {
		a.log.Debug("a peer asks for a chunk of a snapshot that is not here", "reason", err)
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	return &abci.ResponseLoadSnapshotChunk{Chunk: chunk}, nil
}

// OfferSnapshot takes or refuses a snapshot that peers describe. The AppHash is what the light client has verified.
func (a *App) OfferSnapshot(_ context.Context, request *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	r := &a.restoration
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.reader, r.restore = nil, nil // CometBFT has given the former one up; beginning anew clears what it left
	result, err := a.offer(request)
	if err != nil {
		a.log.Warn("snapshot refused", "height", request.GetSnapshot().GetHeight(), "reason", err)
	}
	return &abci.ResponseOfferSnapshot{Result: result}, nil
}

func (a *App) offer(request *abci.RequestOfferSnapshot) (abci.ResponseOfferSnapshot_Result, error) {
	offered := request.Snapshot
	if offered == nil {
		return abci.ResponseOfferSnapshot_REJECT, snapshot.ErrHeader
	}
	if offered.Format != snapshot.Format {
		return abci.ResponseOfferSnapshot_REJECT_FORMAT, fmt.Errorf("%w (%d)", snapshot.ErrFormat, offered.Format)
	}
	if len(offered.Hash) != len(scale.Hash{}) || len(request.AppHash) != len(scale.Hash{}) {
		return abci.ResponseOfferSnapshot_REJECT_SENDER, snapshot.ErrHeader
	}
	reader, err := snapshot.NewReader(snapshot.Description{Height: offered.Height, Header: offered.Metadata,
		Hash: scale.Hash(offered.Hash), Chunks: offered.Chunks}, scale.Hash(request.AppHash))
	if err != nil {
		return abci.ResponseOfferSnapshot_REJECT_SENDER, err
	}
	restore, err := a.chain.Restore(offered.Height, reader.Header())
	if err != nil {
		return abci.ResponseOfferSnapshot_ABORT, err // nothing that a peer has done
	}
	a.restoration.reader, a.restoration.restore = reader, restore
	return abci.ResponseOfferSnapshot_ACCEPT, nil
}

// ApplySnapshotChunk checks a chunk and brings in what it holds. A wrong chunk is fetched again from somebody else, and
// whoever sent it is not asked any more; a snapshot that is not as it was described is given up.
func (a *App) ApplySnapshotChunk(_ context.Context, request *abci.RequestApplySnapshotChunk) (*abci.ResponseApplySnapshotChunk, error) {
	r := &a.restoration
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.reader == nil {
		return nil, errors.New("app: a chunk of a snapshot that was not accepted")
	}
	records, err := r.reader.Apply(request.Index, request.Chunk)
	if err != nil {
		a.log.Warn("chunk of a snapshot refused", "chunk", request.Index, "sender", request.Sender, "reason", err)
		return refuseChunk(request, err), nil
	}
	if err := r.restore.Add(records); err != nil {
		return nil, err
	}
	if r.reader.Done() {
		if err := r.restore.Finish(); err != nil {
			return nil, err
		}
		head := a.chain.Head()
		a.log.Info("state restored", "height", head.Height, "block", head.Number, "hash", head.Hash.String())
		r.reader, r.restore = nil, nil
	}
	return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_ACCEPT}, nil
}

// refuseChunk is what CometBFT shall do about a chunk.
func refuseChunk(request *abci.RequestApplySnapshotChunk, cause error) *abci.ResponseApplySnapshotChunk {
	switch {
	case errors.Is(cause, snapshot.ErrOrder):
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT}
	case errors.Is(cause, snapshot.ErrChunks): // who sends its chunks has described it too
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
			RejectSenders: []string{request.Sender}}
	}
	return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_RETRY,
		RefetchChunks: []uint32{request.Index}, RejectSenders: []string{request.Sender}}
}
