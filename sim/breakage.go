package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// breakThings crashes workers, cuts them off, and brings back what is down long enough. Nodes crash where they work, in
// conclude.
func (w *World) breakThings() {
	w.restartNodes()
	for _, s := range w.sites {
		if s.running() {
			if w.chance.in(w.plan.workerCrash, 1000) {
				how, err := s.crash()
				w.must(err)
				s.downUntil = w.now().Add(time.Duration(w.chance.between(10, 6000)) * time.Millisecond)
				w.count("workers: " + how)
				w.tracef("worker %d: %s", s.index, how)
			} else if w.chance.in(w.plan.workerCrash, 4000) {
				w.count("workers stopped")
				w.must(s.end())
				s.downUntil = w.now().Add(time.Duration(w.chance.between(10, 4000)) * time.Millisecond)
				w.tracef("worker %d is stopped", s.index)
			}
		} else if !w.now().Before(s.downUntil) {
			w.startSite(s)
		}
		if w.chance.in(w.plan.loss, 3000) {
			s.cutUntil = w.now().Add(time.Duration(w.chance.between(100, 5000)) * time.Millisecond)
			w.tracef("worker %d is cut off", s.index)
		}
		if w.chance.in(1, 40) {
			s.node = w.chance.IntN(len(w.nodes))
		}
	}
	for _, n := range w.nodes {
		if w.chance.in(w.plan.lies, 1000) {
			n.slow = int64(w.chance.between(0, 3))
		}
	}
}

func (w *World) startSite(s *site) {
	w.reseed()
	w.tracef("worker %d starts", s.index)
	s.start()
	w.serve()
}

func (w *World) restartNodes() {
	for _, n := range w.nodes {
		if !n.up && !w.now().Before(n.downUntil) {
			w.must(n.open())
			w.tracef("node %d is back at height %d", n.index, n.chain.Head().Height)
		}
	}
}

// crashesAt tells whether a node crashes at this point of a height.
func (w *World) crashesAt(*node) bool { return !w.calm && w.chance.in(w.plan.nodeCrash, 2000) }

// crashAll crashes those that are to.
func (w *World) crashAll(those map[*node]bool) {
	for _, n := range w.nodes {
		if !those[n] {
			continue
		}
		w.count("nodes crashed")
		w.must(n.crash(w.chance.IntN(101)))
		n.downUntil = w.now().Add(time.Duration(w.chance.between(0, 4000)) * time.Millisecond)
		w.tracef("node %d crashes", n.index)
	}
}

// refusals are why a worker may decline to start: its disk is not what it was.
var refusals = []error{worker.ErrKeyFile, worker.ErrUnrecoverable, light.ErrTrustStore}

// siteFailed judges a worker that does not start, or stopped by itself.
func (w *World) siteFailed(s *site, err error) {
	switch {
	case s.tampered != "" && slices.ContainsFunc(refusals, func(refusal error) bool { return errors.Is(err, refusal) }):
		// A clean refusal: the operator restores the disk.
		w.count("refused to start: " + s.tampered)
		w.tracef("worker %d refuses: %s", s.index, s.tampered)
		w.must(s.disk.put(s.backup))
		s.tampered = ""
		s.downUntil = w.now().Add(time.Second)
	case !w.calm && (light.Refused(err) || passing(err)):
		w.count("started in vain")
		w.tracef("worker %d does not start", s.index)
		s.downUntil = w.now().Add(time.Second)
	default:
		w.failf("%v\n%s", err, s.log)
	}
}

// passing tells whether an error is one of the connection or of the node, which another attempt may not meet.
func passing(err error) bool {
	var of nodeError
	return errors.As(err, &of) || errors.Is(err, errDown) || errors.Is(err, errUnreachable) || errors.Is(err, errLost)
}

// lyingWorker has the worker that lies register, and vote for another outcome.
func (w *World) lyingWorker() {
	n := w.at()
	if w.liar == nil || n == nil {
		return
	}
	known := slices.Contains(w.registered(), w.liar.Public())
	switch {
	case !known && w.lied == 0 && w.chance.in(1, 4):
		w.register(w.liarMachine, w.liar)
	case known && w.chance.in(1, 6):
		w.lied++
		w.count("lying votes")
		w.sendBare("liar", n, w.forgedCommit(uint64(w.chance.IntN(2)), w.liar, false))
	}
}

// register has somebody's machine vouch for a worker's key, and mallory pay for it.
func (w *World) register(m *machine, worker keys.Pair) {
	evidence, err := m.Quote(context.Background(), wire.ReportData(w.instance, worker.Public()))
	w.must(err)
	call, err := wire.CallRegisterWorker(worker.Public(), wire.Evidence{Kind: uint8(evidence.Kind), Bytes: evidence.Bytes})
	w.must(err)
	w.mallory.submit(call)
	w.deliver()
}

// bringUp lets workers register and announce their keys.
func (w *World) bringUp() {
	w.calm = true
	for _, s := range w.sites {
		w.startSite(s)
	}
	w.until("the workers are registered and the keys known", 60, func() bool {
		return len(w.registered()) >= len(w.sites) && w.contractKey(0) != nil
	})
	w.stock()
	w.calm = false
}

// stock gives most traders something in the pool, and a session, so that there is trade from the start.
func (w *World) stock() {
	for _, t := range w.traders {
		if w.chance.in(1, 8) {
			continue
		}
		for _, asset := range allAssets {
			if w.chance.in(3, 4) {
				amount := endowment[asset]/20 + w.chance.amount(endowment[asset]/20)
				call, err := wire.CallDeposit(asset, scale.U128From(amount), wire.Beneficiary{Account: t.account()})
				w.must(err)
				t.submit(call)
				w.deliver()
			}
		}
		if envelope := t.opening(time.Hour); envelope != nil {
			w.submitAs(&t.party, [][]byte{envelope})
			w.deliver()
		}
	}
	w.until("all are at their places", boundCommits, func() bool { return len(w.parcels) == 0 && w.at().pool.Usage().Signed == 0 })
	w.allAnswered()
}

// until makes blocks until something is so.
func (w *World) until(what string, heights int, is func() bool) {
	for range heights {
		if is() {
			return
		}
		w.pass(500 * time.Millisecond)
		for _, s := range w.sites {
			if !s.running() && !w.now().Before(s.downUntil) {
				w.startSite(s)
			}
		}
		w.settle()
	}
	logs := ""
	for _, s := range w.sites {
		logs += fmt.Sprintf("--- worker %d\n%s", s.index, s.log)
	}
	w.failf("liveness: after %d heights without faults it is not so that %s\n%s", heights, what, logs)
}
