package flow_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/engine/flow"
)

// generator finds orderflow.go, which is shared between projects and not part of this one: by the environment
// variable, or beside the checkout.
func generator() string {
	if path := os.Getenv("BITCLOAK_ORDERFLOW"); path != "" {
		return path
	}
	return filepath.Join("..", "..", "..", "shared", "bench", "orderflow.go")
}

var shared = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "orderflow")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "orderflow.bin")
	command := exec.Command("go", "run", generator(), "-o", file)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// sharedFlow returns the flow with its default seed, and skips where its generator is not at hand.
func sharedFlow(t testing.TB) *flow.Flow {
	t.Helper()
	if _, err := os.Stat(generator()); err != nil {
		t.Skipf("the shared order flow is not here: set BITCLOAK_ORDERFLOW to orderflow.go (%v)", err)
	}
	records, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	f, err := flow.Read(bytes.NewReader(records))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The figures that every correct price-time engine ends with, from the README beside the generator.
var expected = flow.Result{Records: 2_000_000, Trades: 354_281, Volume: 16_205_802}

func TestSharedFlow(t *testing.T) {
	book := engine.New(flow.Limits())
	result, err := flow.NewPlayer(sharedFlow(t), book).Run()
	if err != nil {
		t.Fatal(err)
	}
	if result != expected {
		t.Fatalf("got %+v, want %+v", result, expected)
	}
	if err := book.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSharedFlow reports the whole flow, decoding included. Latencies come from a second pass, whose clock
// readings would slow down the first.
func BenchmarkSharedFlow(b *testing.B) {
	f := sharedFlow(b)
	var latencies []time.Duration
	var spent time.Duration
	var allocations uint64
	for b.Loop() {
		player := flow.NewPlayer(f, engine.New(flow.Limits()))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		result, err := player.Run()
		spent += time.Since(start)
		runtime.ReadMemStats(&after)
		allocations += after.Mallocs - before.Mallocs
		if err != nil || result != expected {
			b.Fatal(result, err)
		}
	}
	latencies = measureSteps(b, f)
	records := float64(f.Len()) * float64(b.N)
	b.ReportMetric(records/spent.Seconds(), "records/s")
	b.ReportMetric(float64(allocations)/records, "allocs/record")
	b.ReportMetric(float64(latencies[len(latencies)/2]), "p50-ns")
	b.ReportMetric(float64(latencies[len(latencies)*99/100]), "p99-ns")
	b.ReportMetric(float64(latencies[len(latencies)*999/1000]), "p99.9-ns")
	b.ReportMetric(float64(latencies[len(latencies)-1]), "max-ns")
}

// measureSteps returns the sorted durations of all records.
func measureSteps(b *testing.B, f *flow.Flow) []time.Duration {
	player := flow.NewPlayer(f, engine.New(flow.Limits()))
	latencies := make([]time.Duration, f.Len())
	last := time.Now()
	for i := range latencies {
		if err := player.Step(); err != nil {
			b.Fatal(err)
		}
		now := time.Now()
		latencies[i] = now.Sub(last)
		last = now
	}
	slices.Sort(latencies)
	return latencies
}
