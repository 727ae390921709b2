package soak

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	sampleTime     = 12 * time.Second // of the ordinary test
	sampleRate     = 40               // commands a second
	sessions       = 24
	diskTime       = time.Minute      // to judge the disk
	memoryTime     = 15 * time.Minute // to judge memory: buffers of the database fill and are written for minutes
	samplesOverAll = 360
)

// Bounds of a soak, after its first third. What grows more would not let a process run for months: at the bound a node's or worker's memory
// would take some days to grow by what it has anyway, while a leak of one order's bytes in each command shows as more.
const (
	maxMemoryRise = 1.0 * mib // bytes a minute, each process
	maxHeapRise   = 0.5 * mib
)

// Bytes of disk a command, at rates at which most commands have a block of their own: most of it is CometBFT's and goes with the block.
const (
	maxNodeDisk   = 32 << 10
	maxWorkerDisk = 1 << 10
)

func TestSoak(t *testing.T) {
	lasts, rate := sampleTime, float64(sampleRate)
	if text := os.Getenv("BITCLOAK_SOAK"); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil || lasts < sampleTime {
			t.Fatalf("BITCLOAK_SOAK=%q is no time of at least %v, such as 30m", text, sampleTime)
		}
	}
	if text := os.Getenv("BITCLOAK_SOAK_RATE"); text != "" {
		var err error
		if rate, err = strconv.ParseFloat(text, 64); err != nil || rate <= 0 {
			t.Fatalf("BITCLOAK_SOAK_RATE=%q is no rate of commands a second", text)
		}
	}
	s := newSite(t, sessions)
	c := newCrowd(t, s)
	samples := s.soak(t, c, lasts, rate)
	last := samples[len(samples)-1]
	t.Logf("%.0f commands in %v: %d fills, %d deposits and withdrawals, %d rejected", last.commands, last.after.Round(time.Second),
		c.fills.Load(), c.moves.Load(), c.refused.Load())
	if least := rate * lasts.Seconds() / 20; last.commands < least || c.fills.Load() == 0 || c.moves.Load() == 0 {
		t.Errorf("the load did not come about: %.0f commands, at least %.0f were to be", last.commands, least)
	}
	for _, one := range []struct {
		name    string
		of      func(*sample) usage
		maxDisk float64
	}{{"node", nodeOf, maxNodeDisk}, {"worker", workerOf, maxWorkerDisk}} {
		v, end := judge(samples, one.of), one.of(&last)
		t.Logf("%s: memory %.1f MiB, rising %.3f MiB a minute; heap %.1f MiB, rising %.3f MiB a minute; disk %.1f MiB, rising %.0f bytes a command",
			one.name, end.memory/mib, v.memory/mib, end.heap/mib, v.heap/mib, end.disk/mib, v.disk)
		if end.memory == 0 || end.heap == 0 || end.disk == 0 {
			t.Errorf("%s: something was not measured: %+v", one.name, end)
		}
		if lasts >= memoryTime {
			v.checkMemory(t, one.name)
		}
		if lasts >= diskTime {
			v.checkDisk(t, one.name, one.maxDisk)
		}
	}
}

// failer is what a verdict complains to.
type failer interface {
	Errorf(format string, arguments ...any)
}

func (v *verdict) checkMemory(t failer, name string) {
	if v.memory > maxMemoryRise {
		t.Errorf("%s: memory rises by %.2f MiB a minute, at most %.2f", name, v.memory/mib, maxMemoryRise/mib)
	}
	if v.heap > maxHeapRise {
		t.Errorf("%s: the heap rises by %.2f MiB a minute, at most %.2f", name, v.heap/mib, maxHeapRise/mib)
	}
}

func (v *verdict) checkDisk(t failer, name string, maxDisk float64) {
	if v.disk > maxDisk {
		t.Errorf("%s: the disk grows by %.0f bytes a command, at most %.0f", name, v.disk, maxDisk)
	}
}

// soak has the crowd trade and samples.
func (s *site) soak(t *testing.T, c *crowd, lasts time.Duration, rate float64) (samples []sample) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	done := make(chan struct{})
	go func() {
		c.trade(ctx, rate)
		close(done)
	}()
	ticker := time.NewTicker(max(lasts/samplesOverAll, 200*time.Millisecond))
	defer ticker.Stop()
	shown := time.Now()
	for began := time.Now(); ; {
		select {
		case <-done:
			return samples
		case err := <-c.failures:
			t.Fatalf("a trader gives up: %v\nthe node said\n%s\nthe worker said\n%s", err, tail(s.node), tail(s.worker))
		case <-ticker.C:
			one := sample{after: time.Since(began), commands: float64(c.commands.Load())}
			var err error
			if one.node, err = s.node.measure(); err != nil {
				t.Fatal(err)
			}
			if one.worker, err = s.worker.measure(); err != nil {
				t.Fatal(err)
			}
			samples = append(samples, one)
			if time.Since(shown) >= time.Minute {
				shown = time.Now()
				t.Logf("%v: %.0f commands; node: %.1f MiB memory, %.1f MiB heap, %.1f MiB disk; worker: %.1f, %.1f, %.1f", one.after.Round(time.Second), one.commands,
					one.node.memory/mib, one.node.heap/mib, one.node.disk/mib, one.worker.memory/mib, one.worker.heap/mib, one.worker.disk/mib)
			}
		}
	}
}

// tail is the end of what a process said.
func tail(p *process) string {
	said := p.said.String()
	return said[max(0, len(said)-4_000):]
}

type complaints int

func (c *complaints) Errorf(string, ...any) { *c++ }

// What leaks is found, what breathes is not.
func TestJudge(t *testing.T) {
	made := func(change func(minute, commands float64, u *usage)) (samples []sample) {
		for i := range 360 {
			one := sample{after: time.Duration(i) * 5 * time.Second, commands: float64(200 * i)}
			minute := one.after.Minutes()
			one.node = usage{memory: 200*mib + float64(i%20)*mib, heap: 60*mib + float64(i%10)*mib, disk: 30<<10*one.commands + float64(i%30)*mib}
			if minute < 8 {
				one.node.memory *= 0.3 + minute/12 // it warms up
			}
			change(minute, one.commands, &one.node)
			samples = append(samples, one)
		}
		return samples
	}
	for name, c := range map[string]struct {
		change func(minute, commands float64, u *usage)
		wrong  complaints
	}{
		"flat":           {func(float64, float64, *usage) {}, 0},
		"memory leaks":   {func(minute, _ float64, u *usage) { u.memory += 1.5 * minute * mib }, 1},
		"the heap leaks": {func(minute, _ float64, u *usage) { u.heap += minute * mib }, 1},
		"the disk fills": {func(_, commands float64, u *usage) { u.disk += 20 << 10 * commands }, 1},
		"everything does": {func(minute, commands float64, u *usage) {
			*u = usage{2 * minute * mib, 2 * minute * mib, 1 << 20 * commands}
		}, 3},
	} {
		v, got := judge(made(c.change), nodeOf), complaints(0)
		v.checkMemory(&got, name)
		v.checkDisk(&got, name, maxNodeDisk)
		if got != c.wrong {
			t.Errorf("%s: %d complaints, want %d: %+v", name, got, c.wrong, v)
		}
	}
}
