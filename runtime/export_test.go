package runtime

import (
	"slices"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// WithHooks gives a runtime, and it alone, one pallet more, first of all, that says when its
// hooks run.
func WithHooks(r *Runtime, migrate func(from uint32), initialize func()) {
	own := *r.composition
	own.pallets = slices.Insert(slices.Clone(own.pallets), 0, frame.Pallet{
		Module:           frame.NewModule("Hooks", 255, "hooks"),
		OnRuntimeUpgrade: func(_ *frame.Context, from uint32) frame.Weight { migrate(from); return frame.Weight{} },
		OnInitialize:     func(*frame.Context) frame.Weight { initialize(); return frame.Weight{} },
	})
	r.composition = &own
}

// EventFields is the declaration of an event, for tests that decode them.
func EventFields(pallet, index uint8) (name string, fields []scale.TypeField, found bool) {
	for _, p := range composed.pallets {
		for _, v := range p.Events {
			if p.Index == pallet && v.Index == index {
				return p.Name + "." + v.Name, v.Fields, true
			}
		}
	}
	return "", nil, false
}
