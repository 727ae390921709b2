package faults

import (
	"syscall"
	"testing"
	"time"
)

// closeTime is how long a process may take to end when it is asked to, on a busy machine: it gives calls under way 5 s.
const closeTime = 20 * time.Second

// end asks a process to end, which it does cleanly.
func (k *killer) end(p *process) {
	k.t.Helper()
	started := time.Now()
	p.signal(k.t, terminate)
	if code := p.wait(k.t, closeTime); code != 0 {
		k.t.Fatalf("%s ended with code %d when asked to end\n%s", p.name, code, lastWords(p))
	}
	if panicked.MatchString(p.said.String()) {
		k.t.Errorf("%s ended with a panic\n%s", p.name, lastWords(p))
	}
	k.t.Logf("%s ended within %v", p.name, time.Since(started).Round(time.Millisecond))
}

// TestStopAndStart ends processes under load as operators do, in any order, starts them again in any order, and has them stand
// still for a while.
func TestStopAndStart(t *testing.T) {
	choices := random(t, 5)
	s := newSite(t)
	s.startNode()
	a := newAuditor(s)
	s.startWorker()
	traders := s.crowd(choices, "Bob", "Charlie", "Dave")
	for _, tr := range traders {
		tr.start()
	}
	k := &killer{site: s, random: choices, auditor: a}
	for range max(1, setting(t, "BITCLOAK_FAULT_KILLS", 10)/10) {
		k.restartAll()
		k.standStill(k.worker)
		k.standStill(k.node)
		a.check()
	}
	s.finish(a, traders)
}

// restartAll ends both processes and starts them again. A worker that starts first waits for the node.
func (k *killer) restartAll() {
	k.t.Helper()
	k.pause(500)
	before := k.auditor.chain.View()
	if k.random.IntN(2) == 0 {
		k.end(k.node)
		k.end(k.worker)
	} else {
		k.end(k.worker)
		k.end(k.node)
	}
	if k.random.IntN(2) == 0 {
		k.worker = k.launch(k.worker)
		k.pause(1_000)
		k.startNode()
		address, err := k.worker.ready(workerReady)
		if err != nil {
			k.t.Fatalf("%v\n%s", err, lastWords(k.worker))
		}
		k.workAt.to(address)
	} else {
		k.startNode()
		k.pause(1_000)
		k.startWorker()
	}
	k.goOn(before)
}

// standStill stops a process for a while, as a busy host does with a virtual machine.
func (k *killer) standStill(p *process) {
	k.t.Helper()
	p.signal(k.t, syscall.SIGSTOP)
	time.Sleep(time.Second)
	k.pause(1_500)
	p.signal(k.t, syscall.SIGCONT)
	k.goOn(k.auditor.chain.View())
}
