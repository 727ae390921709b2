package soak

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Assets and market of the development genesis.
const (
	ksm    = 1
	usdt   = 1000
	market = 1 // KSM against USDT: lots of 0.001 KSM, ticks of 0.01 USDT

	oneKSM  = 1_000_000_000_000 // base units
	oneUSDT = 1_000_000
)

// cacheBytes of the node, small enough to be full long before a soak ends: a cache that fills up is no leak.
const cacheBytes = 8 << 20

var (
	nodeReady   = regexp.MustCompile(`JSON-RPC  ws://(\S+)`)
	workerReady = regexp.MustCompile(`API      http://(\S+)`)
)

// site is a network of one node and one worker.
type site struct {
	genesis      scale.Hash
	node, worker *process
	rpc, api     string // their addresses
	accounts     []keys.Pair
}

// newSite starts a network on which so many accounts are rich.
func newSite(t *testing.T, accounts int) *site {
	t.Helper()
	s := &site{}
	for i := range accounts {
		var seed [32]byte
		copy(seed[8:], "soak")
		binary.LittleEndian.PutUint64(seed[:], uint64(i))
		pair, err := keys.NewPair(keys.Ed25519, seed)
		if err != nil {
			t.Fatal(err)
		}
		s.accounts = append(s.accounts, pair)
	}
	folder := t.TempDir()
	nodeData, workerData := filepath.Join(folder, "node"), filepath.Join(folder, "worker")
	specFile, operatorFile := filepath.Join(folder, "spec.json"), filepath.Join(folder, "operator")
	for name, content := range map[string][]byte{specFile: s.spec(t, nodeData), operatorFile: []byte("//Alice\n")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.node = launch(t, "node", nodeData, "node", "--chain-spec", specFile, "--data", nodeData, "--rpc", "127.0.0.1:0",
		"--cache", strconv.Itoa(cacheBytes))
	s.rpc = s.node.told(t, nodeReady)
	s.worker = launch(t, "worker", workerData, "worker", "--chain-spec", specFile, "--data", workerData, "--listen", "127.0.0.1:0",
		"--node", "ws://"+s.rpc, "--operator-file", operatorFile)
	s.api = s.worker.told(t, workerReady)
	return s
}

// spec is a development network's, with the accounts endowed.
func (s *site) spec(t *testing.T, data string) []byte {
	t.Helper()
	made, err := exec.Command(program, "chain-spec", "dev", "--data", data).Output()
	if err != nil {
		t.Fatalf("make a chain spec: %v", err)
	}
	spec := new(chainspec.Spec)
	if err := json.Unmarshal(made, spec); err != nil {
		t.Fatal(err)
	}
	registered := spec.Genesis.Assets.Assets
	for _, pair := range s.accounts {
		account := frame.Address(pair.AccountID())
		spec.Genesis.Balances.Balances = append(spec.Genesis.Balances.Balances, balances.Endowment{Account: account, Free: scale.U128From(1 << 62)})
		for i := range registered {
			if registered[i].ID == ksm || registered[i].ID == usdt {
				registered[i].Holdings = append(registered[i].Holdings, assets.Endowment{Account: account, Balance: scale.U128From(1 << 60)})
			}
		}
	}
	text, err := spec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	block, err := chain.GenesisBlock(spec.Genesis, uint64(spec.CometBFT.GenesisTime.UnixMilli()))
	if err != nil {
		t.Fatal(err)
	}
	s.genesis = block.Header.Hash()
	return text
}
