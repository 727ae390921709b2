package faults

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// workerStatus is what a worker says at /v1/status (spec/worker-api.md).
type workerStatus struct {
	Worker     string
	Checkpoint *struct {
		Index     uint64
		StateRoot string
	}
	Committed *struct {
		Index     uint64
		StateRoot string
	}
	Ready bool
}

func (s *site) workerStatus() (status workerStatus, err error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + s.workAt.address() + "/v1/status")
	if err != nil {
		return status, err
	}
	defer response.Body.Close()
	return status, json.NewDecoder(response.Body).Decode(&status)
}

// undamaged is a copy of the network that runs: its worker comes when it is started.
func (g *sound) undamaged(t *testing.T, name string) *site {
	t.Helper()
	s := &site{t: t, folder: filepath.Join(g.folder, name), genesis: g.genesis, nodeAt: newForwarder(t), workAt: newForwarder(t)}
	copyFolder(t, g.nodeFolder(), s.nodeFolder())
	copyFolder(t, g.workerFolder(), s.workerFolder())
	copyFile(t, g.specFile(), s.specFile())
	copyFile(t, g.operatorFile(), s.operatorFile())
	s.startNode()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the node said:\n%s\nthe worker said:\n%s", lastWords(s.node), lastWords(s.worker))
		}
	})
	return s
}

func (g *sound) damageWorker(t *testing.T) {
	s := g.undamaged(t, "sound-node")
	s.startWorker()
	s.awaitCommits(t, 0)
	healthy, err := s.workerStatus()
	if err != nil {
		t.Fatal(err)
	}
	s.worker.kill()
	files := filesOf(t, g.workerFolder())
	t.Logf("%d files", len(files))
	counted := outcomes{}
	for range g.count {
		d := chooseDamage(t, g.workerFolder(), files, g.choices)
		t.Run(d.String(), func(t *testing.T) { counted[g.damagedWorker(t, s, d, healthy.Worker)]++ })
	}
	t.Logf("%v", counted)
}

// awaitCommits waits until the worker has seen the chain accept commits of a few checkpoints beyond one.
func (s *site) awaitCommits(t *testing.T, beyond uint64) bool {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if status, err := s.workerStatus(); err == nil && status.Ready && status.Committed != nil && status.Committed.Index > beyond+1 {
			return true
		}
		if !s.worker.running() {
			return false
		}
	}
	t.Fatal("commits do not go on")
	return false
}

// damagedWorker starts a worker whose files have one damage, and says what became of it.
func (g *sound) damagedWorker(t *testing.T, network *site, d damage, key string) string {
	s := *network
	s.t, s.folder = t, filepath.Join(g.folder, "damaged-worker")
	copyFolder(t, g.workerFolder(), s.workerFolder())
	copyFile(t, g.specFile(), s.specFile())
	copyFile(t, g.operatorFile(), s.operatorFile())
	d.do(t, s.workerFolder())
	before := network.committed(t)
	if err := s.launchWorker(); err != nil {
		return s.worker.refused(t)
	}
	if !s.awaitCommits(t, before) {
		return s.worker.refused(t)
	}
	status, err := s.workerStatus()
	if err != nil {
		t.Fatal(err)
	}
	if status.Worker != key {
		t.Errorf("the worker's key was %s and is now %s", key, status.Worker)
	}
	s.worker.signal(t, terminate)
	if code := s.worker.wait(t, patience); code != 0 {
		return s.worker.refused(t)
	}
	if network.halted(t) {
		t.Error("the worker has made the chain see a discrepancy")
	}
	return "goes on"
}

// committed is the checkpoint of the chain's last commit, as the node says.
func (s *site) committed(t *testing.T) uint64 {
	t.Helper()
	return u64At(s.storage(t, item("Confidential", "LastCommit")), 0)
}

// halted tells whether commits have stopped.
func (s *site) halted(t *testing.T) bool {
	t.Helper()
	return s.storage(t, item("Confidential", "Discrepancy")) != nil
}
