package worker

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker/api"
)

// Status is what everybody may know of the worker (api.Service).
func (w *Worker) Status() api.Status {
	status := api.Status{
		Instance: api.Instance{Genesis: w.config.Instance.Genesis.String(), Contract: w.config.Instance.Contract},
		Worker:   scale.HexString(w.public[:]),
		Evidence: api.Evidence{Kind: uint8(w.attestation.evidence.Kind), Bytes: scale.HexString(w.attestation.evidence.Bytes)},
		Epoch:    w.keyring.Epoch(),
		Ready:    w.serving(),
	}
	if key, err := w.keyring.Public(status.Epoch); err == nil {
		status.ContractKey = scale.HexString(key.Public[:])
	}
	if s := w.lastState(); s != nil {
		status.Head = &api.Block{Number: s.head.Number, Hash: s.head.Hash.String()}
	}
	if last, ok := w.finished(); ok {
		status.Checkpoint = checkpointStatus(&last)
	}
	if committed := w.commits.committed(); committed.Some {
		status.Committed = checkpointStatus(&committed.Value)
	}
	return status
}

func checkpointStatus(c *wire.LastCommit) *api.Checkpoint {
	return &api.Checkpoint{Index: c.Checkpoint, Number: c.Number, BlockHash: c.BlockHash.String(), StateRoot: c.StateRoot.String()}
}

// finished is the last checkpoint finished, as its commit has it.
func (w *Worker) finished() (wire.LastCommit, bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	last, ok := w.contract.Last()
	return last.LastCommit, ok
}
