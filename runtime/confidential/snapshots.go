package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// snapshotArguments is the arguments of announce_snapshot.
type snapshotArguments struct {
	Snapshot wire.Snapshot
	Votes    []wire.Vote
}

var snapshotCodec = scale.Struct("", "",
	scale.Field("snapshot", wire.SnapshotCodec, func(a *snapshotArguments) *wire.Snapshot { return &a.Snapshot }),
	scale.Field("votes", wire.VotesCodec, func(a *snapshotArguments) *[]wire.Vote { return &a.Votes }))

// checkSnapshot decides whether votes for a published snapshot may enter the pool and the
// block. There is one snapshot an epoch, of its first checkpoint, once that is committed.
// The epoch before may still have its own, until a later one is announced.
func checkSnapshot(c *frame.Context, snapshot *wire.Snapshot, votes []wire.Vote) (f finding, refused *refusal) {
	current, stored := epochs.Get(c).Index, snapshots.Get(c)
	index, _ := due(c)
	first, started := epochStarts.Find(c, snapshot.Epoch)
	switch {
	case snapshot.Epoch > current:
		return f, refuseFuture
	case snapshot.Epoch+1 < current, snapshots.Exists(c) && snapshot.Epoch <= stored.Epoch:
		return f, refuseStale
	case started && snapshot.Checkpoint != first: // the start of an epoch that is committed to is forgotten in the next
		return f, refuseCheckpoint
	case snapshot.Checkpoint >= index:
		return f, refuseFuture
	}
	f.digest = snapshot.Digest(instance(c))
	f.cast = snapshotVotes.Get(c, snapshot.Epoch)
	if f.fresh, refused = freshVotes(c, votes, f.digest, f.cast); refused != nil {
		return f, refused
	}
	// One vote each, as for keys: see checkKey.
	for i := range f.fresh {
		if hasVoted(f.cast, f.fresh[i].Worker) {
			return f, refuseRevote
		}
	}
	if len(f.fresh) == 0 && countFor(f.cast, f.digest) < threshold.Get(c) {
		return f, refuseKnown
	}
	return f, nil
}

func validateSnapshot(c *frame.Context, args *snapshotArguments) (frame.ValidTransaction, *frame.TransactionValidityError) {
	f, refused := checkSnapshot(c, &args.Snapshot, args.Votes)
	if refused != nil {
		return frame.ValidTransaction{}, refused.validity
	}
	return validVotes("snapshot", uint64(args.Snapshot.Epoch), f.fresh, f.digest), nil
}

// announceSnapshot counts votes for an epoch's snapshot; enough of them announce it.
//
// Workers that name different ones do not halt commits. A snapshot moves no value and
// proves nothing: it is bytes from which a worker starts that checks them against the state
// root, which the workers have committed to. At worst there is none of this epoch, and the
// last one serves. But the event names the workers, for one of them is at fault, and it may
// be the first sign of it.
func announceSnapshot(c *frame.Context, origin frame.Origin, args *snapshotArguments) error {
	if err := origin.EnsureNone(); err != nil {
		return err
	}
	snapshot := &args.Snapshot
	f, refused := checkSnapshot(c, snapshot, args.Votes)
	if refused != nil {
		return refused.failure
	}
	cast := append(f.cast, f.fresh...)
	count := countFor(cast, f.digest)
	if int(count) != len(cast) {
		snapshotDisputed.Deposit(c, dispute{Epoch: snapshot.Epoch, Workers: voters(cast)})
	}
	if count < threshold.Get(c) {
		snapshotVotes.Set(c, snapshot.Epoch, cast)
		return nil
	}
	snapshotVotes.Remove(c, snapshot.Epoch)
	if snapshot.Epoch > 0 {
		snapshotVotes.Remove(c, snapshot.Epoch-1) // too late now
	}
	snapshots.Set(c, *snapshot)
	snapshotAnnounced.Deposit(c, *snapshot)
	return nil
}
