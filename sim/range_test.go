package sim

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The worlds of a process draw from one source of cryptographic chance, so they run one after the other; processes run
// beside each other.
var (
	firstFlag = flag.Uint64("first", 1, "the first seed that TestRange runs")
	countFlag = flag.Uint64("count", 0, "how many seeds TestRange runs; TestSeeds when it is more than one process")
	stepFlag  = flag.Uint64("step", 1, "from one seed of TestRange to the next")
	jobsFlag  = flag.Int("jobs", 0, "processes of TestSeeds; 0: one for each processor")
)

// What a process of TestRange says of each seed, on lines of its own.
const (
	sayPassed = "sim-passed "
	sayFailed = "sim-failed "
	sayCount  = "sim-count "
)

// TestRange runs the seeds that its flags name. It is what other tests start processes of.
func TestRange(t *testing.T) {
	if *countFlag == 0 {
		t.Skip("no -count given; see TestSeeds and make sim")
	}
	totals := map[string]int{}
	for i := range *countFlag {
		seed := *firstFlag + i**stepFlag
		result, err := run(t, Options{Seed: seed})
		for what, n := range result.Counts {
			totals[what] += n
		}
		if err != nil {
			t.Errorf("seed %d commit %s: %v", seed, commit(), err)
			fmt.Printf("\n%sseed %d commit %s: %s\n", sayFailed, seed, commit(), firstLine(err))
			continue
		}
		fmt.Printf("\n%s%d\n", sayPassed, seed)
	}
	for what, n := range totals {
		fmt.Printf("\n%s%d %s\n", sayCount, n, what)
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// TestHundredSeeds is what every change must pass.
func TestHundredSeeds(t *testing.T) {
	if *countFlag > 0 {
		t.Skip("another test was asked for")
	}
	if testing.Short() {
		t.Skip("takes most of a minute")
	}
	sum := runSeeds(t, 1, 100, io.Discard)
	// What never happens is not simulated.
	for _, what := range []string{"trades", "deposits given back", "payouts to be claimed", "relays refunded", "epochs", "lies", "nodes crashed",
		"workers: crashed", "lying votes", "odd proposals refused", "mischief", "governed", "claims"} {
		if sum.counts[what] == 0 {
			t.Errorf("in a hundred seeds there were no %s", what)
		}
	}
	t.Log(sum.describe())
}

// TestSeeds runs -count seeds from -first on, in -jobs processes, and says how far it is: make sim.
func TestSeeds(t *testing.T) {
	if *countFlag == 0 {
		t.Skip("no -count given; see make sim")
	}
	t.Log(runSeeds(t, *firstFlag, *countFlag, os.Stdout).describe())
}

// summary is what many seeds came to.
type summary struct {
	mutex  sync.Mutex
	passed int
	failed []string
	counts map[string]int
	began  time.Time
}

// runSeeds divides seeds among processes of this program.
func runSeeds(t *testing.T, first, count uint64, progress io.Writer) *summary {
	t.Helper()
	jobs := uint64(*jobsFlag)
	if jobs == 0 {
		jobs = uint64(runtime.NumCPU())
	}
	sum := &summary{counts: map[string]int{}, began: time.Now()}
	var group sync.WaitGroup
	for job := range min(jobs, count) {
		share := (count - job + jobs - 1) / jobs
		group.Go(func() {
			if err := sum.process(first+job, share, jobs, count, progress); err != nil && len(sum.failed) == 0 {
				t.Errorf("process %d: %v", job, err)
			}
		})
	}
	group.Wait()
	for _, failed := range sum.failed {
		t.Errorf("%s (look at it with: go test ./sim -run 'TestSeed$' -seed N -trace)", failed)
	}
	if sum.passed+len(sum.failed) != int(count) {
		t.Errorf("%d of %d seeds were run", sum.passed+len(sum.failed), count)
	}
	return sum
}

// process runs a share of the seeds in a process of its own.
func (s *summary) process(first, count, step, all uint64, progress io.Writer) error {
	number := func(v uint64) string { return strconv.FormatUint(v, 10) }
	child := exec.Command(os.Args[0], "-test.run", "^TestRange$", "-test.timeout", "0", "-first", number(first), "-count", number(count), "-step", number(step))
	child.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=400")
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	var tail strings.Builder
	child.Stderr = &tail
	if err := child.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		s.line(lines.Text(), all, progress)
	}
	if err := child.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, tail.String())
	}
	return nil
}

// progressEvery is after how many seeds a line is printed.
const progressEvery = 50

func (s *summary) line(text string, all uint64, progress io.Writer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case strings.HasPrefix(text, sayFailed):
		text = strings.TrimPrefix(text, sayFailed)
		s.failed = append(s.failed, text)
		fmt.Fprintln(progress, text)
	case strings.HasPrefix(text, sayPassed):
		s.passed++
	case strings.HasPrefix(text, sayCount):
		number, what, _ := strings.Cut(strings.TrimPrefix(text, sayCount), " ")
		n, _ := strconv.Atoi(number)
		s.counts[what] += n
		return
	default:
		return
	}
	if done := s.passed + len(s.failed); done%progressEvery == 0 {
		fmt.Fprintf(progress, "%d of %d seeds, %d failed, %v\n", done, all, len(s.failed), time.Since(s.began).Round(time.Second))
	}
}

// describe lists what happened how often.
func (s *summary) describe() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d seeds passed, %d failed, in %v\n", s.passed, len(s.failed), time.Since(s.began).Round(time.Second))
	for _, what := range slices.Sorted(maps.Keys(s.counts)) {
		fmt.Fprintf(&text, "  %7d %s\n", s.counts[what], what)
	}
	return text.String()
}
