package replicas

import (
	"os"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// TestReplicas lives through a worker's misfortunes, one after the other.
func TestReplicas(t *testing.T) {
	s := newSite(t)
	for i := range workers {
		s.start(i, "bitcloak", "--seed-file", s.path("seed"))
	}
	s.ready(0, 1, 2)
	bob, charlie := s.trader("Bob"), s.trader("Charlie")
	bob.deposit(ksm, 10*oneKSM)
	charlie.deposit(usdt, 1_000*oneUSDT)
	s.settle()
	bob.open()
	charlie.open()
	bob.place(wire.Sell, 5_000)
	s.settle()
	lots := uint64(0)
	trade := func(worker int) {
		s.t.Helper()
		charlie.place(wire.Buy, 100)
		lots += 100
		s.settle()
		s.until("the fill", func() bool {
			_, held := bob.holds(worker, ksm)
			return held == (5_000-lots)*oneKSM/1_000
		})
	}
	part := func(name string, run func()) {
		if !t.Failed() { // each goes on from the one before
			t.Run(name, func(t *testing.T) { s.t = t; run() })
		}
	}
	part("all three work", func() {
		trade(0)
		s.until("votes of all three", func() bool { return s.votedSince(0, 0) && s.votedSince(1, 0) && s.votedSince(2, 0) })
		s.until("checkpoints to compare", func() bool { return s.compared() >= 3 })
	})
	part("one is killed and comes back", func() {
		s.workers[2].kill()
		trade(0)
		s.start(2, "bitcloak", "--seed-file", s.path("seed"))
		s.ready(2)
		s.needs(2, 1, func() { trade(2) })
	})
	part("one loses its disk", func() {
		old := s.workers[2].key
		s.workers[2].kill()
		s.until("the third epoch", func() bool { return value(s, wire.EpochCodec, wire.StorageEpoch()).Value.Index >= 2 })
		trade(0)
		if err := os.RemoveAll(s.data(2)); err != nil {
			s.t.Fatal(err)
		}
		s.start(2, "bitcloak", "--replica", s.workers[0].url, "--replica", s.workers[1].url, "--log-level", "info")
		s.ready(2)
		if s.workers[2].key == old || value(s, wire.WorkerCodec, wire.StorageWorker(old)).Some {
			s.t.Error("the worker did not come back with a new key in the place of the old")
		}
		if !strings.Contains(s.workers[2].said.String(), "restored the published snapshot") {
			s.t.Error("the state came from elsewhere")
		}
		s.needs(2, 1, func() { trade(2) })
	})
	part("one computes something else", func() {
		if err := <-faulty; err != nil {
			s.t.Fatal(err)
		}
		s.discrepancy(bob, charlie)
	})
	s.t = t
	s.checkBacking(ksm, usdt)
	s.checkVotes()
}

// needs shows that a worker votes: without another of the three, nothing is committed
// but with it. The other comes back.
func (s *site) needs(worker, without int, act func()) {
	s.t.Helper()
	s.workers[without].kill()
	before := s.committed().Value.Checkpoint
	act()
	s.until("its vote", func() bool { return s.votedSince(worker, before) })
	s.start(without, "bitcloak", "--seed-file", s.path("seed"))
	s.ready(without)
}

// discrepancy replaces worker 2 by a build with a planted fault: from the first payout on
// it pays more than is due.
func (s *site) discrepancy(bob, charlie *trader) {
	s.t.Helper()
	s.workers[2].kill()
	s.start(2, "bitcloak-faulty")
	s.ready(2)
	bobHad, charlieHad := bob.onChain(ksm), charlie.onChain(usdt)
	bob.withdraw(ksm, oneKSM)
	s.until("the halt", func() bool {
		values, err := s.chain.Read(s.t.Context(), s.head, wire.StorageDiscrepancy())
		if err != nil {
			s.t.Fatal(err)
		}
		return values[0] != nil
	})
	last := s.committed().Value
	if !s.named[s.workers[2].key] {
		s.t.Error("no event names the worker at fault")
	}
	// Trading and questions go on; commits and payouts do not.
	charlie.place(wire.Buy, 10)
	charlie.withdraw(usdt, 100*oneUSDT)
	s.pooled()
	count := value(s, scale.U64, wire.StorageCheckpointCount()).Value
	s.until("the honest workers to go on", func() bool {
		status, ok := s.status(0)
		return ok && status.Checkpoint.Index >= count
	})
	if charlie.onChain(usdt) != charlieHad || s.committed().Value != last {
		s.t.Error("commits or payouts went on")
	}
	charlie.holds(0, usdt)
	charlie.holds(1, usdt)

	s.govern(removeWorker(s.workers[2].key))
	s.govern(resolveDiscrepancy())
	s.settle()
	s.until("the payouts", func() bool {
		return bob.onChain(ksm) >= bobHad+oneKSM && charlie.onChain(usdt) >= charlieHad+100*oneUSDT
	})
	s.until("the worker at fault to stop", func() bool { return !s.workers[2].running() })
	// It learns that it was removed, or, if its vote came late, that the chain has accepted another commit.
	if said := s.workers[2].said.String(); !strings.Contains(said, "retired this worker's key") &&
		!strings.Contains(said, "committed state root is not the one computed here") {
		s.t.Errorf("it ended for another reason:\n%s", said)
	}
	bob.place(wire.Sell, 1)
	s.settle()
	s.settle()
	if got := bob.onChain(ksm); got != bobHad+oneKSM {
		s.t.Errorf("Bob was paid %d", got-bobHad)
	}
	if got := charlie.onChain(usdt); got != charlieHad+100*oneUSDT {
		s.t.Errorf("Charlie was paid %d", got-charlieHad)
	}
	for i := range 2 {
		if !s.workers[i].running() {
			s.t.Errorf("honest worker %d has stopped", i)
		}
	}
}

func removeWorker(key [32]byte) []byte {
	return append([]byte{wire.PalletConfidential, 12}, key[:]...)
}

// resolveDiscrepancy has the workers vote anew.
func resolveDiscrepancy() []byte { return []byte{wire.PalletConfidential, 15, 0} }

// checkBacking checks I2 once everything is committed and paid.
func (s *site) checkBacking(assets ...uint32) {
	s.t.Helper()
	for _, asset := range assets {
		c := value(s, wire.CountersCodec, wire.StorageCounters(asset)).Value
		deposited, _ := c.Deposited.Sub(c.DepositedAtCommit)
		backing, _ := c.Liabilities.Add(deposited)
		backing, _ = backing.Add(c.Queued)
		if backing, _ = backing.Add(c.Shielded); backing != c.Custody {
			s.t.Errorf("I2 is broken for asset %d: %+v", asset, c)
		}
	}
}

// checkVotes checks what the chain has counted: two or three votes for each commit, all
// for the same but where governance had to decide.
func (s *site) checkVotes() {
	s.t.Helper()
	last := s.committed().Value.Checkpoint
	conflicts := 0
	for checkpoint := range last + 1 {
		votes := s.votes[checkpoint]
		if len(votes) < threshold {
			s.t.Errorf("checkpoint %d has %d votes", checkpoint, len(votes))
		}
		subjects := map[wire.Hash]bool{}
		for _, subject := range votes {
			subjects[subject] = true
		}
		if len(subjects) > 1 {
			conflicts++
		}
	}
	if conflicts != 1 {
		s.t.Errorf("%d checkpoints have votes for different commits", conflicts)
	}
}
