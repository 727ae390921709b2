package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runBenchCommand gives what `bitcloak bench` prints on standard output.
func runBenchCommand(ctx context.Context, arguments ...string) (string, error) {
	var out bytes.Buffer
	command := newBenchCommand()
	command.SetArgs(arguments)
	command.SetOut(&out)
	command.SetErr(io.Discard)
	command.SilenceErrors, command.SilenceUsage = true, true
	err := command.ExecuteContext(ctx)
	return out.String(), err
}

// smallFlow is a flow of two resting sells, a buy that takes both, and a cancel of nothing.
func smallFlow(t *testing.T) string {
	t.Helper()
	var records []byte
	for _, r := range []struct {
		operation, side     byte
		price, quantity, id uint32
	}{{0, 1, 10, 5, 1}, {0, 1, 11, 5, 2}, {0, 0, 11, 10, 3}, {1, 0, 0, 0, 1}} {
		records = append(records, r.operation, r.side)
		for _, field := range []uint32{r.price, r.quantity, r.id} {
			records = binary.LittleEndian.AppendUint32(records, field)
		}
	}
	path := filepath.Join(t.TempDir(), "flow")
	if err := os.WriteFile(path, records, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every benchmark runs, and each row comes out with a figure, in the shape of spec/interface.md.
func TestBenchRunsEverything(t *testing.T) {
	left := t.TempDir()
	t.Setenv("TMPDIR", left)
	text, err := runBenchCommand(t.Context(), "--quick", "--json", "--flow", smallFlow(t))
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Machine map[string]any `json:"machine"`
		Commit  string         `json:"commit"`
		Rows    []struct {
			Name, Unit, About string
			Median, Min, Max  *float64
			Runs              int
			Target            *float64
			Met               *bool
		} `json:"rows"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if report.Commit == "" || report.Machine["cores"] == nil || report.Machine["go"] == nil {
		t.Errorf("machine %v, commit %q", report.Machine, report.Commit)
	}
	got := map[string]bool{}
	for _, row := range report.Rows {
		got[row.Name] = true
		if row.Unit == "" || row.About == "" || row.Runs != 1 || row.Median == nil || *row.Median <= 0 || *row.Min > *row.Median || *row.Max < *row.Median {
			t.Errorf("row %+v", row)
		}
		if (row.Target == nil) != (row.Met == nil) {
			t.Errorf("row %s: a target without a verdict, or the other way round", row.Name)
		}
	}
	for _, benchmark := range benchmarks() {
		for _, row := range benchmark.rows {
			if !got[row.name] {
				t.Errorf("no row %s", row.name)
			}
		}
	}
	rest, err := os.ReadDir(left)
	if err != nil || len(rest) != 0 {
		t.Errorf("%d temporary folders are left behind, %v", len(rest), err)
	}
}

func TestBenchRefuses(t *testing.T) {
	var usage *usageError
	if _, err := runBenchCommand(t.Context(), "--only", "nothing"); !errors.As(err, &usage) {
		t.Errorf("an unknown benchmark: %v", err)
	}
	if _, err := runBenchCommand(t.Context(), "--runs", "0"); !errors.As(err, &usage) {
		t.Errorf("no runs: %v", err)
	}
	if _, err := runBenchCommand(t.Context(), "--quick", "--only", "matching", "--flow", filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a flow that is not there was measured")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := runBenchCommand(stopped, "--quick", "--only", "commands"); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: %v", err)
	}
}

// Without a flow the matching core is left out; the table is for people.
func TestBenchTable(t *testing.T) {
	text, err := runBenchCommand(t.Context(), "--quick", "--only", "snapshot", "--only", "matching", "--flow", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"snapshot-restore", "median", "open orders"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "matching") {
		t.Errorf("a row without a measurement:\n%s", text)
	}
}

func TestBenchFigures(t *testing.T) {
	for value, want := range map[float64]string{0.1234: "0.123", 5: "5.00", 42.25: "42.2", 1234567.8: "1,234,568", 1000: "1,000"} {
		if got := formatFigure(value); got != want {
			t.Errorf("%v is written %s, want %s", value, got, want)
		}
	}
	samples := []float64{1, 2, 3, 4}
	for q, want := range map[float64]float64{0: 1, 0.5: 2.5, 1: 4} {
		if got := quantile(samples, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	atMost := rowSpec{name: "x", target: 20, atMost: true}
	atLeast := rowSpec{name: "x", target: 20}
	if row := atMost.row([]float64{30, 10, 15}); !*row.Met || row.Min != 10 || row.Max != 30 || row.Median != 15 {
		t.Errorf("row %+v", row)
	}
	if row := atLeast.row([]float64{30, 10, 15}); *row.Met {
		t.Errorf("row %+v", row)
	}
}
