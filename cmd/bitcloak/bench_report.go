package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// rowSpec declares a row.
type rowSpec struct {
	name, unit string
	about      string  // what is measured, in one line
	target     float64 // 0: none
	atMost     bool    // the figure must not exceed the target; else it must reach it
}

// benchRow is one row of the table and of the JSON object (spec/interface.md).
type benchRow struct {
	Name   string   `json:"name"`
	Unit   string   `json:"unit"`
	About  string   `json:"about"`
	Median float64  `json:"median"`
	Min    float64  `json:"min"`
	Max    float64  `json:"max"`
	Runs   int      `json:"runs"`
	Target *float64 `json:"target"` // null: none
	Met    *bool    `json:"met"`    // of the median; null without a target

	atMost bool
}

// row makes the row of some samples.
func (s *rowSpec) row(samples []float64) benchRow {
	sorted := slices.Sorted(slices.Values(samples))
	row := benchRow{Name: s.name, Unit: s.unit, About: s.about, Median: quantile(sorted, 0.5), Min: sorted[0],
		Max: sorted[len(sorted)-1], Runs: len(sorted), atMost: s.atMost}
	if s.target == 0 {
		return row
	}
	met := row.Median >= s.target
	if s.atMost {
		met = row.Median <= s.target
	}
	row.Target, row.Met = &s.target, &met
	return row
}

// quantile interpolates between the two nearest of some sorted figures.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

// machine says what was measured on.
type machine struct {
	CPU    string  `json:"cpu"`
	Cores  int     `json:"cores"`
	Memory uint64  `json:"memoryBytes"`
	System string  `json:"system"`
	Go     string  `json:"go"`
	Load   float64 `json:"load"` // of the last minute, before the first row
}

// thisMachine reads what Linux says of itself; elsewhere some of it stays unknown.
func thisMachine() machine {
	m := machine{CPU: "unknown", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	if model := lineOf("/proc/cpuinfo", "model name"); model != "" {
		m.CPU = strings.TrimSpace(strings.TrimPrefix(model, ":"))
	}
	if total := strings.Fields(lineOf("/proc/meminfo", "MemTotal:")); len(total) == 2 {
		kibibytes, _ := strconv.ParseUint(total[0], 10, 64) // 0 says unknown
		m.Memory = kibibytes << 10
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(text), " ")
		m.Load, _ = strconv.ParseFloat(first, 64)
	}
	return m
}

// lineOf gives what follows a name at the beginning of a line of a file, "" if there is none.
func lineOf(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), name); found {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// benchReport is everything that was measured.
type benchReport struct {
	Machine machine    `json:"machine"`
	Commit  string     `json:"commit"`
	Rows    []benchRow `json:"rows"`
}

// print writes the table, or the JSON object.
func (r *benchReport) print(out io.Writer, asJSON bool) error {
	if asJSON {
		if r.Rows == nil {
			r.Rows = []benchRow{}
		}
		return json.NewEncoder(out).Encode(r)
	}
	m := &r.Machine
	fmt.Fprintf(out, "bitcloak %s on %s, %d cores, %.1f GiB, %s, %s, load %.2f\n\n", r.Commit, m.CPU, m.Cores,
		float64(m.Memory)/(1<<30), m.System, m.Go, m.Load)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "row\tmedian\tmin\tmax\tunit\truns\ttarget\tmet\t")
	for i := range r.Rows {
		row := &r.Rows[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t\n", row.Name, formatFigure(row.Median), formatFigure(row.Min),
			formatFigure(row.Max), row.Unit, row.Runs, row.target(), row.met())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for i := range r.Rows {
		fmt.Fprintf(out, "%s: %s\n", r.Rows[i].Name, r.Rows[i].About)
	}
	return nil
}

func (r *benchRow) target() string {
	switch {
	case r.Target == nil:
		return "-"
	case r.atMost:
		return "<= " + formatFigure(*r.Target)
	}
	return ">= " + formatFigure(*r.Target)
}

func (r *benchRow) met() string {
	switch {
	case r.Met == nil:
		return "-"
	case *r.Met:
		return "yes"
	}
	return "no"
}

// formatFigure writes about three digits, thousands apart.
func formatFigure(value float64) string {
	size := math.Abs(value)
	switch {
	case size < 1:
		return strconv.FormatFloat(value, 'f', 3, 64)
	case size < 10:
		return strconv.FormatFloat(value, 'f', 2, 64)
	case size < 1000:
		return strconv.FormatFloat(value, 'f', 1, 64)
	}
	digits := strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
