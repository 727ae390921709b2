package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Reason says why commits have stopped.
type Reason uint8

// Reasons.
const (
	ReasonConflict  Reason = 0
	ReasonInsolvent Reason = 1
	ReasonOutbox    Reason = 2
	ReasonPayouts   Reason = 3
)

var reasonCodec = scale.Choice[Reason]("bitcloak_confidential::DiscrepancyReason", "",
	scale.Case{Index: uint8(ReasonConflict), Name: "ConflictingCommits",
		Docs: "Workers voted for different commits of one checkpoint."},
	scale.Case{Index: uint8(ReasonInsolvent), Name: "Insolvent",
		Docs: "The commit pays out more of an asset than the contract's ledger holds."},
	scale.Case{Index: uint8(ReasonOutbox), Name: "OutboxNumbers",
		Docs: "The commit's outbox does not start with the next number."},
	scale.Case{Index: uint8(ReasonPayouts), Name: "PayoutTotals",
		Docs: "The commit's payouts are not the totals of its outbox."})

// discrepancy is why commits have stopped, with the votes that show it.
type discrepancy struct {
	Checkpoint uint64
	Reason     Reason
	Votes      []castVote
}

var discrepancyCodec = scale.Struct("bitcloak_confidential::Discrepancy", "",
	scale.Field("checkpoint", scale.U64, func(d *discrepancy) *uint64 { return &d.Checkpoint }),
	scale.Field("reason", reasonCodec, func(d *discrepancy) *Reason { return &d.Reason }),
	scale.Field("votes", castVotesCodec, func(d *discrepancy) *[]castVote { return &d.Votes }))

// halt stops commits, and with them the outbox, until governance resolves it.
func halt(c *frame.Context, checkpoint uint64, reason Reason, votes []castVote) {
	discrepancies.Set(c, discrepancy{Checkpoint: checkpoint, Reason: reason, Votes: votes})
	discrepancyFound.Deposit(c, discrepancyEvent{Checkpoint: checkpoint, Reason: reason, Workers: voters(votes)})
}

// resolution is the arguments of resolve_discrepancy.
type resolution struct{ Commit scale.Optional[scale.Hash] }

var resolutionCodec = scale.Struct("", "",
	scale.Field("commit", scale.Option(scale.HashCodec), func(r *resolution) *scale.Optional[scale.Hash] { return &r.Commit }))

// resolveDiscrepancy lets commits go on. With a commit, it alone is taken for the
// checkpoint, and its votes stay; without one, all votes are forgotten and workers
// vote anew. A worker at fault is removed first, or it can halt again.
func resolveDiscrepancy(c *frame.Context, origin frame.Origin, args *resolution) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	index, _ := due(c)
	found, exists := discrepancies.Find(c)
	switch {
	case !exists && !chosenCommit.Exists(c):
		return ErrNoDiscrepancy
	case !exists:
		found.Checkpoint = index // the choice made before is taken back, or changed
		found.Votes = commitVotes.Get(c)
	}
	if args.Commit.Some && (found.Checkpoint != index || countFor(found.Votes, args.Commit.Value) == 0) {
		return ErrUnknownCommit
	}
	discrepancies.Remove(c)
	chosenCommit.Remove(c)
	keepVotes(c, args.Commit)
	// Dissent that governance has looked at is not heard again.
	commitHashes.RemoveAll(c, uint32(dissentWindow))
	discrepancyResolved.Deposit(c, found.Checkpoint)
	return nil
}

// keepVotes keeps the votes for the chosen commit, if there is one.
func keepVotes(c *frame.Context, chosen scale.Optional[scale.Hash]) {
	if !chosen.Some {
		commitVotes.Remove(c)
		return
	}
	var kept []castVote
	for _, vote := range commitVotes.Get(c) {
		if vote.Subject == chosen.Value {
			kept = append(kept, vote)
		}
	}
	commitVotes.Set(c, kept)
	chosenCommit.Set(c, chosen.Value)
}
