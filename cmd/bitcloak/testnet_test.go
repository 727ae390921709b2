package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
)

// makeTestnet runs `bitcloak testnet` and gives what it printed.
func makeTestnet(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"testnet"}, args...))
	err := root.Execute()
	return out.String(), err
}

func TestTestnetFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	said, err := makeTestnet(t, "--validators", "4", "--workers", "3", "--output", dir, "--rpc-port", "7000", "--epoch", "1h")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := chainspec.ReadFile(filepath.Join(dir, testnetSpec))
	if err != nil {
		t.Fatal(err)
	}
	if c := spec.Genesis.Confidential; len(spec.CometBFT.Validators) != 4 || c.Threshold != 2 || c.EpochDuration != 3_600_000 || !spec.IsDevelopment() {
		t.Errorf("%d validators, %+v", len(spec.CometBFT.Validators), c)
	}
	var ids []string
	for i, v := range spec.CometBFT.Validators {
		data := filepath.Join(dir, "validator-"+string(rune('0'+i)))
		if public, err := node.ValidatorPublicKey(data); err != nil || public != v.PublicKey {
			t.Errorf("validator %d: its key is %v, %v", i, public, err)
		}
		file, err := readNodeFile(filepath.Join(data, testnetNode))
		if err != nil {
			t.Fatal(err)
		}
		if file.ChainSpec != filepath.Join(dir, testnetSpec) || file.Data != data || file.RPC != local(7000, i) || len(file.Peers) != i {
			t.Errorf("validator %d: %+v", i, file)
		}
		id, err := node.PeerID(data)
		if err != nil || !slices.Contains(file.KnownPeers, id) {
			t.Errorf("validator %d: its peer id %s is not among %v (%v)", i, id, file.KnownPeers, err)
		}
		for j, peer := range file.Peers {
			if peer != ids[j]+"@"+local(26656, j) {
				t.Errorf("validator %d: peer %s", i, peer)
			}
		}
		ids = append(ids, id)
		if !strings.Contains(said, "bitcloak node --config "+filepath.Join(data, testnetNode)) {
			t.Errorf("validator %d: its command is not told", i)
		}
	}
	checkWorkerFolders(t, dir, said)
	if readme, err := os.ReadFile(filepath.Join(dir, "README.md")); err != nil || string(readme) != said {
		t.Errorf("README.md: %v", err)
	}
	if _, err := makeTestnet(t, "--output", dir); !errors.Is(err, errOutputNotEmpty) {
		t.Errorf("into the same folder: %v", err)
	}
}

func checkWorkerFolders(t *testing.T, dir, said string) {
	t.Helper()
	var operators []string
	first, err := readSeedFile(filepath.Join(dir, "worker-0", workerSeed))
	if err != nil || first == nil {
		t.Fatal(err)
	}
	for _, name := range []string{"worker-0", "worker-1", "worker-2"} {
		seed, err := readSeedFile(filepath.Join(dir, name, workerSeed)) // refuses one that others can read
		if err != nil || *seed != *first {
			t.Errorf("%s: its seed is another: %v", name, err)
		}
		operator, err := os.ReadFile(filepath.Join(dir, name, workerSecret))
		if err != nil || slices.Contains(operators, string(operator)) {
			t.Errorf("%s: operator %q, %v", name, operator, err)
		}
		operators = append(operators, string(operator))
		if !strings.Contains(said, "--seed-file "+filepath.Join(dir, name, workerSeed)) {
			t.Errorf("%s: its command is not told", name)
		}
	}
	err = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Two networks share nothing by which their nodes could take each other for their own.
func TestTestnetsDiffer(t *testing.T) {
	var specs []*chainspec.Spec
	for range 2 {
		dir := t.TempDir()
		if _, err := makeTestnet(t, "--validators", "1", "--workers", "0", "--output", dir); err != nil {
			t.Fatal(err)
		}
		spec, err := chainspec.ReadFile(filepath.Join(dir, testnetSpec))
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, spec)
	}
	if specs[0].CometBFT.ChainID == specs[1].CometBFT.ChainID || specs[0].ID == specs[1].ID {
		t.Error("two networks have one name")
	}
}

func TestTestnetUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"no output":        {},
		"no validators":    {"--output", "x", "--validators", "0"},
		"many workers":     {"--output", "x", "--workers", "7"},
		"a high threshold": {"--output", "x", "--workers", "2", "--threshold", "3"},
		"no threshold":     {"--output", "x", "--threshold", "0"},
		"ports overlap":    {"--output", "x", "--rpc-port", "26658"},
		"ports too high":   {"--output", "x", "--rpc-port", "65534"},
		"port zero":        {"--output", "x", "--p2p-port", "0"},
	} {
		_, err := makeTestnet(t, args...)
		if err == nil {
			t.Errorf("%s: it was made", name)
		}
		if _, err := os.Stat("x"); err == nil {
			t.Errorf("%s: a folder was made", name)
			_ = os.RemoveAll("x")
		}
	}
}

func TestNodeFile(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		t.Helper()
		name := filepath.Join(dir, "node.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for name, text := range map[string]string{
		"not JSON": "{", "unknown field": `{"port": 1}`, "trailing": `{} {}`, "a number for text": `{"rpc": 1}`, "large": strings.Repeat(" ", maxNodeFile+1),
	} {
		if _, err := readNodeFile(write(text)); !errors.Is(err, errNodeFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readNodeFile(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	file, err := readNodeFile(write(`{"chainSpec": "a.json", "data": "/d", "rpc": "127.0.0.1:1", "peers": ["p"], "onlyKnownPeers": true, "snapshotInterval": 0}`))
	if err != nil {
		t.Fatal(err)
	}
	var config node.Config
	var spec string
	flags := pflag.NewFlagSet("node", pflag.ContinueOnError)
	registerNode(flags, &config)
	flags.StringVar(&spec, "chain-spec", "", "")
	if err := flags.Parse([]string{"--rpc", "127.0.0.1:2", "--archive"}); err != nil {
		t.Fatal(err)
	}
	file.apply(flags, &spec, &config)
	if spec != filepath.Join(dir, "a.json") || config.DataDir != "/d" || config.RPC.Address != "127.0.0.1:2" || !config.P2P.OnlyKnown ||
		config.SnapshotInterval != 0 || !slices.Equal(config.P2P.Peers, []string{"p"}) || config.P2P.Address != node.DefaultP2PAddress {
		t.Errorf("%q %+v", spec, config)
	}
}
