package sim

import (
	"flag"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "the seed that TestSeed runs")
	traceFlag = flag.Bool("trace", false, "print what happens in the seed that TestSeed runs")
)

// run runs one world.
func run(t *testing.T, options Options) (result Result, err error) {
	t.Helper()
	options.Folder = scratch(t)
	synctest.Test(t, func(t *testing.T) {
		options.Reseed = func(seed uint64) { cryptotest.SetGlobalRandom(t, seed) }
		result, err = Run(options)
	})
	return result, err
}

// memory is a file system in memory, where a machine has one.
const memory = "/dev/shm"

// scratch is a folder for the disks of a world.
func scratch(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(memory, "bitcloak-sim-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// commit names the sources that a seed fails with.
func commit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	head, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(head))
}

// TestSeed runs the one seed that -seed names: what a failing seed is looked at with.
func TestSeed(t *testing.T) {
	started := time.Now()
	options := Options{Seed: *seedFlag}
	if *traceFlag {
		options.Trace = os.Stdout
	}
	result, err := run(t, options)
	if err != nil {
		t.Fatalf("seed %d commit %s: %v", *seedFlag, commit(), err)
	}
	t.Logf("seed %d commit %s: trace %x, %s, %v", *seedFlag, commit(), result.Trace, result, time.Since(started).Round(time.Millisecond))
}

// TestSameSeedSameTrace: a seed decides everything. The second time other things run at the same moment, and on one
// processor.
func TestSameSeedSameTrace(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		first, err := run(t, Options{Seed: seed})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		stop := disturb()
		processors := runtime.GOMAXPROCS(1)
		second, err := run(t, Options{Seed: seed})
		runtime.GOMAXPROCS(processors)
		stop()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if first.Trace != second.Trace {
			t.Errorf("seed %d gives the traces %x and %x", seed, first.Trace, second.Trace)
		}
	}
	one, err := run(t, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if two, err := run(t, Options{Seed: 2}); err != nil || one.Trace == two.Trace {
		t.Errorf("two seeds give one trace (%v)", err)
	}
}

// disturb keeps a processor busy until it is stopped.
func disturb() (stop func()) {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	return func() { close(done) }
}
