package relay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// program is the binary, used as its users do.
type program struct {
	*network
	path, home, relay string
}

func (n *network) program() *program {
	n.t.Helper()
	folder := n.t.TempDir()
	p := &program{network: n, path: filepath.Join(folder, "bitcloak"), home: filepath.Join(folder, "home")}
	build := exec.CommandContext(n.t.Context(), "go", "build", "-o", p.path, "github.com/bitcloak/bitcloak/cmd/bitcloak")
	if said, err := build.CombinedOutput(); err != nil {
		n.t.Fatalf("build the binary: %v\n%s", err, said)
	}
	return p
}

// startRelay runs `bitcloak relay` and gives what ends it.
func (p *program) startRelay(data string) (stop func()) {
	p.t.Helper()
	account := filepath.Join(p.t.TempDir(), "account")
	if err := os.WriteFile(account, []byte("//Ferdie\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	command := exec.CommandContext(p.t.Context(), p.path, "relay", "--node", p.url(), "--genesis", p.genesis.String(), "--account-file", account,
		"--listen", "127.0.0.1:0", "--data", data, "--rate", "1000")
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, found := strings.Cut(lines.Text(), "http://"); found {
			p.relay = "http://" + address
		}
		if strings.Contains(lines.Text(), "follows") {
			break
		}
	}
	if p.relay == "" {
		p.t.Fatalf("the relay does not start: %s", said.String())
	}
	return func() {
		p.t.Helper()
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			p.t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			p.t.Errorf("the relay: %v\n%s", err, said.String())
		}
	}
}

// run runs a wallet command of Bob that must succeed, and gives its lines of output.
func (p *program) run(input string, args ...string) []string {
	p.t.Helper()
	all := append([]string{"wallet", "--node", p.url(), "--node", p.url(), "--worker", "http://" + p.worker.Address().String(), "--home", p.home, "--account", "//Bob",
		"--relay", p.relay, "--json", "--yes"}, args...)
	command := exec.CommandContext(p.soon(), p.path, all...)
	var out, said bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &out, &said
	if err := command.Run(); err != nil {
		p.t.Fatalf("%v: %v\n%s\n%s", args, err, out.String(), said.String())
	}
	if args[0] == "trade" && !strings.Contains(said.String(), "CLOAK an hour") {
		p.t.Errorf("the cost was not stated: %s", said.String())
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// TestTheBinaryRelays: a trader with the binary, behind the binary's relay, at a cadence.
func TestTheBinaryRelays(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, time.Hour)
	p := n.program()
	data := filepath.Join(t.TempDir(), "relay")
	stop := p.startRelay(data)
	first := n.seen.View().Head.Number
	p.run("", "session", "open")
	p.run("", "deposit", "5", "CLOAK")
	p.run("", "deposit", "100", "USDT")
	lines := p.run("place buy 2 KSM at 25 USDT\nplace buy 1 KSM at 24 USDT\ncancel 1\namend 2 price 23 quantity 0.5\n", "trade", "--cadence", "250ms")
	done := 0
	for _, line := range lines {
		if strings.Contains(line, `"status":"done"`) {
			done++
		}
	}
	if done != 4 || !strings.Contains(lines[len(lines)-1], `"ticks"`) {
		t.Errorf("%d of 4 lines are done: %q", done, lines)
	}
	var orders []struct {
		Order    uint64
		Price    string
		Quantity string
	}
	if err := json.Unmarshal([]byte(p.run("", "order", "list")[0]), &orders); err != nil || len(orders) != 1 || orders[0].Order != 2 || orders[0].Price != "23" {
		t.Errorf("orders: %+v, %v", orders, err)
	}
	var kept struct{ Ticks, Missed int }
	if err := json.Unmarshal([]byte(p.run("", "cadence", "--every", "200ms", "--for", "3s")[0]), &kept); err != nil || kept.Ticks < 12 || kept.Ticks > 15 || kept.Missed > kept.Ticks/2 {
		t.Errorf("cadence: %+v, %v", kept, err)
	}
	if history := p.run("", "history")[0]; !strings.Contains(history, `"event":"RelayFee"`) {
		t.Errorf("history: %s", history)
	}
	n.covered()
	p.checkSenders(first)
	stop()
	statistics, err := exec.CommandContext(n.soon(), p.path, "relay", "statistics", "--data", data, "--json").Output()
	var epochs []struct {
		Envelopes int
		Cost      scale.U128
	}
	if err != nil || json.Unmarshal(statistics, &epochs) != nil || len(epochs) != 1 || epochs[0].Envelopes < 4+kept.Ticks-kept.Missed || epochs[0].Cost.IsZero() {
		t.Errorf("statistics: %s, %v", statistics, err)
	}
}

// checkSenders: all envelopes went out under the relay's account.
func (p *program) checkSenders(first uint32) {
	p.t.Helper()
	blocks := p.blocks(first, p.seen.View().Head.Number)
	for i := range blocks {
		for j := range blocks[i].messages {
			if m := &blocks[i].messages[j]; m.Kind == wire.MessageEnvelope && m.Envelope.Sender != p.pair("Ferdie").AccountID() {
				p.t.Errorf("an envelope went out under %x", m.Envelope.Sender)
			}
		}
	}
}
