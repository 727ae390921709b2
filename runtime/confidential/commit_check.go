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

// checkCommit decides whether a commit with its votes may enter the pool and the
// block; dispatch decides by it too. What the chain knows itself must match. What
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
	if refused := checkFacts(c, commit, &last); refused != nil {
		return f, refused
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

// checkFacts compares a commit for the checkpoint that is due with what the chain knows.
func checkFacts(c *frame.Context, commit *wire.Commit, last *wire.LastCommit) *refusal {
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
	case commit.PreviousRoot != last.StateRoot:
		return refuseRoot
	}
	return nil
}

// checkDissent hears votes against one of the last accepted commits: a worker whose
// vote came too late to be counted must not hide that it disagrees.
func checkDissent(c *frame.Context, commit *wire.Commit, votes []wire.Vote) (f finding, refused *refusal) {
	accepted, known := commitHashes.Find(c, commit.Checkpoint)
	if !known {
		return f, refuseStale
	}
	if f.digest = commit.Digest(); f.digest == accepted {
		return f, refuseStale
	}
	f.dissent = true
	f.fresh, refused = freshVotes(c, votes, f.digest, nil)
	return f, refused
}

func validateCommit(c *frame.Context, args *commitArguments) (frame.ValidTransaction, *frame.TransactionValidityError) {
	f, refused := checkCommit(c, &args.Commit, args.Votes)
	if refused == refuseFuture {
		return validateAhead(c, args)
	}
	if refused != nil {
		return frame.ValidTransaction{}, refused.validity
	}
	return validVotes("commit", args.Commit.Checkpoint, f.fresh, f.digest), nil
}

// commitsAhead is how many checkpoints beyond the one that is due may wait for it in
// the pool. Without them a block could hold one commit, as many as it makes
// checkpoints, and a backlog would never shrink.
const commitsAhead = 64

// validateAhead lets a commit wait in the pool for those before it: by its lower
// priority it comes after them, and by what it requires no block takes it earlier.
// What the chain knows of it already must match.
func validateAhead(c *frame.Context, args *commitArguments) (frame.ValidTransaction, *frame.TransactionValidityError) {
	commit := &args.Commit
	index, _ := due(c)
	if commit.Checkpoint <= index || commit.Checkpoint-index > commitsAhead {
		return frame.ValidTransaction{}, refuseFuture.validity
	}
	// The root before it is not known yet: it is taken at its word.
	if checkFacts(c, commit, &wire.LastCommit{StateRoot: commit.PreviousRoot}) != nil {
		return frame.ValidTransaction{}, refuseFuture.validity
	}
	digest := commit.Digest()
	fresh, refused := freshVotes(c, args.Votes, digest, nil)
	if refused != nil {
		return frame.ValidTransaction{}, refused.validity
	}
	valid := validVotes("commit", commit.Checkpoint, fresh, digest)
	valid.Priority -= commit.Checkpoint - index
	for i := range fresh {
		valid.Requires = append(valid.Requires, voteTag("commit", commit.Checkpoint-1, fresh[i].Worker[:]))
	}
	return valid, nil
}
