package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRelayUsage(t *testing.T) {
	folder := t.TempDir()
	account := filepath.Join(folder, "account")
	if err := os.WriteFile(account, []byte("//Ferdie\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	genesis := "--genesis 0x" + strings.Repeat("11", 32)
	data := " --data " + folder
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"relay extra", exitUsage, "used as"},
		{"relay" + data, exitUsage, "--chain-spec FILE or --genesis HASH"},
		{"relay " + genesis + " --chain-spec spec.json" + data, exitUsage, "--chain-spec FILE or --genesis HASH"},
		{"relay --genesis 0x12" + data, exitUsage, "--genesis"},
		{"relay " + genesis + data, exitUsage, "--account-file"},
		{"relay " + genesis + " --account-file " + folder + "/none" + data, exitFailed, "cannot be read"},
		{"relay " + genesis + " --trusted-proxy elsewhere --account-file " + account + data, exitUsage, "--trusted-proxy"},
		{"relay " + genesis + " --max-batch 5000 --account-file " + account + data, exitFailed, "not between"},
		{"relay " + genesis + " --rate 0 --node " + nowhere + " --account-file " + account + data, exitFailed, "every limit must be positive"},
		{"relay " + genesis + " --node " + nowhere + " --account-file " + account + data, exitFailed, "no node can be followed"},
		{"wallet --relay elsewhere --account //Alice session show --node " + nowhere, exitFailed, "does not answer"},
		{"wallet cadence", exitUsage, "--every"},
		{"wallet --account //Alice trade", exitUsage, "add --yes"},
	} {
		code, _, errors := execute(t, "", append(strings.Fields(c.args), "--help=false")...)
		if code != c.code || !strings.Contains(errors, c.says) {
			t.Errorf("%s: exit code %d, %s", c.args, code, errors)
		}
	}
	code, out, errors := execute(t, "", "relay", "statistics", "--json", "--data", folder)
	if code != exitDone || strings.TrimSpace(out) != "[]" {
		t.Errorf("no statistics: %d, %s, %s", code, out, errors)
	}
}
