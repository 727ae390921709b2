package sim

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "the seed that TestSeed runs")
	traceFlag = flag.Bool("trace", false, "print the trace of the seed")
)

// run runs one world.
func run(t *testing.T, options Options) (result Result, err error) {
	t.Helper()
	options.Folder = scratch(t)
	if *traceFlag {
		options.Trace = os.Stdout
	}
	synctest.Test(t, func(t *testing.T) {
		options.Reseed = func(seed uint64) { cryptotest.SetGlobalRandom(t, seed) }
		result, err = Run(options)
	})
	return result, err
}

// scratch is a folder in memory, where the machine has one.
func scratch(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/dev/shm"); err != nil {
		return t.TempDir()
	}
	folder, err := os.MkdirTemp("/dev/shm", "bitcloak-sim-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Clean(folder)) })
	return folder
}

func TestSeed(t *testing.T) {
	started := time.Now()
	result, err := run(t, Options{Seed: *seedFlag})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d: trace %x, %d blocks, %v %v", *seedFlag, result.Trace, result.Blocks, result.Counts, time.Since(started))
}
