package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/privateassets"
)

// Costs of single steps, on the reference machine.
const (
	handlerTime = 5 * frame.Microsecond
	// envelopeTime checks, encodes, folds (two hashes) and appends one envelope.
	envelopeTime = 3 * frame.Microsecond
	// byteTime copies and hashes a byte, and later clears it from BlockMessages.
	byteTime uint64 = 4_000 // picoseconds
	// voteTime is one ed25519 check and finding the worker.
	voteTime = 60 * frame.Microsecond
)

var (
	// The checkpoint of the block before: inbox, open block, count, hash; entered,
	// and its messages cleared. Also what finalising may do: open a checkpoint.
	weightInitialize = frame.Access(9, 8).Plus(frame.Work(handlerTime))
	// The inbox, its messages, the open block; the Block message with its epoch.
	weightInbox = frame.Access(7, 5).Plus(frame.Work(handlerTime))
	// Inbox apart: the market, its two assets, the count.
	weightMarket = weightInbox.Plus(frame.Access(4, 2))
	// Inbox apart: the asset.
	weightSweep = weightInbox.Plus(frame.Access(1, 0))
	weightSet   = frame.Access(0, 1).Plus(frame.Work(handlerTime))
	// Votes for the commit, for two keys and two snapshots; the epoch, the worker, its retirement.
	weightLeave = frame.Access(7, 7).Plus(frame.Work(handlerTime))
	weightAll   = frame.Access(1, 0).Times(uint64(maxWorkers))
	// The list, all workers, and the one that goes.
	weightRemove = frame.Access(2, 1).Plus(weightAll).Plus(weightLeave)
	// The list, and all workers, of whom all may go.
	weightAllow = frame.Access(2, 1).Plus(weightAll).Plus(weightLeave.Times(uint64(maxWorkers)))
	// The genesis hash, the lists, the vendor, all workers twice; the one replaced; one signature.
	weightRegister = frame.Access(7, 1).Plus(weightAll.Times(2)).Plus(weightLeave).Plus(frame.Work(voteTime))
	// Votes, choice, discrepancy, and the window of hashes.
	weightResolve = frame.Access(5, 4).Plus(frame.Access(0, 1).Times(dissentWindow))
)

// weighSubmit is linear: what an envelope adds depends on its size alone (cost.go).
func weighSubmit(args *batch) frame.Weight {
	weight := weightInbox
	for _, envelope := range args.Envelopes {
		weight = weight.Plus(weighEnvelope(uint64(len(envelope))))
	}
	return weight
}

func weighEnvelope(size uint64) frame.Weight {
	return frame.Work(envelopeTime).Plus(frame.Work(byteTime).Times(size))
}

// weighVotes finds each worker and checks its signature.
func weighVotes(votes int) frame.Weight {
	return frame.Access(1, 0).Plus(frame.Work(voteTime)).Times(uint64(votes))
}

// weighCommit: discrepancy, last commit, genesis hash, checkpoint, epoch (two),
// choice, votes, threshold; what accepting writes; custody.
func weighCommit(args *commitArguments) frame.Weight {
	return frame.Access(12, 8).Plus(frame.Work(handlerTime)).Plus(weighVotes(len(args.Votes))).
		Plus(privateassets.SettleWeight(len(args.Commit.Outbox)))
}

// weighSnapshot: epoch, its start, the snapshot (twice), last commit, genesis hash, votes,
// threshold; the snapshot and votes of two epochs.
func weighSnapshot(args *snapshotArguments) frame.Weight {
	return frame.Access(8, 3).Plus(frame.Work(handlerTime)).Plus(weighVotes(len(args.Votes)))
}

// weighAnnouncement: epoch, keys, genesis hash, votes, threshold.
func weighAnnouncement(args *announcement) frame.Weight {
	return frame.Access(5, 2).Plus(frame.Work(handlerTime)).Plus(weighVotes(len(args.Votes)))
}
