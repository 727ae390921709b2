package faults

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wallet/chain"
)

// killer ends processes at any moment and starts them again.
type killer struct {
	*site
	random  *rand.Rand
	auditor *auditor
	kills   int
	nodes   int // of the kills
}

// pause waits for up to so many milliseconds.
func (k *killer) pause(most int) { time.Sleep(time.Duration(k.random.IntN(most+1)) * time.Millisecond) }

func (k *killer) kill(p *process) {
	k.t.Helper()
	if !p.running() {
		k.t.Fatalf("%s ended by itself with code %d\n%s", p.name, p.command.ProcessState.ExitCode(), lastWords(p))
	}
	p.kill()
	k.kills++
	if p == k.node {
		k.nodes++
	}
}

// round kills one process or both, now and then again while it starts, and waits until commits go on.
func (k *killer) round() {
	k.t.Helper()
	k.pause(900)
	before := k.auditor.chain.View()
	victims := k.random.IntN(100)
	node, worker := victims < 60, victims >= 45
	workerFirst := k.random.IntN(2) == 0
	if worker && workerFirst {
		k.kill(k.worker)
	}
	if node {
		k.kill(k.node)
	}
	if worker && !workerFirst {
		k.kill(k.worker)
	}
	k.pause(200)
	if k.random.IntN(4) == 0 { // in the middle of its recovery
		if node {
			k.node = k.launch(k.node)
			k.pause(250)
			k.kill(k.node)
		} else {
			k.worker = k.launch(k.worker)
			k.pause(250)
			k.kill(k.worker)
		}
	}
	if node {
		k.startNode()
	}
	if worker {
		k.startWorker()
	}
	k.goOn(before)
	k.auditor.check()
}

// launch starts a process like an earlier one and waits for nothing.
func (k *killer) launch(like *process) *process {
	k.t.Helper()
	return launch(k.t, like.name, k.change, like.command.Args[1:]...)
}

// goOn waits until the chain has finalised, and the workers have committed, more than a view says.
func (s *site) goOnFrom(a *auditor, before chain.View) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		view := a.chain.View()
		if view.Commit.Some && view.Commit.Value.Number > before.Head.Number {
			return
		}
		for _, p := range []*process{s.node, s.worker} {
			if !p.running() {
				s.t.Fatalf("%s ended by itself with code %d\n%s", p.name, p.command.ProcessState.ExitCode(), lastWords(p))
			}
		}
		if time.Now().After(deadline) {
			a.report() // why, perhaps
			s.t.Fatalf("the network does not go on: head %d, last commit %+v, before: head %d", view.Head.Number, view.Commit, before.Head.Number)
		}
	}
}

func (k *killer) goOn(before chain.View) {
	k.t.Helper()
	k.goOnFrom(k.auditor, before)
}

// crowd starts traders that have sessions and deposits.
func (s *site) crowd(random *rand.Rand, names ...string) []*trader {
	s.t.Helper()
	traders := make([]*trader, len(names))
	for i, name := range names {
		traders[i] = s.trader(name, rand.New(rand.NewPCG(random.Uint64(), uint64(i))))
		traders[i].begin()
	}
	return traders
}

// finish stops the traders, has them take everything out, and settles all accounts.
func (s *site) finish(a *auditor, traders []*trader) {
	s.t.Helper()
	for _, tr := range traders {
		tr.stop()
	}
	for _, tr := range traders {
		tr.leave()
	}
	a.check()
	a.stop()
	<-a.ended
	stories := make([]*story, len(traders))
	for i, tr := range traders {
		stories[i] = tr.tell()
		stories[i].verify(a)
		s.t.Logf("%s: done %v, unclear %v, late %v, %d history entries, %d fills", tr.name, tr.book.done, tr.book.unclear, tr.book.late,
			len(stories[i].history), len(stories[i].fills))
	}
	verifyEnd(s.t, a, stories)
	s.t.Logf("%d blocks, %d commits, %d deposits, %d payouts", a.scanned.Number, a.commits, len(a.deposits), len(a.payouts))
}

// TestKill kills node and worker again and again while traders trade. Nothing is lost, nothing happens twice, and in the end
// everybody takes out what is his.
func TestKill(t *testing.T) {
	kills := setting(t, "BITCLOAK_FAULT_KILLS", 10)
	choices := random(t, 1)
	s := newSite(t)
	s.startNode()
	a := newAuditor(s)
	s.startWorker()
	traders := s.crowd(choices, "Bob", "Charlie", "Dave")
	for _, tr := range traders {
		tr.start()
	}
	k := &killer{site: s, random: choices, auditor: a}
	started := time.Now()
	for k.kills < kills {
		k.round()
	}
	t.Logf("%d kills, %d of the node, in %v", k.kills, k.nodes, time.Since(started).Round(time.Millisecond))
	s.finish(a, traders)
}
