package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// benchTimeout bounds one benchmark with all its runs.
const benchTimeout = 10 * time.Minute

// flowVariable names an order flow where --flow does not.
const flowVariable = "BITCLOAK_ORDERFLOW"

// benchmark measures one thing, in one or more rows of the table.
type benchmark struct {
	name string
	rows []rowSpec
	run  func(context.Context, *bencher) error
}

// benchmarks are all of them, in the order of the table. Targets are those of the design, section 9.
func benchmarks() []benchmark {
	return []benchmark{
		transfersBenchmark(), envelopesBenchmark(), commandsBenchmark(), latencyBenchmark(), replicaLatencyBenchmark(), replayBenchmark(),
		snapshotBenchmark(), loopBenchmark(), replicaLoopBenchmark(), matchingBenchmark(),
	}
}

// benchFlags are the flags of `bitcloak bench`.
type benchFlags struct {
	only    []string
	quick   bool
	json    bool
	runs    int
	flow    string
	logging logFlags
}

func newBenchCommand() *cobra.Command {
	var flags benchFlags
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine: transfers, envelopes, sealed commands, latency, replay, snapshots",
		Long: `Measures the whole of Bitcloak on this machine, each row several times, and prints median, least and greatest with the targets of
the design. Everything runs in this process, on loopback, in temporary folders that are removed. Leave the machine alone
meanwhile: figures of a busy machine say little.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runBench(command.Context(), &flags, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	set := command.Flags()
	set.StringSliceVar(&flags.only, "only", nil, "measure only what has this name; may be repeated ("+strings.Join(benchmarkNames(), ", ")+")")
	set.BoolVar(&flags.quick, "quick", false, "small amounts and one run: a check that everything runs, no measurement")
	set.BoolVar(&flags.json, "json", false, "print one JSON object last on standard output")
	set.IntVar(&flags.runs, "runs", 3, "how often each row is measured")
	set.StringVar(&flags.flow, "flow", os.Getenv(flowVariable), "order flow file for the matching core (default: $"+flowVariable+")")
	flags.logging.register(set)
	flags.logging.level = slog.LevelError // the benchmarks tell of themselves
	return command
}

func benchmarkNames() (names []string) {
	for _, b := range benchmarks() {
		names = append(names, b.name)
	}
	return names
}

// choose gives the benchmarks of these names, all if there are none.
func choose(only []string) ([]benchmark, error) {
	all := benchmarks()
	for _, name := range only {
		if !slices.ContainsFunc(all, func(b benchmark) bool { return b.name == name }) {
			return nil, usagef("there is no benchmark %q; choose among %s", name, strings.Join(benchmarkNames(), ", "))
		}
	}
	if len(only) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(all, func(b benchmark) bool { return !slices.Contains(only, b.name) }), nil
}

func runBench(ctx context.Context, flags *benchFlags, out, progress io.Writer) error {
	if flags.runs < 1 || flags.runs > 100 {
		return usagef("--runs is between 1 and 100")
	}
	chosen, err := choose(flags.only)
	if err != nil {
		return err
	}
	report := benchReport{Machine: thisMachine(), Commit: version}
	for i := range chosen {
		rows, err := measure(ctx, &chosen[i], flags, progress)
		if errors.Is(err, errNotMeasured) {
			fmt.Fprintf(progress, "%s: %v\n", chosen[i].name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("measure %s: %w", chosen[i].name, err)
		}
		report.Rows = append(report.Rows, rows...)
	}
	return report.print(out, flags.json)
}

// errNotMeasured marks a benchmark that needs something which is not there.
var errNotMeasured = errors.New("not measured")

// measure runs one benchmark with a folder of its own.
func measure(ctx context.Context, b *benchmark, flags *benchFlags, progress io.Writer) ([]benchRow, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, benchTimeout, fmt.Errorf("it takes longer than %s", benchTimeout))
	defer cancel()
	folder, err := os.MkdirTemp("", "bitcloak-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	bench := &bencher{benchmark: b, quick: flags.quick, runs: flags.runs, flow: flags.flow, root: folder, progress: progress,
		log: flags.logging.logger(progress), samples: map[string][]float64{}}
	if flags.quick {
		bench.runs = 1
	}
	if err := b.run(ctx, bench); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, err
	}
	return bench.finish(), nil
}

// bencher is one benchmark being run.
type bencher struct {
	benchmark *benchmark
	quick     bool
	runs      int
	flow      string
	root      string // its temporary folder
	progress  io.Writer
	log       *slog.Logger
	samples   map[string][]float64 // by row
}

// say tells how far the benchmark is.
func (b *bencher) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "%s: %s\n", b.benchmark.name, fmt.Sprintf(format, args...))
}

// pick gives an amount for a measurement, or a smaller one for a check.
func (b *bencher) pick(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

// folder makes a folder that is removed with the benchmark.
func (b *bencher) folder() (string, error) { return os.MkdirTemp(b.root, "") }

// record enters the figure of one run.
func (b *bencher) record(row string, value float64) {
	if !slices.ContainsFunc(b.benchmark.rows, func(r rowSpec) bool { return r.name == row }) {
		panic("bench: no row is called " + row) // a mistake of the benchmark
	}
	b.samples[row] = append(b.samples[row], value)
	b.say("%s %s", row, formatFigure(value))
}

// finish makes the rows of what was recorded.
func (b *bencher) finish() (rows []benchRow) {
	for _, spec := range b.benchmark.rows {
		if samples := b.samples[spec.name]; len(samples) > 0 {
			rows = append(rows, spec.row(samples))
		}
	}
	return rows
}
