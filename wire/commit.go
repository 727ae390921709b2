package wire

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// MaxOutbox bounds the outbox messages of one commit; the rest waits for the next.
	MaxOutbox = 64
	// MaxCommitsAhead is how many checkpoints beyond the one that is due a commit may
	// lie to wait in the pool.
	MaxCommitsAhead = 128
	// MaxVotes bounds the votes that come with a commit or a contract key.
	MaxVotes = 64
)

// OutboxPayout is the only kind of OutboxMessage.
const OutboxPayout uint8 = 0

// OutboxMessage is a numbered message of the contract to the chain: a payout.
type OutboxMessage struct {
	Kind   uint8
	To     AccountID
	Asset  uint32
	Amount U128
}

// OutboxMessageCodec is the codec of OutboxMessage.
var OutboxMessageCodec = scale.Enum("bitcloak_wire::OutboxMessage", func(v *OutboxMessage) *uint8 { return &v.Kind },
	scale.Variant(OutboxPayout, "Payout", "Pays out of custody.",
		scale.Field("to", scale.AccountIDCodec, func(v *OutboxMessage) *AccountID { return &v.To }),
		scale.Field("asset", scale.U32, func(v *OutboxMessage) *uint32 { return &v.Asset }),
		scale.Field("amount", scale.U128Codec, func(v *OutboxMessage) *U128 { return &v.Amount })),
)

// Payout is one asset's total of payouts in a commit.
type Payout = scale.Pair[uint32, U128]

// Commit is the contract's answer to one checkpoint: a pure function of the
// previous root and the checkpoint.
type Commit struct {
	Instance     Instance
	Epoch        uint32
	Checkpoint   uint64
	Number       uint32
	BlockHash    Hash
	PreviousRoot Hash // zeros in the first commit
	Inbox        Inbox
	StateRoot    Hash
	OutboxStart  uint64 // number of the first message of Outbox
	Outbox       []OutboxMessage
	Payouts      []Payout // totals of Outbox by asset, ascending, none zero
}

// CommitCodec is the codec of Commit.
var CommitCodec = scale.Struct("bitcloak_wire::Commit", "The contract's answer to one checkpoint.",
	scale.Field("instance", InstanceCodec, func(v *Commit) *Instance { return &v.Instance }),
	scale.Field("epoch", scale.U32, func(v *Commit) *uint32 { return &v.Epoch }),
	scale.Field("checkpoint", scale.U64, func(v *Commit) *uint64 { return &v.Checkpoint }),
	scale.Field("number", scale.U32, func(v *Commit) *uint32 { return &v.Number }),
	scale.Field("block_hash", scale.HashCodec, func(v *Commit) *Hash { return &v.BlockHash }),
	scale.Field("previous_root", scale.HashCodec, func(v *Commit) *Hash { return &v.PreviousRoot }),
	scale.Field("inbox", InboxCodec, func(v *Commit) *Inbox { return &v.Inbox }),
	scale.Field("state_root", scale.HashCodec, func(v *Commit) *Hash { return &v.StateRoot }),
	scale.Field("outbox_start", scale.U64, func(v *Commit) *uint64 { return &v.OutboxStart }),
	scale.Field("outbox", scale.Vec(OutboxMessageCodec, MaxOutbox), func(v *Commit) *[]OutboxMessage { return &v.Outbox }),
	scale.Field("payouts", scale.Vec(scale.Tuple2(scale.U32, scale.U128Codec), MaxOutbox), func(v *Commit) *[]Payout { return &v.Payouts }),
)

// Digest is what workers sign with ed25519.
func (v *Commit) Digest() Hash { return tagged("bitcloak/commit/v1", CommitCodec.Marshal(*v)) }

// ErrPayouts says that a commit's payouts are not the totals of its outbox.
var ErrPayouts = errors.New("commit refused: payouts must be the outbox's totals by asset, ascending, none zero and none above 2^128 - 1")

// CheckPayouts compares the payouts with the outbox.
func (v *Commit) CheckPayouts() error {
	totals, ok := SumPayouts(v.Outbox)
	if !ok || len(totals) != len(v.Payouts) {
		return ErrPayouts
	}
	for i := range totals {
		if totals[i] != v.Payouts[i] {
			return ErrPayouts
		}
	}
	return nil
}

// SumPayouts totals an outbox by asset, ascending; ok is false for a message of
// nothing and for a total that overflows. At most MaxOutbox messages keep the
// search for the asset's place short.
func SumPayouts(outbox []OutboxMessage) (totals []Payout, ok bool) {
	for i := range outbox {
		message := &outbox[i]
		if message.Amount.IsZero() {
			return nil, false
		}
		at := 0
		for at < len(totals) && totals[at].First < message.Asset {
			at++
		}
		if at == len(totals) || totals[at].First != message.Asset {
			totals = append(totals, Payout{})
			copy(totals[at+1:], totals[at:])
			totals[at] = Payout{First: message.Asset}
		}
		if totals[at].Second, ok = totals[at].Second.Add(message.Amount); !ok {
			return nil, false
		}
	}
	return totals, true
}

// Vote is a worker's ed25519 signature over a digest of this package.
type Vote struct {
	Worker    [32]byte
	Signature [64]byte
}

// VoteCodec and VotesCodec are the codecs of votes.
var (
	VoteCodec = scale.Struct("bitcloak_wire::Vote", "A worker's ed25519 signature.",
		scale.Field("worker", scale.Bytes32, func(v *Vote) *[32]byte { return &v.Worker }),
		scale.Field("signature", scale.Bytes64, func(v *Vote) *[64]byte { return &v.Signature }),
	)
	VotesCodec = scale.Vec(VoteCodec, MaxVotes)
)
