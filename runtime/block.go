package runtime

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/header"
)

// Errors of building a block. All are mistakes of whoever builds it.
var (
	ErrNumber     = errors.New("runtime: the header's number does not follow the state's; initialise the next block on its parent's state")
	ErrNoInherent = errors.New("runtime: the block has no timestamp; apply the inherent first")
)

// InitializeBlock starts the block with this parent, number and digest. It panics if
// the number is not the next one.
func (r *Runtime) InitializeBlock(h header.Header) {
	if err := r.initialize(&h); err != nil {
		panic(err)
	}
}

func (r *Runtime) initialize(h *header.Header) error {
	c := r.context
	if h.Number == 0 || h.Number-1 != system.Number(c) {
		return ErrNumber
	}
	if err := r.CheckVersion(h.Number); err != nil {
		return err
	}
	system.Initialize(c, h)
	r.takeOver()
	for i := range r.pallets {
		if hook := r.pallets[i].OnInitialize; hook != nil {
			system.AddWeight(c, hook(c))
		}
	}
	return nil
}

// FinalizeBlock ends the block and gives its header. It panics if nothing was
// applied: every block carries the timestamp.
func (r *Runtime) FinalizeBlock() header.Header {
	h, err := r.finalize()
	if err != nil {
		panic(err)
	}
	return h
}

func (r *Runtime) finalize() (header.Header, error) {
	c := r.context
	if system.ExtrinsicIndex(c) == 0 {
		return header.Header{}, ErrNoInherent
	}
	c.SetPhase(frame.InFinalization())
	for i := range r.pallets {
		if hook := r.pallets[i].OnFinalize; hook != nil {
			hook(c)
		}
	}
	return system.Finalize(c), nil
}
