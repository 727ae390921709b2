//go:build nextruntime

package system

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// The rehearsal of an upgrade differs from the runtime before by a constant that shows in
// the metadata, and by a migration that shows in the state.

var _ = frame.NewConstant(module, "Rehearsal", scale.Bool, true,
	"This runtime rehearses an upgrade.")

var rehearsedFrom = frame.NewValue(module, "RehearsedFrom", scale.U32, frame.Optional,
	"The spec version that the rehearsal's migration found.")

func init() {
	onRuntimeUpgrade = func(c *frame.Context, from uint32) frame.Weight {
		rehearsedFrom.Set(c, from)
		return frame.Access(0, 1)
	}
}
