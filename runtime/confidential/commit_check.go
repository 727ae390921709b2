package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// finding is what the check of a commit and its votes has found.
type finding struct {
	digest  scale.Hash // what the votes sign; names the commit
	fresh   []castVote // votes that were not counted before
	cast    []castVote // votes counted before, of the checkpoint that is due
	dissent bool       // the checkpoint has another commit
}

// due is the checkpoint that the next commit must answer, and the commit before it.
func due(c *frame.Context) (index uint64, last wire.LastCommit) {
	last, exists := lastCommit.Find(c)
	if !exists {
		return 0, last
	}
	return last.Checkpoint + 1, last
}

// checkCommit decides whether a commit with its votes may be in the block as its next
// extrinsic; dispatch decides by it too. What the chain knows itself must match. What
// is the contract's to say (state root, outbox) is judged when enough have voted.
func checkCommit(c *frame.Context, commit *wire.Commit, votes []wire.Vote) (f finding, refused *refusal) {
	index, last := due(c)
	switch {
	case discrepancies.Exists(c):
		return f, refuseHalted
	case commit.Instance != instance(c):
		return f, refuseInstance
	case commit.Checkpoint > index:
		return f, refuseFuture
	case commit.Checkpoint < index:
		return checkDissent(c, commit, votes)
	}
	if refused := checkFacts(c, commit); refused != nil {
		return f, refused
	}
	if commit.PreviousRoot != last.StateRoot {
		return f, refuseRoot
	}
	f.digest = commit.Digest()
	if chosen, is := chosenCommit.Find(c); is && chosen != f.digest {
		return f, refuseChosen
	}
	f.cast = commitVotes.Get(c)
	if f.fresh, refused = freshVotes(c, votes, f.digest, f.cast); refused != nil {
		return f, refused
	}
	// Votes counted before are enough where governance has lowered the threshold.
	if len(f.fresh) == 0 && countFor(f.cast, f.digest) < threshold.Get(c) {
		return f, refuseKnown
	}
	return f, nil
}

// checkFacts compares a commit with what the chain knows of its checkpoint.
func checkFacts(c *frame.Context, commit *wire.Commit) *refusal {
	checkpoint, exists := findCheckpoint(c, commit.Checkpoint)
	switch {
	case !exists:
		return refuseFuture
	case commit.Number != checkpoint.Number || commit.BlockHash != checkpoint.BlockHash:
		return refuseBlock
	case commit.Inbox != checkpoint.Inbox:
		return refuseInbox
	case !inEpoch(c, commit.Checkpoint, commit.Epoch):
		return refuseEpoch
	}
	return nil
}

// checkDissent hears votes against one of the last accepted commits: a worker whose
// vote came too late to be counted must not hide that it disagrees. A worker that came
// after the commit is not heard: in its machine's place, another may have voted for it.
func checkDissent(c *frame.Context, commit *wire.Commit, votes []wire.Vote) (f finding, refused *refusal) {
	decided, known := commitHashes.Find(c, commit.Checkpoint)
	if !known {
		return f, refuseStale
	}
	if f.digest = commit.Digest(); f.digest == decided.Commit {
		return f, refuseStale
	}
	for i := range votes {
		if worker, exists := workers.Find(c, votes[i].Worker); exists && worker.RegisteredAt >= decided.Number {
			return f, refuseLate
		}
	}
	f.dissent = true
	f.fresh, refused = freshVotes(c, votes, f.digest, nil)
	return f, refused
}

func validateCommit(c *frame.Context, args *commitArguments) (frame.ValidTransaction, *frame.TransactionValidityError) {
	commit := &args.Commit
	f, refused := checkCommit(c, commit, args.Votes)
	ahead := refused == refuseFuture
	if ahead {
		f, refused = checkAhead(c, commit, args.Votes)
	}
	if refused != nil {
		return frame.ValidTransaction{}, refused.validity
	}
	valid := validVotes("commit", commit.Checkpoint, f.fresh, f.digest)
	// The earlier go first. This does not depend on which is due, so it holds for as long as they wait.
	valid.Priority -= 1 + commit.Checkpoint
	valid.Provides = append(valid.Provides, tag("commit", commit.Checkpoint))
	if ahead {
		valid.Requires = [][]byte{tag("commit", commit.Checkpoint-1)}
	}
	return valid, nil
}

// checkAhead decides whether a commit may wait in the pool for those before it. What
// the chain knows of it already must match; the root before it is not known yet.
//
// Votes come one by one: each worker has one place in the pool for each checkpoint,
// which nobody else can take, whatever else it or others vote for.
func checkAhead(c *frame.Context, commit *wire.Commit, votes []wire.Vote) (f finding, refused *refusal) {
	index, _ := due(c)
	if commit.Checkpoint <= index || commit.Checkpoint-index > wire.MaxCommitsAhead || len(votes) != 1 {
		return f, refuseFuture
	}
	if refused := checkFacts(c, commit); refused != nil {
		return f, refused
	}
	f.digest = commit.Digest()
	f.fresh, refused = freshVotes(c, votes, f.digest, nil)
	return f, refused
}
