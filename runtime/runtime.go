package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/host"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Runtime is the state transition over one host. One goroutine uses it.
type Runtime struct {
	*composition
	context *frame.Context
	decoder scale.Decoder // scratch: the extrinsic being decoded
	payload []byte        // scratch: what an extrinsic's signature covers
}

// New is a runtime over h.
func New(h host.Host) *Runtime {
	return &Runtime{composition: composed, context: frame.NewContext(h)}
}

// Version says which runtime this is and what it offers.
func (r *Runtime) Version() frame.RuntimeVersion { return r.version }

// TryState checks the invariants of all pallets. It reads the whole state: for tests
// and simulation.
func (r *Runtime) TryState() error {
	for i := range r.pallets {
		if check := r.pallets[i].TryState; check != nil {
			if err := check(r.context); err != nil {
				return err
			}
		}
	}
	return nil
}
