package loop

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// binary runs `bitcloak wallet` as its users do.
type binary struct {
	*loop
	path string
	home string
}

func (l *loop) binary() *binary {
	l.t.Helper()
	b := &binary{loop: l, path: filepath.Join(l.folder, "bitcloak"), home: filepath.Join(l.folder, "home")}
	build := exec.CommandContext(l.t.Context(), "go", "build", "-o", b.path, "github.com/bitcloak/bitcloak/cmd/bitcloak")
	if said, err := build.CombinedOutput(); err != nil {
		l.t.Fatalf("build the binary: %v\n%s", err, said)
	}
	return b
}

// run gives the exit code and what a command printed.
func (b *binary) run(args string) (code int, out, said string) {
	b.t.Helper()
	all := append([]string{"wallet", "--node", "ws://" + b.node.RPCAddress(), "--worker", "http://" + b.worker.Address().String(), "--home", b.home},
		strings.Fields(args)...)
	command := exec.CommandContext(b.soon(), b.path, all...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited { //nolint:errorlint // Run returns it as it is
		b.t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// decode runs a command that must succeed and reads its JSON.
func (b *binary) decode(args string, value any) {
	b.t.Helper()
	code, out, said := b.run("--json --yes " + args)
	if code != 0 {
		b.t.Fatalf("%s: exit %d\n%s\n%s", args, code, out, said)
	}
	if err := json.Unmarshal([]byte(out), value); err != nil {
		b.t.Fatalf("%s: %v\n%s", args, err, out)
	}
}

type poolBalance struct {
	Symbol                             string
	Public, Claimable, Available, Held scale.U128
}

// balance is one asset's balance, by the binary.
func (b *binary) balance(account, symbol string) poolBalance {
	b.t.Helper()
	var balances []poolBalance
	b.decode("--account "+account+" balances", &balances)
	for _, found := range balances {
		if found.Symbol == symbol {
			return found
		}
	}
	b.t.Fatalf("%s has no %s", account, symbol)
	return poolBalance{}
}

// TestTheBinaryTrades does what the README tells a newcomer to do.
func TestTheBinaryTrades(t *testing.T) {
	l := newLoop(t)
	b := l.binary()
	l.untilCommitted(l.wallet("Bob"))
	var order struct {
		Order           uint64
		Status          string
		FilledLots      uint64
		RemainingLots   uint64
		Fills           []struct{ Quote, Fee, Trade string }
		Market          uint32
		Price, Quantity string
	}
	var any map[string]any
	for _, args := range []string{"//Bob session open", "//Bob deposit 1000 USDT", "//Charlie session open --days 1", "//Charlie deposit 10 KSM --sealed"} {
		b.decode("--account "+args, &any)
	}
	b.decode("--account //Bob order place buy 2 KSM at 25 USDT", &order)
	if order.Order != 1 || order.Status != "open" || order.RemainingLots != 2000 || len(order.Fills) != 0 {
		t.Errorf("%+v", order)
	}
	b.decode("--account //Charlie order place sell 1.5 KSM at 24.5 USDT", &order)
	if order.Status != "filled" || order.FilledLots != 1500 || len(order.Fills) != 1 || order.Fills[0].Quote != "37500000" || order.Fills[0].Fee != "18750" {
		t.Errorf("%+v", order)
	}
	var fills []struct {
		Fill, Order uint64
		Trade       string
		PriceTicks  uint64
		Maker       bool
	}
	b.decode("--account //Bob fills", &fills)
	if len(fills) != 1 || fills[0].PriceTicks != 2500 || !fills[0].Maker || fills[0].Trade != order.Fills[0].Trade {
		t.Errorf("%+v", fills)
	}
	before := b.balance("//Bob", "KSM")
	var paid struct {
		Paid   bool
		Amount scale.U128
	}
	b.decode("--account //Bob withdraw 1.5 KSM", &paid)
	after := b.balance("//Bob", "KSM")
	gained, ok := after.Public.Sub(before.Public)
	if !paid.Paid || !ok || gained != paid.Amount || gained.String() != "1500000000000" || !after.Available.IsZero() {
		t.Errorf("%+v, before %+v, after %+v", paid, before, after)
	}
	receipt := filepath.Join(b.folder, "receipt.json")
	b.decode("--account //Bob receipt 1 --out "+receipt, &any)
	b.decode("receipt verify "+receipt, &any)
	b.decode("receipt verify --offline "+receipt, &any)
	b.decode("status", &any)
	if any["verified"] != true {
		t.Errorf("status: %v", any)
	}
	b.refusals()
}

// refusals are commands that must fail, and say why.
func (b *binary) refusals() {
	b.t.Helper()
	for args, says := range map[string]string{
		"--yes --account //Bob withdraw 5 KSM":                         "not enough in the pool",
		"--yes --account //Bob order place buy 2 KSM at 25.001 USDT":   "use 25 or 25.01",
		"--yes --account //Bob order place buy 2 USDT at 25 KSM":       "buy or sell KSM",
		"--account //Bob order cancel 77":                              "no open order 77",
		"--account //Eve order list":                                   "session open",
		"--genesis 0x" + strings.Repeat("00", 32) + " assets":          "this wallet trusts",
		"--worker http://127.0.0.1:1 --account //Bob session show":     "does not answer",
		"--yes --account //Bob deposit 99999999 KSM":                   "not enough on the chain",
		"--yes --account //Bob order place buy 2 KSM at 25 USDT --fok": "not offered yet",
	} {
		if code, _, said := b.run(args); code != 1 || !strings.Contains(said, says) {
			b.t.Errorf("%s: exit %d, %s", args, code, said)
		}
	}
}
