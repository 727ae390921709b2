package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
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

// Both are short, in milliseconds: keys turn while processes die, and a chain that goes on soon shows it.
const (
	epochDuration = 30_000
	heartbeat     = 250
)

var (
	nodeReady   = regexp.MustCompile(`JSON-RPC  ws://(\S+)`)
	workerReady = regexp.MustCompile(`API      http://(\S+)`)
)

// site is a network of one node and one worker, each a process with a folder, at addresses that stay.
type site struct {
	t       *testing.T
	folder  string
	genesis scale.Hash
	node    *process
	worker  *process
	nodeAt  *forwarder
	workAt  *forwarder
	change  func(*exec.Cmd) // of every process, may be nil

	auditorNow func() time.Time // the auditor's clock; nil: the right one
}

// newSite makes the folders and the chain spec; nothing runs yet.
func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOf(t, func(spec *chainspec.Spec) {
		spec.Genesis.Confidential.EpochDuration, spec.Genesis.Confidential.Heartbeat = epochDuration, heartbeat
	})
}

// newSiteOf is newSite with a chain spec of its own.
func newSiteOf(t *testing.T, change func(*chainspec.Spec)) *site {
	t.Helper()
	s := &site{t: t, folder: t.TempDir(), nodeAt: newForwarder(t), workAt: newForwarder(t)}
	made, err := exec.Command(program, "chain-spec", "dev", "--data", s.nodeFolder()).Output()
	if err != nil {
		t.Fatalf("make a chain spec: %v", err)
	}
	spec := new(chainspec.Spec)
	if err := json.Unmarshal(made, spec); err != nil {
		t.Fatal(err)
	}
	change(spec)
	text, err := spec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	block, err := chain.GenesisBlock(spec.Genesis, uint64(spec.CometBFT.GenesisTime.UnixMilli()))
	if err != nil {
		t.Fatal(err)
	}
	s.genesis = block.Header.Hash()
	for name, content := range map[string][]byte{s.specFile(): text, s.operatorFile(): []byte("//Alice\n")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the node said:\n%s\nthe worker said:\n%s", lastWords(s.node), lastWords(s.worker))
		}
	})
	return s
}

// lastWords is the end of what a process said.
func lastWords(p *process) string {
	if p == nil {
		return ""
	}
	said := p.said.String()
	return said[max(0, len(said)-8_000):]
}

func (s *site) nodeFolder() string   { return filepath.Join(s.folder, "node") }
func (s *site) workerFolder() string { return filepath.Join(s.folder, "worker") }
func (s *site) specFile() string     { return filepath.Join(s.folder, "spec.json") }
func (s *site) operatorFile() string { return filepath.Join(s.folder, "operator") }

// launchNode starts the node and waits until it serves, or gives why it does not.
func (s *site) launchNode() error {
	s.node = launch(s.t, "node", s.change, "node", "--chain-spec", s.specFile(), "--data", s.nodeFolder(), "--rpc", "127.0.0.1:0")
	address, err := s.node.ready(nodeReady)
	if err == nil {
		s.nodeAt.to(address)
	}
	return err
}

// launchWorker starts the worker and waits until it serves, or gives why it does not.
func (s *site) launchWorker() error {
	s.worker = launch(s.t, "worker", s.change, "worker", "--chain-spec", s.specFile(), "--data", s.workerFolder(), "--listen", "127.0.0.1:0",
		"--node", "ws://"+s.nodeAt.address(), "--operator-file", s.operatorFile(), "--snapshot-interval", "500ms", "--log-level", "INFO")
	address, err := s.worker.ready(workerReady)
	if err == nil {
		s.workAt.to(address)
	}
	return err
}

func (s *site) startNode() {
	s.t.Helper()
	if err := s.launchNode(); err != nil {
		s.t.Fatalf("%v\n%s", err, lastWords(s.node))
	}
}

func (s *site) startWorker() {
	s.t.Helper()
	if err := s.launchWorker(); err != nil {
		s.t.Fatalf("%v\n%s", err, lastWords(s.worker))
	}
}

// storage reads a value at the best block, unproven.
func (s *site) storage(t *testing.T, key []byte) []byte {
	t.Helper()
	node := light.NewRPC("ws://" + s.nodeAt.address())
	defer node.Close()
	var value *scale.HexBytes
	if err := node.Call(t.Context(), &value, "state_getStorage", scale.HexBytes(key)); err != nil {
		t.Fatal(err)
	}
	if value == nil {
		return nil
	}
	return *value
}

// scaleNumber is a number that Substrate's JSON writes in hex.
type scaleNumber uint64

// UnmarshalJSON implements json.Unmarshaler.
func (n *scaleNumber) UnmarshalJSON(text []byte) error {
	number, err := strconv.ParseUint(strings.Trim(string(text), `"`), 0, 64)
	*n = scaleNumber(number)
	return err
}

// terminate asks a process to end.
const terminate = syscall.SIGTERM

// random gives the choices of a test, which follow from its own seed and that of the environment.
func random(t *testing.T, own uint64) *rand.Rand {
	t.Helper()
	seed := uint64(setting(t, "BITCLOAK_FAULT_SEED", 1))
	t.Logf("BITCLOAK_FAULT_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, own))
}

// until waits for a condition.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// must gives a value, or ends the test.
func must[T any](t *testing.T, what string) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", what, err))
		}
		return value
	}
}
