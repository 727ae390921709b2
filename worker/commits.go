package worker

import (
	"errors"
	"fmt"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// maxPending bounds the commits that the chain has not accepted yet. Beyond it
// nothing more is applied, so that a chain that takes no commits (halted, or the
// worker is not registered) costs no memory without bound.
const maxPending = 1 << 16

// errBacklog says that maxPending is reached.
var errBacklog = errors.New("worker: the chain accepts no commits; see whether this worker is registered and whether a discrepancy has halted the contract")

// signedCommit is a commit with this worker's vote.
type signedCommit struct {
	Commit wire.Commit
	Vote   wire.Vote
}

var signedCommitsCodec = scale.Vec(scale.Struct("bitcloak_worker::SignedCommit", "",
	scale.Field("commit", wire.CommitCodec, func(s *signedCommit) *wire.Commit { return &s.Commit }),
	scale.Field("vote", wire.VoteCodec, func(s *signedCommit) *wire.Vote { return &s.Vote })), maxPending)

// commitQueue holds the commits that the chain has not accepted yet, in the order
// of checkpoints without gaps. What the chain accepts is compared with them.
type commitQueue struct {
	mutex   sync.Mutex
	pending []signedCommit
	settled scale.Optional[wire.LastCommit] // what the chain had accepted when last asked
	agreed  bool                            // the chain has accepted what was computed here, at least once
}

// full tells whether no more commits may be added.
func (q *commitQueue) full() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return len(q.pending) >= maxPending
}

// due tells whether the chain still needs a checkpoint's commit. If it has exactly
// this one as its last, the two are compared.
func (q *commitQueue) due(commit *wire.Commit) (bool, error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if !q.settled.Some || commit.Checkpoint > q.settled.Value.Checkpoint {
		return true, nil
	}
	if commit.Checkpoint == q.settled.Value.Checkpoint {
		return false, q.compare(commit, &q.settled.Value)
	}
	return false, nil
}

// add appends the next commit.
func (q *commitQueue) add(s signedCommit) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.pending = append(q.pending, s)
}

// settle drops what the chain has accepted, after comparing its last with ours.
func (q *commitQueue) settle(last scale.Optional[wire.LastCommit]) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.settled = last; !last.Some {
		return nil
	}
	accepted := 0
	for accepted < len(q.pending) && q.pending[accepted].Commit.Checkpoint <= last.Value.Checkpoint {
		accepted++
	}
	if accepted == 0 {
		return nil
	}
	if commit := &q.pending[accepted-1].Commit; commit.Checkpoint == last.Value.Checkpoint {
		if err := q.compare(commit, &last.Value); err != nil {
			return err
		}
	}
	clear(q.pending[:accepted])
	if q.pending = q.pending[accepted:]; len(q.pending) == 0 {
		q.pending = nil
	}
	return nil
}

// signed gives commits that are still to be accepted the vote of this worker's key, which
// may be another than when they were made.
func (w *Worker) signed(pending []signedCommit) []signedCommit {
	for i := range pending {
		if s := &pending[i]; s.Vote.Worker != w.public {
			s.Vote = w.vote(s.Commit.Digest())
		}
	}
	return pending
}

// first gives up to n of the oldest commits.
func (q *commitQueue) first(n int) []signedCommit {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return append([]signedCommit(nil), q.pending[:min(n, len(q.pending))]...)
}

// all gives everything, for a snapshot.
func (q *commitQueue) all() []signedCommit { return q.first(maxPending) }

// length is how many commits wait.
func (q *commitQueue) length() int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return len(q.pending)
}

// committed is the chain's last commit.
func (q *commitQueue) committed() scale.Optional[wire.LastCommit] {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.settled
}

// compare refuses a chain whose commit differs in any field from ours (I5). The
// caller holds the lock.
func (q *commitQueue) compare(ours *wire.Commit, theirs *wire.LastCommit) error {
	if ours.Next() == *theirs {
		q.agreed = true
		return nil
	}
	return &dissent{commit: *ours, agreed: q.agreed, cause: fmt.Errorf("%w (checkpoint %d: state root %s here, %s on the chain)",
		ErrDiscrepancy, ours.Checkpoint, ours.StateRoot, theirs.StateRoot)}
}

// agree notes that the chain has accepted what was computed here.
func (q *commitQueue) agree() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.agreed = true
}

// dissent is a commit of this worker where the chain has accepted another.
type dissent struct {
	commit wire.Commit
	agreed bool // on an earlier one: so the difference is not in how this worker was set up
	cause  error
}

// Error implements error.
func (d *dissent) Error() string { return d.cause.Error() }

// Unwrap gives ErrDiscrepancy.
func (d *dissent) Unwrap() error { return d.cause }
