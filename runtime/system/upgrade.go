package system

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/host"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// minUpgradeNotice keeps the number from being passed before all know of it. What gives
// operators time is governance's delay, and a number that lies far ahead.
var minUpgradeNotice = frame.NewConstant(module, "MinUpgradeNotice", scale.U32, 10,
	"How many blocks ahead an upgrade is scheduled at least.")

// Upgrade is a runtime that takes over, and the number of the first block it makes.
type Upgrade struct {
	SpecVersion uint32
	Number      uint32
}

var scheduleCodec = scale.Struct("bitcloak_system::Upgrade", "A runtime that takes over, and the first block it makes.",
	scale.Field("spec_version", scale.U32, func(u *Upgrade) *uint32 { return &u.SpecVersion }),
	scale.Field("number", scale.U32, func(u *Upgrade) *uint32 { return &u.Number }))

var scheduledUpgrade = frame.NewValue(module, "ScheduledUpgrade", scheduleCodec, frame.Optional,
	"The upgrade that is to come; absent if none is.")

// ScheduledUpgrade is the upgrade that is to come, if there is one.
func ScheduledUpgrade(c *frame.Context) (next Upgrade, exists bool) { return scheduledUpgrade.Find(c) }

// DueVersion is the spec version of the runtime that must make the block after the state:
// the one scheduled from its number on, else the one that made the block before.
func DueVersion(c *frame.Context, number uint32) uint32 {
	if next, exists := scheduledUpgrade.Find(c); exists && number >= next.Number {
		return next.SpecVersion
	}
	return lastRuntimeUpgrade.Get(c).SpecVersion
}

// NoteGenesisVersion records with which runtime a chain starts.
func NoteGenesisVersion(c *frame.Context, specVersion uint32, specName string) {
	lastRuntimeUpgrade.Set(c, runtimeInfo{SpecVersion: specVersion, SpecName: specName})
}

// TakeOver notes that another runtime than before makes the block, and says which that
// was. It does nothing while the runtime is the same.
func TakeOver(c *frame.Context, specVersion uint32, specName string) (from uint32, another bool) {
	running, last := runtimeInfo{SpecVersion: specVersion, SpecName: specName}, lastRuntimeUpgrade.Get(c)
	if last == running {
		return last.SpecVersion, false
	}
	lastRuntimeUpgrade.Set(c, running)
	scheduledUpgrade.Remove(c)
	runtimeUpgraded.Deposit(c, takeover{From: last.SpecVersion, To: specVersion})
	c.Host.Log(host.LevelInfo, "runtime", specName+" "+scale.U128From(uint64(specVersion)).String()+" takes over")
	return last.SpecVersion, true
}

// scheduleUpgrade replaces what was scheduled before.
func scheduleUpgrade(c *frame.Context, origin frame.Origin, args *Upgrade) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	switch current := number.Get(c); {
	case args.SpecVersion <= lastRuntimeUpgrade.Get(c).SpecVersion:
		return ErrSpecVersion
	case args.Number < current || args.Number-current < minUpgradeNotice:
		return ErrUpgradeTooSoon
	}
	scheduledUpgrade.Set(c, *args)
	upgradeScheduled.Deposit(c, *args)
	return nil
}

func cancelUpgrade(c *frame.Context, origin frame.Origin, _ *struct{}) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	cancelled, exists := scheduledUpgrade.Find(c)
	if !exists {
		return ErrNoUpgrade
	}
	scheduledUpgrade.Remove(c)
	upgradeCancelled.Deposit(c, cancelled)
	return nil
}

// onRuntimeUpgrade is the pallet's migration; nil while there is none.
var onRuntimeUpgrade func(c *frame.Context, from uint32) frame.Weight
