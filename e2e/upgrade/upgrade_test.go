package upgrade

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// The versions of the two binaries, and the constant that the newer one alone declares.
const (
	oldSpec  = 1
	newSpec  = oldSpec + 1
	novelty  = "Rehearsal"
	untilDue = 60 // blocks: time for what is tried before
)

// scheduleCall is System.schedule_upgrade.
func scheduleCall(version, number uint32) []byte {
	e := scale.NewEncoder([]byte{system.Index, 20})
	e.U32(version)
	e.U32(number)
	return e.Encoded()
}

func remarkCall(text string) []byte {
	return append([]byte{system.Index, 0}, scale.Bytes(64).Marshal([]byte(text))...)
}

// TestUpgrade replaces one binary by the next at the height that governance chose.
func TestUpgrade(t *testing.T) {
	data := onFolder(t.TempDir())

	// Governance decides, after its delay.
	network, client := run(t, older, data)
	a := newAlice(t, client, oldSpec)
	// Her key pays for the worker's registration too: after that, she is alone with her nonces.
	a.until("a commit is accepted", func() bool { return a.commits() > 0 })
	number := a.head() + untilDue
	a.submit(wire.CallPropose(scheduleCall(newSpec, number)))
	a.submit(wire.CallExecute(0))
	if a.systemItem("ScheduledUpgrade") != nil {
		t.Fatal("a proposal is executed without its delay")
	}
	time.Sleep(1500 * time.Millisecond) // the delay is a second
	a.submit(wire.CallExecute(0))
	if a.systemItem("ScheduledUpgrade") == nil {
		t.Fatal("the upgrade is not scheduled")
	}
	network.stop()

	// The new binary is too early, and says until when the old one is to run.
	wantWords(t, refuses(t, newer, data), fmt.Sprintf("run the release with spec version %d", oldSpec), fmt.Sprintf("block %d", number))

	// The old one goes on, up to the block before.
	network, client = run(t, older, data)
	a.client = client
	for i := 0; a.head()+8 < number; i++ {
		a.submit(remarkCall(fmt.Sprint("before ", i)))
	}
	said := network.failed()
	wantCleanStop(t, said, number)
	wantWords(t, refuses(t, older, data), remedy)

	network, client = run(t, newer, data)
	a.client = client
	afterUpgrade(t, a, number)
	network.stop()
}

var remedy = fmt.Sprintf("install the release with spec version %d and start it on the same data folder", newSpec)

// wantCleanStop: what the old binary said names block, version and remedy, and no fault.
func wantCleanStop(t *testing.T, said string, number uint32) {
	t.Helper()
	wantWords(t, said, remedy, fmt.Sprintf("block %d", number))
	for _, fault := range []string{"panic", "CONSENSUS FAILURE", "goroutine "} {
		if strings.Contains(said, fault) {
			t.Errorf("the old binary did not stop cleanly (%q):\n%s", fault, said)
		}
	}
}

// afterUpgrade looks at the chain through the new binary.
func afterUpgrade(t *testing.T, a *alice, number uint32) {
	a.until("blocks are made again", func() bool { return a.head() > number+2 })
	commits := a.commits()
	a.until("the worker's commits go on", func() bool { return a.commits() > commits+2 })
	if from := a.systemItem("RehearsedFrom", a.hash(number)); from == nil || !bytes.Equal(*from, scale.U32.Marshal(oldSpec)) {
		t.Errorf("the migration did not run in block %d: %v", number, from)
	}
	if a.systemItem("RehearsedFrom", a.hash(number-1)) != nil || a.systemItem("ScheduledUpgrade") != nil {
		t.Error("the upgrade took effect in another block, or is still scheduled")
	}

	// Each block's answers are those of the runtime that makes the block after it.
	old, last, first := a.hash(number-2), a.hash(number-1), a.hash(number)
	for block, spec := range map[string]uint32{old: oldSpec, last: newSpec, first: newSpec} {
		if got := ask[struct{ SpecVersion uint32 }](a, "state_getRuntimeVersion", block); got.SpecVersion != spec {
			t.Errorf("the version after %s is %d, not %d", block, got.SpecVersion, spec)
		}
		wantNovelty(t, "state_getMetadata", ask[scale.HexBytes](a, "state_getMetadata", block), spec)
		wantNovelty(t, "metadata_at_version", ask[scale.HexBytes](a, "state_call", "Metadata_metadata_at_version", "0x0f000000", block), spec)
	}
	wantNovelty(t, "the latest metadata", ask[scale.HexBytes](a, "state_getMetadata"), newSpec)
	if refused := a.refusal("state_call", "AccountNonceApi_account_nonce", "0x"+strings.Repeat("00", 32), old); !strings.Contains(refused.Message, "does not hold") {
		t.Errorf("the old runtime is called: %v", refused)
	}

	// What is signed for the old version is worth nothing now.
	if refused := a.refusal("author_submitExtrinsic", a.sign(remarkCall("old"))); !strings.Contains(string(refused.Data), "bad signature") {
		t.Errorf("a signature for the old version is refused otherwise: %+v %s", refused, refused.Data)
	}
	a.spec = newSpec
	a.submit(remarkCall("new"))
}

// wantNovelty: metadata of the new version, and no other, declares the new constant.
func wantNovelty(t *testing.T, what string, metadata []byte, spec uint32) {
	t.Helper()
	if len(metadata) < 10_000 || bytes.Contains(metadata, []byte(novelty)) != (spec == newSpec) {
		t.Errorf("%s: %d bytes are not the metadata of spec version %d", what, len(metadata), spec)
	}
}

func wantWords(t *testing.T, said string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("it does not say %q:\n%s", word, said)
		}
	}
}
