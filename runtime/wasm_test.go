package runtime_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestBuildsForWasm: the runtime is also a parachain's code.
func TestBuildsForWasm(t *testing.T) {
	command := exec.Command("go", "build", "./...")
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}
