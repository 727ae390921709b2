package soak

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine.
const patience = 90 * time.Second

// program is where the program under test was built.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "bitcloak-soak-")
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

// output keeps the end of what a process says.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// maxOutput bounds it, in bytes: a soak is long.
const maxOutput = 1 << 20

func (o *output) Write(b []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.text.Len() > maxOutput {
		o.text.Next(maxOutput / 2)
	}
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
	folder  string // of its data
	command *exec.Cmd
	said    output
	ended   chan struct{}
}

// launch starts the binary on a data folder; the end of the test ends it.
func launch(t *testing.T, name, folder string, arguments ...string) *process {
	t.Helper()
	p := &process{name: name, folder: folder, command: exec.Command(program, arguments...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.said, &p.said
	p.command.Env = append(os.Environ(), "GODEBUG=gctrace=1") // a line for each collection: how much lives
	p.command.SysProcAttr = orphanless()
	if err := p.command.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.command.Wait() // its state is looked at instead
		close(p.ended)
	}()
	t.Cleanup(p.stop)
	return p
}

// stop ends the process as an operator does, and at last as a crash would.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// told waits for a line of its output and gives what the pattern's group matches.
func (p *process) told(t *testing.T, line *regexp.Regexp) string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if found := line.FindStringSubmatch(p.said.String()); found != nil {
			return found[1]
		}
		select {
		case <-p.ended:
			t.Fatalf("%s has ended\n%s", p.name, p.said.String())
		default:
		}
	}
	t.Fatalf("%s says nothing of %q\n%s", p.name, line, p.said.String())
	return ""
}
