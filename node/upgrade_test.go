package node

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/governance"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// scheduleCall is System.schedule_upgrade.
func scheduleCall(version, number uint32) []byte {
	e := scale.NewEncoder([]byte{system.Index, 20})
	e.U32(version)
	e.U32(number)
	return e.Encoded()
}

// governed is a network of one validator whose only member of governance is the crowd's first.
func governed(t *testing.T, dir string, c *crowd) Config {
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	config.Spec.Genesis.Governance = governance.Genesis{Members: []frame.Address{frame.Address(c.pairs[0].AccountID())}, Threshold: 1, Delay: 1}
	return config
}

// TestUpgradeStopsTheNode schedules a runtime that this program does not hold: the node makes every block before it and none
// after, says what to install, closes cleanly, and refuses to start again.
func TestUpgradeStopsTheNode(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, 1)
	config := governed(t, dir, c)
	n := startNode(t, config)
	c.join(n)
	next := n.Chain().Version().SpecVersion + 1
	number := n.Chain().Head().Number + 16
	include(t, n, c.sign(t, 0, 0, wire.CallPropose(scheduleCall(next, number))))
	include(t, n, c.sign(t, 0, 1, wire.CallExecute(0)))
	nonce := uint32(2)
	for n.Chain().Head().Number+1 < number {
		include(t, n, c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
		nonce++
	}
	select {
	case <-n.Halted():
	case <-time.After(20 * time.Second):
		t.Fatal("the node goes on")
	}
	wantUpgrade(t, n.Err(), number, next)
	head := n.Chain().Head()
	if head.Number != number-1 {
		t.Errorf("the node stands at block %d, the upgrade is at %d", head.Number, number)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if after := headOf(t, dir); after.Number != head.Number || after.Hash != head.Hash {
		t.Errorf("the store stands at %+v, the node stood at %+v", after, head)
	}
	again, err := Start(context.Background(), config)
	if err == nil {
		_ = again.Close()
	}
	wantUpgrade(t, err, number, next)
}

func wantUpgrade(t *testing.T, err error, number, version uint32) {
	t.Helper()
	var wrong *runtime.VersionError
	if !errors.As(err, &wrong) || wrong.Number != number || wrong.Due != version || wrong.Have != version-1 ||
		!strings.Contains(err.Error(), "start it on the same data folder") {
		t.Fatalf("the node gives another reason: %v", err)
	}
}
