package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// announcement is the arguments of announce_key.
type announcement struct {
	Key   wire.ContractKey
	Votes []wire.Vote
}

var announcementCodec = scale.Struct("", "",
	scale.Field("key", wire.ContractKeyCodec, func(a *announcement) *wire.ContractKey { return &a.Key }),
	scale.Field("votes", wire.VotesCodec, func(a *announcement) *[]wire.Vote { return &a.Votes }))

// checkKey decides whether votes for a contract key may enter the pool and the block.
// The current epoch takes a key while it has none, as does the next.
func checkKey(c *frame.Context, key *wire.ContractKey, votes []wire.Vote) (f finding, refused *refusal) {
	current := epochs.Get(c).Index
	switch {
	case key.Epoch > current && key.Epoch-current > 1:
		return f, refuseFuture
	case key.Epoch < current || contractKeys.Exists(c, key.Epoch):
		return f, refuseStale
	}
	f.digest = key.Digest(instance(c))
	f.cast = keyVotes.Get(c, key.Epoch)
	if f.fresh, refused = freshVotes(c, votes, f.digest, f.cast); refused != nil {
		return f, refused
	}
	// One vote each: workers that disagree about a key cannot go on for ever, for free.
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

func hasVoted(cast []castVote, worker [32]byte) bool {
	for i := range cast {
		if cast[i].Worker == worker {
			return true
		}
	}
	return false
}

func validateKey(c *frame.Context, args *announcement) (frame.ValidTransaction, *frame.TransactionValidityError) {
	f, refused := checkKey(c, &args.Key, args.Votes)
	if refused != nil {
		return frame.ValidTransaction{}, refused.validity
	}
	return validVotes("key", uint64(args.Key.Epoch), f.fresh, f.digest), nil
}

// announceKey counts votes for an epoch's contract key; enough of them fix it.
func announceKey(c *frame.Context, origin frame.Origin, args *announcement) error {
	if err := origin.EnsureNone(); err != nil {
		return err
	}
	f, refused := checkKey(c, &args.Key, args.Votes)
	if refused != nil {
		return refused.failure
	}
	cast := append(f.cast, f.fresh...)
	if countFor(cast, f.digest) < threshold.Get(c) {
		keyVotes.Set(c, args.Key.Epoch, cast)
		return nil
	}
	keyVotes.Remove(c, args.Key.Epoch)
	contractKeys.Set(c, args.Key.Epoch, args.Key.Public[:])
	keyAnnounced.Deposit(c, args.Key.Epoch)
	return nil
}
