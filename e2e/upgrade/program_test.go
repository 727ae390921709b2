package upgrade

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/rpc"
)

const (
	// startLimit bounds how long a network may take to print its address, stopLimit to end.
	startLimit = time.Minute
	stopLimit  = 2 * time.Minute
	buildLimit = 5 * time.Minute
)

// older and newer are the binaries: this source, and its rehearsal of the next version.
var older, newer string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "bitcloak-upgrade")
	if err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		older, err = build(folder, "older", "")
	}
	if err == nil {
		newer, err = build(folder, "newer", "nextruntime")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build makes a binary as a release is made, with tags.
func build(folder, name, tags string) (path string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildLimit)
	defer cancel()
	path = filepath.Join(folder, name)
	command := exec.CommandContext(ctx, "go", "build", "-tags", tags, "-o", path, "github.com/bitcloak/bitcloak/cmd/bitcloak")
	if said, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", name, err, said)
	}
	return path, nil
}

// onFolder runs a development network on a data folder.
func onFolder(data string) []string {
	return []string{"dev", "--data", data, "--rpc", "127.0.0.1:0", "--worker", "127.0.0.1:0"}
}

// program is a running binary.
type program struct {
	t       *testing.T
	command *exec.Cmd
	said    bytes.Buffer // on standard error, to be read once it has ended
	ended   chan error
}

// start runs the binary.
func start(t *testing.T, binary string, args []string) (p *program, output io.Reader) {
	t.Helper()
	p = &program{t: t, ended: make(chan error, 1)}
	p.command = exec.Command(binary, args...)
	p.command.Stderr = &p.said
	reader, writer := io.Pipe()
	p.command.Stdout = writer
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		err := p.command.Wait()
		_ = writer.Close()
		p.ended <- err
	}()
	t.Cleanup(func() { _ = p.command.Process.Kill() }) // its own process alone; after a test that passes it has ended
	return p, reader
}

var endpointPattern = regexp.MustCompile(`JSON-RPC\s+(ws://\S+)`)

// run starts the binary and connects to its node.
func run(t *testing.T, binary string, args []string) (*program, *rpc.Client) {
	t.Helper()
	p, output := start(t, binary, args)
	found := make(chan string, 1)
	go func() {
		defer close(found)
		lines := bufio.NewScanner(output)
		for sent := false; lines.Scan(); {
			if match := endpointPattern.FindStringSubmatch(lines.Text()); match != nil && !sent {
				found <- match[1]
				sent = true
			}
		}
	}()
	select {
	case endpoint, ok := <-found:
		if !ok {
			t.Fatalf("the network ended: %v\n%s", p.wait(), p.said.String())
		}
		client, err := rpc.Dial(t.Context(), endpoint, rpc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return p, client
	case <-time.After(startLimit):
		t.Fatalf("the network did not print its address within %v", startLimit)
		return nil, nil
	}
}

// stop ends the program as Ctrl-C does.
func (p *program) stop() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.wait(); err != nil {
		p.t.Fatalf("it did not end cleanly: %v\n%s", err, p.said.String())
	}
}

// wait waits until the program has ended.
func (p *program) wait() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(stopLimit):
		_ = p.command.Process.Kill()
		<-p.ended
		p.t.Fatalf("it did not end within %v\n%s", stopLimit, p.said.String())
		return nil
	}
}

// refuses runs the binary, which must end by itself with exit code 1, and gives what it said.
func refuses(t *testing.T, binary string, args []string) string {
	t.Helper()
	p, output := start(t, binary, args)
	go drain(output)
	return p.failed()
}

// failed waits for the program to end with exit code 1 and gives what it said.
func (p *program) failed() string {
	p.t.Helper()
	if err := p.wait(); err == nil || p.command.ProcessState.ExitCode() != 1 {
		p.t.Fatalf("it ended with %v, and not with exit code 1\n%s", err, p.said.String())
	}
	return p.said.String()
}

// drain lets the program print what nobody reads.
func drain(output io.Reader) { _, _ = io.Copy(io.Discard, output) }
