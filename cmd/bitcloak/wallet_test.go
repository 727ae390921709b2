package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

// execute runs the binary's root command and gives its exit code and what it printed.
func execute(t *testing.T, input string, args ...string) (code int, out, errors string) {
	t.Helper()
	root := newRootCommand()
	var stdout, stderr bytes.Buffer
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetIn(strings.NewReader(input))
	root.SetArgs(args)
	code = report(&stderr, root.ExecuteContext(context.Background()))
	return code, stdout.String(), stderr.String()
}

// nowhere is an address at which nobody listens.
const nowhere = "ws://127.0.0.1:1"

func TestWalletUsage(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"bogus", exitUsage, "unknown command"},
		{"wallet", exitUsage, "choose one"},
		{"wallet bogus", exitUsage, "no command"},
		{"wallet order", exitUsage, "choose one"},
		{"wallet order sell", exitUsage, "no command"},
		{"wallet assets extra", exitUsage, "used as"},
		{"wallet --bogus assets", exitUsage, "unknown flag"},
		{"wallet --timeout soon assets", exitUsage, "invalid argument"},
		{"wallet deposit 5", exitUsage, "used as"},
		{"wallet order place buy 2 KSM for 25 USDT", exitUsage, "at PRICE"},
		{"wallet order place hold 2 KSM at 25 USDT", exitUsage, "neither buy nor sell"},
		{"wallet order place buy 2 KSM at 25 USDT --ioc --post-only", exitUsage, "exclude each other"},
		{"wallet order place buy 2 KSM at 25 USDT --fok", exitFailed, "not offered yet"},
		{"wallet order place buy 2 KSM at 25 USDT --until later", exitUsage, "--until"},
		{"wallet order cancel first", exitUsage, "not an order's number"},
		{"wallet order amend 1", exitUsage, "--price"},
		{"wallet receipt one", exitUsage, "not a fill's number"},
		{"wallet transfer 5 KSM", exitUsage, "--to"},
		{"wallet --account //Alice deposit 5 KSM", exitUsage, "add --yes"},
		{"wallet --account //Alice withdraw 5 KSM", exitUsage, "add --yes"},
		{"wallet --account //Alice claim KSM", exitUsage, "add --yes"},
		{"wallet --account //Alice order place buy 2 KSM at 25 USDT", exitUsage, "add --yes"},
		{"wallet --yes --account //Alice withdraw 5 KSM --to nobody", exitFailed, "not an address"},
		{"wallet --yes withdraw 5 KSM", exitFailed, "no account"},
		{"wallet --yes --account nobody withdraw 5 KSM", exitUsage, "BITCLOAK_PASSWORD_FILE"},
		{"wallet --account 0x12 balances", exitFailed, "secret URI"},
		{"wallet status", exitFailed, "does not answer"},
		{"wallet --genesis 0x12 status", exitFailed, "does not answer"},
		{"wallet --account //Alice session open", exitFailed, "does not answer"},
		{"wallet receipt verify /nonexistent", exitFailed, "not a receipt"},
		{"version", exitDone, ""},
		{"wallet --help", exitDone, ""},
		{"wallet order place --help", exitDone, ""},
	} {
		args := strings.Fields(c.args)
		if args[0] == "wallet" {
			args = append(args, "--home", home, "--node", nowhere)
		}
		code, _, said := execute(t, "", args...)
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit %d, %s", c.args, code, said)
		}
	}
}

func TestWalletErrorsAsJSON(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	for _, args := range []string{"balances", "order list", "--account //Alice session show", "--yes --account //Alice deposit 1 KSM", "receipt verify /nonexistent"} {
		code, out, said := execute(t, "", append([]string{"wallet", "--json", "--home", home, "--node", nowhere}, strings.Fields(args)...)...)
		var problem struct {
			Error struct{ Cause, Remedy string }
		}
		if err := json.Unmarshal([]byte(out), &problem); err != nil || code != exitFailed || problem.Error.Cause == "" || problem.Error.Remedy == "" || said != "" {
			t.Errorf("%s: exit %d, %s, %s", args, code, out, said)
		}
	}
}

