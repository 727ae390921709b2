package sim

import (
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// block has the nodes that run agree on a height, if they are enough. One of them may propose what it should not.
func (w *World) block() {
	running := w.alive()
	if len(running) < w.consensus.quorum() {
		w.count("heights without quorum")
		return
	}
	proposer := pick(w.chance, running)
	at := w.blockTime()
	txs, err := proposer.prepare(w.consensus.height()+1, at)
	w.must(err)
	if !w.calm && w.chance.in(w.plan.badProposal, 1000) {
		altered := w.alter(txs)
		d := w.consensus.propose(at, altered)
		if w.accepted(d, proposer, running) {
			w.count("odd proposals accepted")
			w.conclude(d, running)
			return
		}
		w.count("odd proposals refused")
		proposer = pick(w.chance, running)
		txs, err = proposer.prepare(w.consensus.height()+1, at)
		w.must(err)
	}
	d := w.consensus.propose(at, txs)
	if !w.accepted(d, proposer, running) {
		w.failf("I5: honest nodes refuse an honest proposal at height %d", d.height)
	}
	w.conclude(d, running)
}

// blockTime is a time between the last block's and now, as the median of votes is.
func (w *World) blockTime() time.Time {
	at := w.now().Truncate(time.Millisecond).Add(-time.Duration(w.chance.IntN(300)) * time.Millisecond)
	earliest := w.start.Add(time.Millisecond)
	if h := w.consensus.height(); h > 0 {
		earliest = w.consensus.decided[h-1].time.Add(time.Millisecond)
	}
	if at.Before(earliest) {
		return earliest
	}
	return at
}

// accepted asks all for their votes. The proposer votes for its own whatever it is.
func (w *World) accepted(d *decision, proposer *node, running []*node) bool {
	votes := 0
	for _, n := range running {
		ok, err := n.accepts(d)
		w.must(err)
		if ok || n == proposer && len(w.nodes) > 1 {
			votes++
		}
	}
	return votes >= w.consensus.quorum()
}

// conclude has a decided height executed by every node that runs, each of which may crash before, in between or after.
func (w *World) conclude(d *decision, running []*node) {
	var signers []int
	for _, n := range running {
		signers = append(signers, n.index)
	}
	for len(signers) > w.consensus.quorum() && w.chance.in(1, 3) { // slow votes are in no commit
		at := w.chance.IntN(len(signers))
		signers = append(signers[:at:at], signers[at+1:]...)
	}
	var after scale.Hash
	crashed := map[*node]bool{}
	first := true
	for _, n := range running {
		if w.crashesAt(n) {
			crashed[n] = true
			continue
		}
		hash, err := n.finalize(d)
		w.must(err)
		if first {
			after, first = hash, false
		} else if hash != after {
			w.failf("I5: node %d gives another AppHash at height %d", n.index, d.height)
		}
		if w.crashesAt(n) {
			crashed[n] = true
			continue
		}
		w.must(n.commit())
	}
	if first { // all crashed before they executed it: nothing was decided
		w.crashAll(crashed)
		return
	}
	w.consensus.decide(d, signers, after)
	w.crashAll(crashed)
	w.tracef("height %d txs %d hash %s", d.height, len(d.txs), after)
	w.audit()
}

// alter makes a proposal that an honest node would not make.
func (w *World) alter(txs [][]byte) [][]byte {
	out := append([][]byte(nil), txs...)
	switch w.chance.IntN(5) {
	case 0: // another order
		w.chance.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	case 1: // censored
		if len(out) > 0 {
			at := w.chance.IntN(len(out))
			out = append(out[:at:at], out[at+1:]...)
		}
	case 2: // twice
		if len(out) > 0 {
			out = append(out, pick(w.chance, out))
		}
	case 3:
		out = append(out, w.chance.bytes(w.chance.between(0, 200)))
	default: // what was in a block before
		if past := w.pastTransaction(); past != nil {
			out = append(out, past)
		}
	}
	return out
}

// pastTransaction is one of an earlier block, or nil.
func (w *World) pastTransaction() []byte {
	for range 8 {
		if h := w.consensus.height(); h > 0 {
			if d := w.consensus.decided[w.chance.IntN(int(h))]; len(d.txs) > 0 {
				return pick(w.chance, d.txs)
			}
		}
	}
	return nil
}
