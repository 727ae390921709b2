package worker

import (
	"fmt"
)

// recover gives the state to go on from: the newest snapshot that is whole and this
// worker's own, or the one before the first checkpoint. What is wrong with others
// is logged with its name.
func (w *Worker) recover() (*state, error) {
	report := func(name string, err error) {
		w.config.Log.Error("a snapshot cannot be used", "file", name, "error", err)
		w.metrics.snapshot("refused")
	}
	generations := w.snapshots.list(report)
	for _, g := range generations {
		s, err := w.restore(g)
		if err != nil {
			report(snapshotNames[g.slot], err)
			continue
		}
		w.config.Log.Info("restored a snapshot", "file", snapshotNames[g.slot], "checkpoint", g.checkpoint, "stateRoot", g.root.String())
		return s, nil
	}
	if !w.secrets.firstSeed.Some {
		return nil, ErrUnrecoverable
	}
	if len(generations) > 0 {
		w.config.Log.Warn("no snapshot can be used: replaying from the first checkpoint")
	}
	return w.newState(0, w.secrets.firstSeed.Value)
}

// restore opens a generation and rebuilds the state in it.
func (w *Worker) restore(g generation) (*state, error) {
	plaintext, err := w.snapshots.open(g)
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	s, err := w.decodeState(plaintext)
	if err != nil {
		return nil, err
	}
	if last, ok := s.contract.Last(); !ok || last.Checkpoint != g.checkpoint || last.StateRoot != g.root {
		s.keyring.Wipe()
		return nil, fmt.Errorf("%w (it is bound to checkpoint %d and root %s)", ErrSnapshotState, g.checkpoint, g.root)
	}
	return s, nil
}

// reportBehind says when the state is older than the chain's last commit: after a
// rollback of the disk, or an absence. Replaying brings it forward, and the state
// root must then be the committed one.
func (w *Worker) reportBehind(s *chainState) {
	last, ok := w.contract.Last()
	if !s.last.Some || ok && last.Checkpoint >= s.last.Value.Checkpoint {
		return
	}
	missing := s.last.Value.Checkpoint + 1
	if ok {
		missing = s.last.Value.Checkpoint - last.Checkpoint
		w.config.Log.Warn(ErrSnapshotBehind.Error()+"; replaying", "behind", missing)
		return
	}
	w.config.Log.Info("replaying from the first checkpoint", "checkpoints", missing)
}
