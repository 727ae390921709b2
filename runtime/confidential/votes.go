package confidential

import (
	"bytes"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// castVote is a vote that was counted: who for what, named by the hash it signed.
type castVote struct {
	Worker  [32]byte
	Subject scale.Hash
}

var (
	castVoteCodec = scale.Struct("bitcloak_confidential::CastVote", "A vote that was counted.",
		scale.Field("worker", scale.Bytes32, func(v *castVote) *[32]byte { return &v.Worker }),
		scale.Field("subject", scale.HashCodec, func(v *castVote) *scale.Hash { return &v.Subject }))
	// A worker can have voted twice, if it contradicts itself.
	castVotesCodec = scale.Vec(castVoteCodec, 2*int(maxWorkers))
)

// freshVotes checks votes for the subject and gives those that are not cast yet. They come
// in ascending order of the workers: one order of the same votes is one extrinsic.
func freshVotes(c *frame.Context, votes []wire.Vote, subject scale.Hash, cast []castVote) (fresh []castVote, refused *refusal) {
	if len(votes) == 0 || len(votes) > int(maxWorkers) {
		return nil, refuseVotes
	}
	for i := range votes {
		if i > 0 && bytes.Compare(votes[i-1].Worker[:], votes[i].Worker[:]) >= 0 {
			return nil, refuseVotes
		}
		if !workers.Exists(c, votes[i].Worker) {
			return nil, refuseWorker
		}
	}
	// Signatures last: they are what costs.
	for i := range votes {
		vote := castVote{Worker: votes[i].Worker, Subject: subject}
		if isCast(cast, vote) {
			continue
		}
		if !c.Host.Ed25519Verify(&votes[i].Signature, subject[:], &vote.Worker) {
			return nil, refuseSignature
		}
		fresh = append(fresh, vote)
	}
	return fresh, nil
}

func isCast(cast []castVote, vote castVote) bool {
	for i := range cast {
		if cast[i] == vote {
			return true
		}
	}
	return false
}

// voters are the workers who cast votes, as often as they did.
func voters(cast []castVote) (workers [][32]byte) {
	for i := range cast {
		workers = append(workers, cast[i].Worker)
	}
	return workers
}

// countFor is how many workers have voted for the subject.
func countFor(cast []castVote, subject scale.Hash) (count uint32) {
	for i := range cast {
		if cast[i].Subject == subject {
			count++
		}
	}
	return count
}

// withoutWorker drops a worker's votes.
func withoutWorker(cast []castVote, worker [32]byte) []castVote {
	var rest []castVote
	for _, vote := range cast {
		if vote.Worker != worker {
			rest = append(rest, vote)
		}
	}
	return rest
}

// dropVotes forgets what a removed worker has voted for and was not decided.
func dropVotes(c *frame.Context, worker [32]byte) {
	if votes := commitVotes.Get(c); len(votes) > 0 {
		commitVotes.Set(c, withoutWorker(votes, worker))
	}
	current := epochs.Get(c).Index
	for _, epoch := range [...]uint32{current, current + 1} {
		if votes := keyVotes.Get(c, epoch); len(votes) > 0 {
			keyVotes.Set(c, epoch, withoutWorker(votes, worker))
		}
	}
	for _, epoch := range [...]uint32{max(current, 1) - 1, current} {
		if votes := snapshotVotes.Get(c, epoch); len(votes) > 0 {
			snapshotVotes.Set(c, epoch, withoutWorker(votes, worker))
		}
	}
}

// validVotes is what the pool learns about a bare extrinsic that adds votes: they go
// before everything that pays. A vote that comes alone is in the pool once, whoever sends
// it how often. Anyone may also send several that he has seen as one, and in as many
// extrinsics as there are subsets of them; those go last, so that when there is no room
// they give way, and a worker's own vote is never kept out.
func validVotes(kind string, number uint64, fresh []castVote, subject scale.Hash) frame.ValidTransaction {
	valid := frame.ValidTransaction{Priority: votesPriority, Longevity: votesLongevity, Propagate: true}
	if len(fresh) > 1 {
		valid.Priority = severalPriority
	}
	for i := range fresh {
		valid.Provides = append(valid.Provides, tag(kind, number, fresh[i].Worker[:]...))
	}
	if len(fresh) == 0 {
		valid.Provides = [][]byte{tag(kind, number, subject[:]...)}
	}
	return valid
}

const (
	votesPriority   = 1 << 63
	severalPriority = 1 << 62
	votesLongevity  = 64 // blocks
)

// tag names a vote, or without a worker what is voted for.
func tag(kind string, number uint64, who ...byte) []byte {
	var e scale.Encoder
	e.Raw([]byte(kind))
	e.U64(number)
	e.Raw(who)
	return e.Encoded()
}
