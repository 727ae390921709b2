package runtime

import (
	"fmt"

	"github.com/bitcloak/bitcloak/runtime/system"
)

// VersionError refuses to make a block that is another runtime's to make. Whoever runs
// the program can do something about it: see Error.
type VersionError struct {
	Number uint32         // of the block
	Due    uint32         // the spec version that must make it
	Have   uint32         // the spec version of this program
	Next   system.Upgrade // what is scheduled, zero if nothing is
}

// Error names the block, the versions and the remedy.
func (e *VersionError) Error() string {
	text := fmt.Sprintf("runtime: block %d is to be made by the runtime with spec version %d, and this program holds spec version %d; ",
		e.Number, e.Due, e.Have)
	switch {
	case e.Have < e.Due:
		return text + fmt.Sprintf("install the release with spec version %d and start it on the same data folder", e.Due)
	case e.Next.SpecVersion == e.Have:
		return text + fmt.Sprintf("run the release with spec version %d on this data folder until it stops at block %d, where the upgrade is scheduled, and then this one",
			e.Due, e.Next.Number)
	default:
		return text + fmt.Sprintf("go on with the release with spec version %d: no upgrade to %d is scheduled", e.Due, e.Have)
	}
}

// CheckVersion reports whether this runtime may make the block with the number on the
// host's state, or else gives a *VersionError. I5: each range of blocks has one program.
func (r *Runtime) CheckVersion(number uint32) error {
	due := system.DueVersion(r.context, number)
	if due == specVersion {
		return nil
	}
	next, _ := system.ScheduledUpgrade(r.context)
	return &VersionError{Number: number, Due: due, Have: specVersion, Next: next}
}

// takeOver migrates the storage, in a block that is this runtime's first.
func (r *Runtime) takeOver() {
	from, another := system.TakeOver(r.context, specVersion, specName)
	if !another {
		return
	}
	for i := range r.pallets {
		if migrate := r.pallets[i].OnRuntimeUpgrade; migrate != nil {
			system.AddWeight(r.context, migrate(r.context, from))
		}
	}
}
