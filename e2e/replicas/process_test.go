// Package replicas tests a contract that several workers run, as the processes that
// operators start: a node and three workers, of which two must sign. One is killed, comes
// back, loses its disk, computes something else, is removed; trading goes on, or halts and
// resumes, and nothing is lost.
package replicas

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	// What the binaries are made of: so that a cached result is never one of another build.
	_ "github.com/bitcloak/bitcloak/node"
	_ "github.com/bitcloak/bitcloak/worker"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

var (
	programs string // the folder of the binaries under test
	faulty   = make(chan error, 1)
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if programs, err = os.MkdirTemp("", "bitcloak-replicas-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(programs)
	if err := build("bitcloak"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	built := make(chan struct{})
	go func() { // it is needed later
		defer close(built)
		faulty <- build("bitcloak-faulty", "-tags", "plantedfault")
	}()
	code := m.Run()
	<-built
	return code
}

func program(name string) string { return filepath.Join(programs, name) }

func build(name string, flags ...string) error {
	arguments := append([]string{"build", "-o", program(name)}, flags...)
	if said, err := exec.Command("go", append(arguments, "github.com/bitcloak/bitcloak/cmd/bitcloak")...).CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", name, err, said)
	}
	return nil
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

// process is one run of a binary. Only this handle ever sends it a signal.
type process struct {
	name    string
	command *exec.Cmd
	said    output
	ended   chan struct{}
}

// launch starts a binary; the end of the test ends it, and shows what it said if the test failed.
func launch(t *testing.T, name, binary string, arguments ...string) *process {
	t.Helper()
	p := &process{name: name, command: exec.Command(program(binary), arguments...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.said, &p.said
	if err := p.command.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.command.Wait() // its state is looked at instead
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.said.String())
		}
	})
	return p
}

// kill ends the process as a crash would and waits until it is gone.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended already
	<-p.ended
}

// running reports whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// shows waits for a line of its output and gives what the pattern's group matches.
func (p *process) shows(t *testing.T, line *regexp.Regexp) string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found := line.FindStringSubmatch(p.said.String()); found != nil {
			return found[1]
		}
		if !p.running() {
			t.Fatalf("%s ended with code %d", p.name, p.command.ProcessState.ExitCode())
		}
	}
	t.Fatalf("%s says nothing of %q", p.name, line)
	return ""
}
