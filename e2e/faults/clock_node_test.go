package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/node/chainspec"
)

// clockVariable says by how many seconds the clock of a program is wrong that buildWrongClock has built.
const clockVariable = "BITCLOAK_WRONG_CLOCK"

// buildWrongClock builds the program over a standard library whose clock can be wrong: nothing of that is in the program's own
// code. Programs in Go ask the kernel for the time in a way that no library put underneath can change.
func buildWrongClock(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	library := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	source, err := os.ReadFile(filepath.Join(library, "time.go"))
	if err != nil {
		t.Fatal(err)
	}
	const asks = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if !strings.Contains(string(source), asks) {
		t.Skip("this version of Go asks for the time in another way: adapt buildWrongClock")
	}
	altered := strings.Replace(string(source), asks, asks+"\tsec += wrongBy\n", 1)
	wrong := fmt.Sprintf(`package time

import "syscall"

var wrongBy = readWrongBy()

func readWrongBy() (seconds int64) {
	text, _ := syscall.Getenv(%q)
	negative := len(text) > 0 && text[0] == '-'
	for _, digit := range text {
		if digit >= '0' && digit <= '9' {
			seconds = 10*seconds + int64(digit-'0')
		}
	}
	if negative {
		return -seconds
	}
	return seconds
}
`, clockVariable)
	files := map[string]string{"time.go": altered, "wrong_clock.go": wrong}
	replace := map[string]string{}
	for name, text := range files {
		replace[filepath.Join(library, name)] = filepath.Join(folder, name)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	built := filepath.Join(folder, "bitcloak")
	build := exec.Command("go", "build", "-overlay", filepath.Join(folder, "overlay.json"), "-o", built, "github.com/bitcloak/bitcloak/cmd/bitcloak")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build a program with a wrong clock: %v\n%s", err, said)
	}
	return built
}

// wrongClock has processes started from now on run by a clock that is wrong by so much.
func (s *site) wrongClock(built string, wrong time.Duration) {
	s.change = func(command *exec.Cmd) {
		command.Path = built
		command.Env = append(os.Environ(), fmt.Sprintf("%s=%d", clockVariable, int64(wrong/time.Second)))
	}
	if wrong == 0 {
		s.change = nil
	}
}

// TestNodeClock: the only validator's clock jumps ahead and back. The chain's time never goes back (the auditor sees to that);
// followers refuse blocks of the future, say that a clock is wrong, and go on once the time has come.
func TestNodeClock(t *testing.T) {
	if setting(t, "BITCLOAK_FAULT_CLOCKS", 0) == 0 {
		t.Skip("building a program with a wrong clock takes minutes: 'make faults' does it")
	}
	built := buildWrongClock(t)
	s := newSiteOf(t, func(spec *chainspec.Spec) { // begun before any of the clocks says
		spec.CometBFT.GenesisTime = spec.CometBFT.GenesisTime.Add(-2 * time.Hour)
		spec.Genesis.Confidential.Heartbeat = heartbeat
	})
	s.auditorNow = func() time.Time { return time.Now().Add(24 * time.Hour) } // refuses nothing as too early
	s.startNode()
	a := newAuditor(s)
	s.startWorker()
	tr := s.crowd(rand.New(rand.NewPCG(10, 10)), "Bob")[0]

	const ahead = light.DefaultClockDrift + 15*time.Second
	s.restartNode(built, ahead)
	until(t, "a block of the future", func() bool { return time.Until(a.chain.View().Head.Time) > light.DefaultClockDrift })
	until(t, "the worker's refusal", func() bool { return strings.Contains(s.worker.said.String(), light.ErrFuture.Error()) })
	a.check()
	s.restartNode(built, 0)
	s.goOnFrom(a, a.chain.View())
	if early := time.Until(a.chain.View().Head.Time); early > light.DefaultClockDrift {
		t.Errorf("the worker has committed %v too early", early)
	}

	s.restartNode(built, -20*time.Second)
	before := a.chain.View()
	tr.close()
	until(t, "a wallet", func() bool { return tr.open() == nil })
	again(t, "a deposit by a slow clock", func(ctx context.Context) error { return tr.deposit(ctx, payment{ksm, oneKSM}, false) })
	s.goOnFrom(a, before)
	if after := a.chain.View().Head.Time; !after.After(before.Head.Time) {
		t.Errorf("the head's time went from %v to %v", before.Head.Time, after)
	}

	s.restartNode(built, -time.Hour) // beyond what a validator takes for the present
	until(t, "the node's refusal", func() bool { return strings.Contains(s.node.said.String(), "too far in the future (wall clock") })
	s.restartNode(built, 0)
	s.goOnFrom(a, a.chain.View())
	tr.start()
	time.Sleep(time.Second)
	s.finish(a, []*trader{tr})
}

// restartNode ends the node and starts it by another clock.
func (s *site) restartNode(built string, wrong time.Duration) {
	s.t.Helper()
	s.node.signal(s.t, terminate)
	s.node.wait(s.t, closeTime)
	s.wrongClock(built, wrong)
	s.startNode()
	s.change = nil
}
