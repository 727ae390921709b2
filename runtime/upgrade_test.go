package runtime_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

var upgradeCodec = scale.Struct("", "",
	scale.Field("", scale.U32, func(u *system.Upgrade) *uint32 { return &u.SpecVersion }),
	scale.Field("", scale.U32, func(u *system.Upgrade) *uint32 { return &u.Number }))

func (c *chain) scheduled() (system.Upgrade, bool) {
	return stored(c, storageKey("System", "ScheduledUpgrade"), upgradeCodec)
}

// own is this program's spec version.
var own = runtime.New(nil).Version().SpecVersion

func TestUpgradesAreScheduledByRootAlone(t *testing.T) {
	c := newChain(t)
	for name, call := range map[string][]byte{"schedule": scheduleUpgrade(own+1, 1_000), "cancel": rootCall(system.Index, 21)} {
		result := c.block(c.sign(dev(t, "Alice"), call))[0]
		if result.Error != frame.ErrBadOrigin {
			t.Errorf("%s by an account: %+v", name, result)
		}
	}
	if _, exists := c.scheduled(); exists {
		t.Fatal("an account scheduled an upgrade")
	}
}

func TestUpgradesAreScheduledInTime(t *testing.T) {
	c := newChain(t)
	refused := func(call []byte, want *frame.ModuleError) {
		t.Helper()
		if result := c.govern(call); result.Error != frame.AsDispatchError(want) {
			t.Errorf("%x: %+v, not %s", call, result, want.Name)
		}
	}
	// A call that is executed in block n+2 is proposed when the head is n.
	soon := func(notice uint32) uint32 { return c.head.Number + 2 + notice }
	refused(scheduleUpgrade(own, soon(100)), system.ErrSpecVersion)
	refused(scheduleUpgrade(own-1, soon(100)), system.ErrSpecVersion)
	refused(scheduleUpgrade(own+1, soon(9)), system.ErrUpgradeTooSoon)
	refused(scheduleUpgrade(own+1, 0), system.ErrUpgradeTooSoon)
	refused(rootCall(system.Index, 21), system.ErrNoUpgrade)
	want := system.Upgrade{SpecVersion: own + 1, Number: soon(10)}
	c.mustGovern(scheduleUpgrade(want.SpecVersion, want.Number))
	if got, _ := c.scheduled(); got != want || !eventNames(t, c)["System.UpgradeScheduled"] {
		t.Fatalf("scheduled: %+v", got)
	}
	want = system.Upgrade{SpecVersion: own + 3, Number: soon(500)}
	c.mustGovern(scheduleUpgrade(want.SpecVersion, want.Number)) // in place of the first
	if got, _ := c.scheduled(); got != want {
		t.Fatalf("scheduled: %+v", got)
	}
	c.mustGovern(rootCall(system.Index, 21))
	if _, exists := c.scheduled(); exists || !eventNames(t, c)["System.UpgradeCancelled"] {
		t.Fatal("the upgrade is not cancelled")
	}
}

// TestOnlyTheRuntimeThatIsDueMakesABlock: this one makes every block before the upgrade,
// and none after; I5: not even when a whole block is given to it.
func TestOnlyTheRuntimeThatIsDueMakesABlock(t *testing.T) {
	c := newChain(t)
	number := c.head.Number + 20
	c.mustGovern(scheduleUpgrade(own+1, number))
	for c.head.Number+1 < number {
		if err := c.fork().CheckVersion(c.head.Number + 1); err != nil {
			t.Fatal(err)
		}
		c.block()
	}
	var wrong *runtime.VersionError
	if err := c.fork().CheckVersion(number); !errors.As(err, &wrong) || wrong.Number != number || wrong.Due != own+1 || wrong.Have != own {
		t.Fatalf("the next runtime's block: %v", err)
	}
	next := header.Header{ParentHash: c.head.Hash(), Number: number}
	if _, err := c.fork().Call("Core_initialize_block", header.Codec.Marshal(next)); !errors.As(err, &wrong) {
		t.Fatalf("Core_initialize_block: %v", err)
	}
	if _, err := c.fork().Call("Core_execute_block", append(header.Codec.Marshal(next), 0)); !errors.As(err, &wrong) {
		t.Fatalf("Core_execute_block: %v", err)
	}
	if text := wrong.Error(); !strings.Contains(text, "install the release with spec version 2 and start it on the same data folder") {
		t.Error(text)
	}
}

// setSystem writes an item of pallet System behind the runtime's back.
func (c *chain) setSystem(item string, value []byte) {
	b := c.fork()
	b.host.Set(storageKey("System", item), value)
	c.head.StateRoot = b.host.StorageRoot()
	c.store.Insert(b.backend.Commit())
}

// TestTheNextRuntimeTakesOver plays the chain of an older runtime: this one waits for its
// block, and then migrates once, before anything else of the block.
func TestTheNextRuntimeTakesOver(t *testing.T) {
	c := newChain(t)
	c.block()
	older := append(scale.CompactU32.Marshal(own-1), scale.Str(32).Marshal("bitcloak")...)
	c.setSystem("LastRuntimeUpgrade", older)
	var wrong *runtime.VersionError
	if err := c.fork().CheckVersion(2); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "no upgrade to 1 is scheduled") {
		t.Fatalf("without a schedule: %v", err)
	}
	due := system.Upgrade{SpecVersion: own, Number: 2}
	c.setSystem("ScheduledUpgrade", upgradeCodec.Marshal(system.Upgrade{SpecVersion: own, Number: 3}))
	if err := c.fork().CheckVersion(2); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "until it stops at block 3") {
		t.Fatalf("a block too early: %v", err)
	}
	c.setSystem("ScheduledUpgrade", upgradeCodec.Marshal(due))

	var ran []string
	note := func(name string) { ran = append(ran, name) }
	b := c.fork()
	runtime.WithHooks(b.Runtime, func(from uint32) {
		if from != own-1 {
			t.Errorf("it migrates from %d", from)
		}
		note("migrate")
	}, func() { note("initialize") })
	b.InitializeBlock(header.Header{ParentHash: c.head.Hash(), Number: 2})
	c.time += 1_000
	b.ApplyExtrinsic(runtime.TimestampInherent(c.time))
	b.commit()
	if !slices.Equal(ran, []string{"migrate", "initialize"}) {
		t.Errorf("ran %v", ran)
	}
	if _, exists := c.scheduled(); exists || !eventNames(t, c)["System.RuntimeUpgraded"] {
		t.Error("the upgrade is still to come, or nobody was told")
	}
	b = c.fork()
	runtime.WithHooks(b.Runtime, func(uint32) { t.Error("it migrates twice") }, func() {})
	b.InitializeBlock(header.Header{ParentHash: c.head.Hash(), Number: 3})
}

// TestGenesisNamesItsRuntime: a later program builds the same state 0 as the first.
func TestGenesisNamesItsRuntime(t *testing.T) {
	first := runtime.DevelopmentGenesis()
	first.SpecVersion = 0 // chain specs from before the field
	host, err := build(first)
	if err != nil {
		t.Fatal(err)
	}
	named := runtime.DevelopmentGenesis()
	named.SpecVersion = 1
	again, err := build(named)
	if err != nil || host.StorageRoot() != again.StorageRoot() {
		t.Fatalf("version 1 is not the first (%v)", err)
	}
	named.SpecVersion = own + 1
	if _, err := build(named); !errors.Is(err, runtime.ErrGenesisVersion) {
		t.Fatalf("a genesis of a later program: %v", err)
	}
}
