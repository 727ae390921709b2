// Package faults breaks a network of real processes on purpose and looks at what is left: processes are killed and stopped,
// disks fill up, clocks are wrong, files are cut and flipped. An auditor recounts everything from outside data by its own
// arithmetic: I1, I2, I4 and I9 hold, what was final stays so, and whatever cannot go on says why and what to do.
//
// The ordinary tests take a fixed sample. `make faults` goes on for longer; it reads these variables:
//
//	BITCLOAK_FAULT_KILLS    how many processes are killed under load
//	BITCLOAK_FAULT_DAMAGES  how many times files are damaged, of node, worker and wallet each
//	BITCLOAK_FAULT_CLOCKS   1: also with a node whose clock is wrong, for which the program is built anew
//	BITCLOAK_FAULT_SEED     what the choices follow from
package faults

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine.
const patience = 2 * time.Minute

// program is where the program under test was built.
var program string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "bitcloak-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	program = filepath.Join(folder, "bitcloak")
	build := exec.Command("go", "build", "-o", program, "github.com/bitcloak/bitcloak/cmd/bitcloak")
	if said, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the binary: %v\n%s", err, said)
		return 1
	}
	return m.Run()
}

// setting is a number of the environment.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return number
}

// output collects what a process says.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

// process is one run of the binary. Only this handle ever sends it a signal.
type process struct {
	name    string
	command *exec.Cmd
	said    output
	ended   chan struct{}
}

// launch starts the binary; the end of the test ends it.
func launch(t *testing.T, name string, change func(*exec.Cmd), arguments ...string) *process {
	t.Helper()
	p := &process{name: name, command: exec.Command(program, arguments...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.said, &p.said
	p.command.SysProcAttr = orphanless()
	if change != nil {
		change(p.command)
	}
	if err := p.command.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.command.Wait() // its state is looked at instead
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the process as a crash would and waits until it is gone.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended already
	<-p.ended
}

func (p *process) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatalf("signal %v to %s: %v\n%s", signal, p.name, err, p.said.String())
	}
}

// wait gives the exit code, or fails when the process hangs.
func (p *process) wait(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(within):
		t.Fatalf("%s has not ended after %v\n%s", p.name, within, p.said.String())
		return -1
	}
}

// errEnded says that a process ended before it was ready.
var errEnded = errors.New("the process ended")

// ready waits for a line of its output and gives what the pattern's group matches.
func (p *process) ready(line *regexp.Regexp) (string, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if found := line.FindStringSubmatch(p.said.String()); found != nil {
			return found[1], nil
		}
		select {
		case <-p.ended:
			if found := line.FindStringSubmatch(p.said.String()); found == nil {
				return "", fmt.Errorf("%s: %w with code %d", p.name, errEnded, p.command.ProcessState.ExitCode())
			}
		case <-time.After(2 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("%s says nothing of %q", p.name, line)
}

// panicked finds a trace of the Go runtime in what a process said: an error that nobody meant for people.
var panicked = regexp.MustCompile(`(?m)^(panic:|fatal error:|goroutine \d+ \[|SIGSEGV)`)

// checkRefusal checks that a process that did not start says why, as people can read it.
func (p *process) checkRefusal(t *testing.T) {
	t.Helper()
	said := p.said.String()
	switch code := p.command.ProcessState.ExitCode(); {
	case code != 1:
		t.Errorf("%s ends with code %d\n%s", p.name, code, said)
	case panicked.MatchString(said):
		t.Errorf("%s panics instead of saying what is wrong\n%s", p.name, said)
	case !strings.Contains(said, "bitcloak: ") && !strings.Contains(said, "level=ERROR"):
		t.Errorf("%s says nothing of what is wrong\n%s", p.name, said)
	}
}