func TestAccounts(t *testing.T) {
	folder := t.TempDir()
	home := filepath.Join(folder, "home")
	password := filepath.Join(folder, "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(passwordFile, password)
	account := func(input string, args ...string) (value accountJSON, said string) {
		t.Helper()
		code, out, said := execute(t, input, append([]string{"wallet", "--json", "--home", home, "account"}, args...)...)
		if code != exitDone || json.Unmarshal([]byte(out), &value) != nil {
			t.Fatalf("%v: exit %d, %s, %s", args, code, out, said)
		}
		return value, said
	}
	made, said := account("", "new", "savings", "--words", "24")
	words := regexp.MustCompile(`(?m)^    ([a-z ]+)$`).FindStringSubmatch(said)
	if len(words) != 2 || len(strings.Fields(words[1])) != 24 {
		t.Fatalf("no mnemonic in %q", said)
	}
	again, said := account("  "+words[1]+" \n", "import", "copy")
	if again.Address != made.Address || again.PublicKey != made.PublicKey || strings.Contains(said, strings.Fields(words[1])[3]) {
		t.Errorf("imported %+v, %q", again, said)
	}
	if alice, _ := account("//Alice", "import", "alice", "--scheme", "ed25519"); alice.Address == "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F" { // the sr25519 one
		t.Errorf("%+v", alice)
	}
	code, out, _ := execute(t, "", "wallet", "--json", "--home", home, "account", "list")
	var list []accountJSON
	if code != exitDone || json.Unmarshal([]byte(out), &list) != nil || len(list) != 3 || list[1].Name != "copy" {
		t.Errorf("list: exit %d, %s", code, out)
	}
	if shown, _ := account("", "show", "--account", "savings"); shown != made {
		t.Errorf("show: %+v", shown)
	}
	if shown, _ := account("", "show", "--account", words[1]); shown.Name != "" || shown.Address != made.Address {
		t.Errorf("show of a secret: %+v", shown)
	}
	for _, wrong := range [][]string{{"new", "savings"}, {"new", "a/b"}, {"new", "x", "--words", "13"}, {"new", "x", "--scheme", "ecdsa"}, {"import", "x"}, {"show"},
		{"show", "--account", "nobody"}} {
		if code, _, said := execute(t, "", append([]string{"wallet", "--home", home, "account"}, wrong...)...); code == exitDone {
			t.Errorf("%v was accepted: %s", wrong, said)
		}
	}
}

// TestWalletJSONIsAsTheSpecSays compares the names in spec/interface.md with those that are written.
func TestWalletJSONIsAsTheSpecSays(t *testing.T) {
	page, err := os.ReadFile("../../spec/interface.md")
	if err != nil {
		t.Fatal(err)
	}
	pair := &wallet.Pair{Market: wire.Market{ID: 1, LotSize: scale.U128From(1), TickValue: 1}, BaseSymbol: "A", QuoteSymbol: "B"}
	receipt := &wallet.Receipt{}
	receipt.Answer.Body.Kind = wire.QueryReceipt
	for command, value := range map[string]any{
		"account new":  accountJSON{},
		"session open": sessionJSON{},
		"assets":       assetJSON{},
		"markets":      marketOf(pair),
		"deposit":      depositJSON{},
		"balances":     balanceJSON{},
		"order place":  orderOf(pair, &wallet.OrderResult{}),
		"order list":   openOrderJSON{},
		"fills":        fillOf(pair, &wire.Fill{}),
		"receipt FILL": receiptOf(pair, receipt, true),
		"withdraw":     withdrawJSON{},
		"claim":        claimJSON{},
		"transfer":     transferJSON{},
		"watch":        frameJSON{},
		"status":       statusJSON{},
	} {
		row := regexp.MustCompile("(?m)^\\| `" + command + "[^\n]*$").FindString(string(page))
		if row == "" {
			t.Errorf("%s is not in the page", command)
			continue
		}
		documented := names(row[strings.LastIndex(row, " | "):])
		if command == "receipt FILL" {
			documented = append(documented, names(regexp.MustCompile("(?m)^\\| `fills [^\n]*$").FindString(string(page)))...)
		}
		written := keysOf(t, value)
		sort.Strings(documented)
		if strings.Join(documented, " ") != strings.Join(written, " ") {
			t.Errorf("%s writes\n%v, the page says\n%v", command, written, documented)
		}
	}
}

// names are the quoted names in a row of the page.
func names(row string) []string {
	var list []string
	for _, found := range regexp.MustCompile(`"([A-Za-z]+)"`).FindAllStringSubmatch(row, -1) {
		list = append(list, found[1])
	}
	return list
}

func keysOf(t *testing.T, value any) []string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		t.Fatal(err)
	}
	var list []string
	for key := range fields {
		list = append(list, key)
	}
	sort.Strings(list)
	return list
}

func TestHistoryEntriesHaveNames(t *testing.T) {
	for kind := wire.EventDeposited; kind <= wire.EventWithdrawalWaiting; kind++ {
		d := describeEvent(&wallet.Listing{}, &wire.HistoryEvent{Kind: kind})
		if d.name == "" || strings.HasPrefix(d.name, "Event") || d.fields == nil {
			t.Errorf("event %d is %+v", kind, d)
		}
	}
	if d := describeEvent(&wallet.Listing{}, &wire.HistoryEvent{Kind: 99}); d.name != "Event99" {
		t.Errorf("an unknown event is %+v", d)
	}
}
