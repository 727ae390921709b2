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
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"

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
	out.raw["worker's metrics"], out.raw["node's metrics"] = w.workerMetrics(), w.nodeMetrics()
	out.sections["worker's metrics"] = readFigures(out.raw["worker's metrics"]).since(w.figures[0], func(string) bool { return true })
	out.sections["node's metrics"] = readFigures(out.raw["node's metrics"]).since(w.figures[1], func(name string) bool {
		return strings.HasPrefix(name, "bitcloak_rpc_errors_total") && !strings.Contains(name, "cometbft_lightBlock")
	})
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

// figures are the values of a process's metrics, by name and labels.
type figures map[string]float64

// since is how far counts have moved since before; what consensus and the clock move is
// only named.
func (f figures) since(before figures, steady func(name string) bool) (lines []string) {
	for name, value := range f {
		switch old, known := before[name]; {
		case steady(name):
			lines = append(lines, fmt.Sprintf("%s %+g", name, value-old))
		case !known:
			lines = append(lines, name)
		}
	}
	slices.Sort(lines)
	return lines
}

// readFigures reads Prometheus' text format, without histograms' buckets and sums.
func readFigures(text []byte) figures {
	out := figures{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		number, err := strconv.ParseFloat(value, 64)
		if ok && err == nil && strings.HasPrefix(name, "bitcloak_") && !strings.Contains(name, "_bucket{") && !strings.Contains(name, "_seconds_sum") {
			out[name] = number
		}
	}
	return out
}

// workerMetrics is the worker's metrics as its operator reads them.
func (w *world) workerMetrics() []byte {
	w.t.Helper()
	families, err := w.registry.Gather()
	w.check(err)
	var text bytes.Buffer
	for _, family := range families {
		_, err := expfmt.MetricFamilyToText(&text, family)
		w.check(err)
	}
	return text.Bytes()
}

func (w *world) nodeMetrics() []byte {
	w.t.Helper()
	response, err := http.Get("http://" + w.node.MetricsAddress() + "/metrics")
	w.check(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	w.check(err)
	return text
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
