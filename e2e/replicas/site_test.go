package replicas

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker/api"
)

const (
	workers   = 3
	threshold = 2
	epoch     = 8 * time.Second
)

// operators pay for the registrations, each for its own worker's.
var operators = [workers]string{"//Dave", "//Eve", "//Ferdie"}

var (
	rpcLine = regexp.MustCompile(`JSON-RPC\s+(ws://\S+)`)
	apiLine = regexp.MustCompile(`API\s+(http://\S+)`)
	keyLine = regexp.MustCompile(`key\s+0x([0-9a-f]{64})`)
)

// site is a network of processes, and an observer that proves what it reads.
type site struct {
	t       *testing.T // of the part that runs
	whole   *testing.T // processes live as long
	folder  string
	node    *process
	url     string // of the node
	workers [workers]*workerProcess

	instance wire.Instance
	rpc      *light.RPC
	chain    *light.CometBFT
	head     light.Head
	scanned  uint32 // the last block whose events were read
	votes    map[uint64]map[[32]byte]wire.Hash
	named    map[[32]byte]bool // by events of discrepancies
	roots    map[uint64]map[int]string
}

type workerProcess struct {
	*process
	url string
	key [32]byte
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, whole: t, folder: t.TempDir(), votes: map[uint64]map[[32]byte]wire.Hash{}, named: map[[32]byte]bool{}, roots: map[uint64]map[int]string{}}
	spec, err := exec.Command(program("bitcloak"), "chain-spec", "dev", "--data", s.path("node"),
		"--threshold", fmt.Sprint(threshold), "--epoch", epoch.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	s.write("spec.json", string(spec))
	s.write("seed", strings.Repeat("5eed", 16))
	for i := range workers {
		s.write(fmt.Sprint("operator", i), operators[i])
	}
	s.node = launch(t, "node", "bitcloak", "node", "--chain-spec", s.path("spec.json"), "--data", s.path("node"), "--rpc", "127.0.0.1:0", "--log-level", "warn")
	s.url = s.node.shows(t, rpcLine)
	s.follow()
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.folder, name) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) data(worker int) string { return s.path(fmt.Sprint("worker", worker)) }

// start starts a worker of one of the builds, and waits until its API listens.
func (s *site) start(worker int, binary string, extra ...string) {
	s.t.Helper()
	arguments := append([]string{"worker", "--chain-spec", s.path("spec.json"), "--node", s.url, "--data", s.data(worker), "--listen", "127.0.0.1:0",
		"--simulated-number", fmt.Sprint(worker), "--operator-file", s.path(fmt.Sprint("operator", worker)), "--snapshot-interval", "2s"}, extra...)
	w := &workerProcess{process: launch(s.whole, fmt.Sprint("worker ", worker), binary, arguments...)}
	w.url = w.shows(s.t, apiLine)
	key, err := hex.DecodeString(w.shows(s.t, keyLine))
	if err != nil {
		s.t.Fatal(err)
	}
	w.key = [32]byte(key)
	s.workers[worker] = w
}

// status is what a worker says of itself; ok is false for one that does not answer.
func (s *site) status(worker int) (status api.Status, ok bool) {
	if w := s.workers[worker]; w == nil || !w.running() {
		return status, false
	}
	response, err := http.Get(s.workers[worker].url + "/v1/status")
	if err != nil {
		return status, false
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&status); err != nil {
		s.t.Fatal(err)
	}
	return status, true
}

// compareRoots notes what each worker says of its last checkpoint: a commit is a pure
// function, so all that say something of one checkpoint must say the same.
func (s *site) compareRoots() {
	s.t.Helper()
	for i := range workers {
		status, ok := s.status(i)
		if !ok || status.Checkpoint == nil {
			continue
		}
		index := status.Checkpoint.Index
		if s.roots[index] == nil {
			s.roots[index] = map[int]string{}
		}
		s.roots[index][i] = status.Checkpoint.StateRoot
		for other, root := range s.roots[index] {
			if root != status.Checkpoint.StateRoot {
				s.t.Fatalf("checkpoint %d: worker %d has root %s, worker %d %s", index, i, status.Checkpoint.StateRoot, other, root)
			}
		}
	}
}

// compared is how many checkpoints all of the workers have been compared at.
func (s *site) compared() (count int) {
	for _, roots := range s.roots {
		if len(roots) == workers {
			count++
		}
	}
	return count
}

// registered proves whether a worker's key is registered.
func (s *site) registered(worker int) bool {
	return value(s, wire.WorkerCodec, wire.StorageWorker(s.workers[worker].key)).Some
}

// ready waits until workers are registered and have caught up.
func (s *site) ready(numbers ...int) {
	s.t.Helper()
	for _, i := range numbers {
		s.until(fmt.Sprintf("worker %d", i), func() bool {
			status, ok := s.status(i)
			return ok && status.Ready && s.registered(i)
		})
	}
}

// committed is the chain's last commit, proven.
func (s *site) committed() scale.Optional[wire.LastCommit] {
	return value(s, wire.LastCommitCodec, wire.StorageLastCommit())
}
