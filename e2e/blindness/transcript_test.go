package blindness

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// transcript is what an outsider has seen since a mark: sections of lines that are
// compared, and everything raw, to be searched.
type transcript struct {
	sections map[string][]string
	raw      map[string][]byte
}

// capture is the transcript of what happened after block first.
func (w *world) capture(first uint32) transcript {
	w.t.Helper()
	out := transcript{sections: map[string][]string{}, raw: map[string][]byte{}}
	out.sections["blocks"], out.raw["blocks"] = w.blocks(first)
	out.sections["state"], out.raw["state"] = w.state()
	out.sections["worker and node"], out.raw["worker and node"] = withoutClock(w.traffic.Lines()), w.traffic.Raw()
	out.sections["traders and worker"], out.raw["traders and worker"] = counted(w.asked.Lines()), w.asked.Raw()
	out.sections["node's log"], out.raw["node's log"] = nodeLog(w.nodeLogs.Lines()), w.nodeLogs.Raw()
	out.sections["worker's log"], out.raw["worker's log"] = counted(w.workerLogs.Lines()), w.workerLogs.Raw()
	out.sections["worker's metrics"], out.raw["worker's metrics"] = w.workerMetrics()
	out.sections["node's metrics"], out.raw["node's metrics"] = w.nodeMetrics()
	out.sections["files"] = w.files(out.raw)
	return out
}

// counted sorts lines and says how often each came: parts that run at the same time
// have no order between them.
func counted(lines []string) []string {
	slices.Sort(lines)
	var out []string
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n] == lines[0] {
			n++
		}
		out = append(out, fmt.Sprintf("%d times: %s", n, lines[0]))
		lines = lines[n:]
	}
	return out
}

// withoutClock leaves out what depends on the clock: a follower also looks for news when
// a second has passed, and the times in a light block's signatures take 1 to 5 bytes each.
func withoutClock(lines []string) []string {
	var out []string
	for _, line := range lines {
		if !strings.Contains(line, "cometbft_lightBlock") {
			out = append(out, line)
		}
	}
	return counted(out)
}

// blocks are the blocks after first: sizes of the extrinsics, names of the events, and
// the length of their record.
func (w *world) blocks(first uint32) (lines []string, raw []byte) {
	w.t.Helper()
	for number := first + 1; number <= w.chain.View().Head.Number; number++ {
		head, known := w.chain.Block(number)
		if !known {
			w.t.Fatalf("block %d is unknown", number)
		}
		body, err := w.chain.Node().Body(w.t.Context(), head.Hash)
		w.check(err)
		var line strings.Builder
		fmt.Fprintf(&line, "header of %d bytes, extrinsics", len(header.Codec.Marshal(head.Header)))
		for _, extrinsic := range body {
			fmt.Fprintf(&line, " %d", len(extrinsic))
			raw = append(raw, extrinsic...)
		}
		events, err := w.chain.Events(w.t.Context(), head)
		w.check(err)
		line.WriteString(", events")
		for _, event := range events {
			fmt.Fprintf(&line, " %s(%d)", event.Name, len(event.Fields))
			raw = append(raw, event.Fields...)
		}
		lines = append(lines, line.String())
	}
	return lines, raw
}

// state is every storage item of the newest state: how many keys, and their lengths and
// those of the values.
func (w *world) state() (lines []string, raw []byte) {
	w.t.Helper()
	head := w.chain.View().Head.Hash
	var after any
	for {
		var keys []scale.HexBytes
		w.check(w.rpc.Call(w.t.Context(), &keys, "state_getKeysPaged", "0x", 500, after, head))
		for _, key := range keys {
			var value scale.HexBytes
			w.check(w.rpc.Call(w.t.Context(), &value, "state_getStorage", key, head))
			lines = append(lines, fmt.Sprintf("%x: key of %d bytes, value of %d", key[:min(len(key), 32)], len(key), len(value)))
			raw = append(append(raw, key...), value...)
		}
		if len(keys) < 500 {
			return counted(lines), raw
		}
		after = keys[len(keys)-1]
	}
}

// nodeLog is what a node's operator reads by default. How often consensus says something,
// and what it says of its timeouts below that, depends on the clock.
func nodeLog(lines []string) []string {
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "DEBUG ") })
	slices.Sort(lines)
	return slices.Compact(lines)
}

// workerMetrics are all of the worker's metrics but durations.
func (w *world) workerMetrics() (lines []string, raw []byte) {
	w.t.Helper()
	families, err := w.registry.Gather()
	w.check(err)
	for _, family := range families {
		raw = append(raw, family.String()...)
		if strings.HasSuffix(family.GetName(), "_seconds") {
			for _, metric := range family.GetMetric() {
				lines = append(lines, fmt.Sprintf("%s: %d observations", family.GetName(), metric.GetHistogram().GetSampleCount()))
			}
			continue
		}
		lines = append(lines, createdTimestamp.ReplaceAllString(family.String(), ""))
	}
	return lines, raw
}

var createdTimestamp = regexp.MustCompile(` created_timestamp:\{[^}]*\}`)

var metricValue = regexp.MustCompile(` [0-9.e+-]+$`)

// nodeMetrics are the names of the node's metrics: their values count blocks of
// consensus, which the clock makes.
func (w *world) nodeMetrics() (lines []string, raw []byte) {
	w.t.Helper()
	response, err := http.Get("http://" + w.node.MetricsAddress() + "/metrics")
	w.check(err)
	defer response.Body.Close()
	raw, err = io.ReadAll(response.Body)
	w.check(err)
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "bitcloak_") && !strings.Contains(line, "cometbft_lightBlock") { // asked for as time passes
			lines = append(lines, metricValue.ReplaceAllString(strings.TrimSpace(line), ""))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), raw
}

var (
	digits = regexp.MustCompile(`[0-9a-f]{32,}|[0-9]+`)
	// volatile are files of the databases, which come and go with the clock.
	volatile = regexp.MustCompile(`^node/(chain|comet|data|cometbft)/`)
)

// files are the names of the files in both data folders, and the sizes of the worker's.
func (w *world) files(raw map[string][]byte) (lines []string) {
	w.t.Helper()
	w.check(filepath.WalkDir(w.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return ignoreGone(err)
		}
		name, err := filepath.Rel(w.folder, path)
		if err != nil {
			return err
		}
		contents, err := os.ReadFile(path)
		if err != nil {
			return ignoreGone(err)
		}
		raw["file "+name] = contents
		switch {
		case volatile.MatchString(name):
			return nil
		case strings.HasPrefix(name, "worker/") && !bytes.Contains([]byte(name), []byte("trust")):
			lines = append(lines, fmt.Sprintf("%s: %d bytes", digits.ReplaceAllString(name, "N"), len(contents)))
		default:
			lines = append(lines, digits.ReplaceAllString(name, "N"))
		}
		return nil
	}))
	slices.Sort(lines)
	return lines
}

// ignoreGone: databases delete files while they are looked at.
func ignoreGone(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// difference is the first few lines in which two transcripts differ.
func difference(a, b transcript) []string {
	var out []string
	for section, lines := range a.sections {
		for _, line := range lines {
			if !slices.Contains(b.sections[section], line) {
				out = append(out, section+": first only: "+line)
			}
		}
		for _, line := range b.sections[section] {
			if !slices.Contains(lines, line) {
				out = append(out, section+": second only: "+line)
			}
		}
		if len(lines) != len(b.sections[section]) {
			out = append(out, fmt.Sprintf("%s: %d and %d lines", section, len(lines), len(b.sections[section])))
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 30)]
}
