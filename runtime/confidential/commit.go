package confidential

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/privateassets"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// commitArguments is the arguments of commit.
type commitArguments struct {
	Commit wire.Commit
	Votes  []wire.Vote
}

var commitCodec = scale.Struct("", "",
	scale.Field("commit", wire.CommitCodec, func(a *commitArguments) *wire.Commit { return &a.Commit }),
	scale.Field("votes", wire.VotesCodec, func(a *commitArguments) *[]wire.Vote { return &a.Votes }))

// commit counts votes. It succeeds also where the commit itself comes to nothing: a
// discrepancy must outlive the call.
func commit(c *frame.Context, origin frame.Origin, args *commitArguments) error {
	if err := origin.EnsureNone(); err != nil {
		return err
	}
	f, refused := checkCommit(c, &args.Commit, args.Votes)
	if refused != nil {
		return refused.failure
	}
	checkpoint := args.Commit.Checkpoint
	for _, vote := range f.fresh {
		commitVoted.Deposit(c, commitVote{Checkpoint: checkpoint, Worker: vote.Worker, Commit: vote.Subject})
	}
	if f.dissent {
		halt(c, checkpoint, ReasonConflict, f.fresh)
		return nil
	}
	cast := append(f.cast, f.fresh...)
	commitVotes.Set(c, cast)
	count := countFor(cast, f.digest)
	switch {
	case int(count) != len(cast):
		halt(c, checkpoint, ReasonConflict, cast)
	case count >= threshold.Get(c):
		accept(c, &args.Commit, f.digest, cast)
	}
	return nil
}

// accept executes a commit that enough workers have voted for, or halts if it is not
// one the chain may execute. Either way nothing of a refused commit remains.
func accept(c *frame.Context, commit *wire.Commit, digest scale.Hash, cast []castVote) {
	_, last := due(c)
	if reason, refused := settle(c, commit, &last); refused {
		halt(c, commit.Checkpoint, reason, cast)
		return
	}
	lastCommit.Set(c, commit.Next())
	checkpoints.Remove(c, commit.Checkpoint) // I4: answered once
	commitVotes.Remove(c)
	chosenCommit.Remove(c)
	commitHashes.Set(c, commit.Checkpoint, accepted{Commit: digest, Number: system.Number(c)})
	if commit.Checkpoint >= dissentWindow {
		commitHashes.Remove(c, commit.Checkpoint-dissentWindow)
	}
	forgetEpochs(c, commit)
	committed.Deposit(c, commitment{
		Checkpoint: commit.Checkpoint, Number: commit.Number, StateRoot: commit.StateRoot,
		Messages: uint32(commit.Inbox.Count - last.Inbox.Count), // at most wire.MaxBlockMessages
	})
}

// settle lets custody execute the commit. It checks first: a refused commit has
// changed nothing.
func settle(c *frame.Context, commit *wire.Commit, last *wire.LastCommit) (reason Reason, refused bool) {
	if commit.OutboxStart != last.Outbox {
		return ReasonOutbox, true // I4: numbered without gaps
	}
	if commit.CheckPayouts() != nil {
		return ReasonPayouts, true
	}
	err := privateassets.Settle(c, commit.Inbox.Count, commit.OutboxStart, commit.Outbox)
	switch {
	case err == nil:
		return 0, false
	case errors.Is(err, privateassets.ErrInsolvent):
		return ReasonInsolvent, true // I2
	default:
		return ReasonPayouts, true
	}
}
