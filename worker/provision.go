package worker

import (
	"context"

	"github.com/bitcloak/bitcloak/light"
)

// checkProvision refuses to take a seed from outside where the chain, by its proven
// state, does not accept simulated attestation: whoever provides it can read everything.
// Genesis alone decides about that, so it cannot change later.
func (w *Worker) checkProvision(ctx context.Context, head light.Head) error {
	if w.config.Seed == nil && len(w.config.Replicas) == 0 {
		return nil
	}
	chain, err := w.readAdmission(ctx, head, [32]byte{}, [32]byte{})
	if err != nil {
		return err
	}
	if !chain.development {
		return ErrProvision
	}
	if w.config.Seed != nil {
		w.config.Log.Warn("a first seed was given: erase it everywhere once the workers run, for whoever has it reads all that was ever sealed to this contract")
	}
	return nil
}
