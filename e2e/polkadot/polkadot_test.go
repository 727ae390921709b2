//go:build outside

package polkadot

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startLimit bounds how long the network may take to print its addresses, testLimit one file of tests.
const (
	startLimit = 60 * time.Second
	testLimit  = 5 * time.Minute
)

func TestPolkadotJS(t *testing.T) {
	if _, err := os.Stat("node_modules/@polkadot/api"); err != nil {
		t.Fatal("the npm packages are not installed: run 'make test-outside', or 'npm ci' in e2e/polkadot")
	}
	endpoint := startNetwork(t)
	files, err := filepath.Glob("*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".test.mjs"), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), testLimit)
			defer cancel()
			command := exec.CommandContext(ctx, "node", "--test", "--test-reporter=spec", file)
			command.Env = append(os.Environ(), "BITCLOAK_WS="+endpoint)
			output, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			t.Logf("%s", output)
		})
	}
}

// startNetwork runs the binary's development network as a newcomer would, on free ports, and ends it by its own process id.
func startNetwork(t *testing.T) (endpoint string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bitcloak")
	if output, err := exec.Command("go", "build", "-o", binary, "../../cmd/bitcloak").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	command := exec.Command(binary, "dev", "--data", t.TempDir(), "--rpc", "127.0.0.1:0", "--worker", "127.0.0.1:0")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopNetwork(t, command) })
	found := make(chan string, 1)
	go findEndpoint(output, found)
	select {
	case endpoint = <-found:
		if endpoint == "" {
			t.Fatal("the network ended without printing its address")
		}
	case <-time.After(startLimit):
		t.Fatalf("the network did not print its address within %v", startLimit)
	}
	return endpoint
}

var endpointPattern = regexp.MustCompile(`JSON-RPC\s+(ws://\S+)`)

// findEndpoint sends the first JSON-RPC address that is printed, or nothing, and then drains the rest.
func findEndpoint(output io.Reader, found chan<- string) {
	defer close(found)
	lines := bufio.NewScanner(output)
	for sent := false; lines.Scan(); {
		if match := endpointPattern.FindStringSubmatch(lines.Text()); match != nil && !sent {
			found <- match[1]
			sent = true
		}
	}
}

func stopNetwork(t *testing.T, command *exec.Cmd) {
	_ = command.Process.Signal(syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the network did not end cleanly: %v", err)
		}
	case <-time.After(20 * time.Second):
		_ = command.Process.Kill()
		t.Error("the network did not end within 20 s of SIGTERM")
	}
}
