package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// Counters are one asset's side of I2, in counters, never read from balances:
// custody = liabilities + (deposited - deposited_at_commit) + queued + shielded.
type Counters struct {
	Deposited         U128 // D: all deposits folded so far
	DepositedAtCommit U128 // D[c0]: those folded up to the last committed checkpoint
	Liabilities       U128 // L: private liabilities at the last commit
	Queued            U128 // Q: accepted from the outbox, unpaid or claimable
	Shielded          U128 // S: shielded pool
	Custody           U128
}

// CountersCodec is the codec of Counters.
var CountersCodec = scale.Struct("bitcloak_wire::Counters", "One asset's side of invariant I2.",
	scale.Field("deposited", scale.U128Codec, func(v *Counters) *U128 { return &v.Deposited }),
	scale.Field("deposited_at_commit", scale.U128Codec, func(v *Counters) *U128 { return &v.DepositedAtCommit }),
	scale.Field("liabilities", scale.U128Codec, func(v *Counters) *U128 { return &v.Liabilities }),
	scale.Field("queued", scale.U128Codec, func(v *Counters) *U128 { return &v.Queued }),
	scale.Field("shielded", scale.U128Codec, func(v *Counters) *U128 { return &v.Shielded }),
	scale.Field("custody", scale.U128Codec, func(v *Counters) *U128 { return &v.Custody }),
)

// PendingDeposit is a deposit in storage until a commit has passed its message.
type PendingDeposit struct {
	Depositor AccountID
	Asset     uint32
	Amount    U128
	Message   uint64 // its number in the inbox, from 1: a commit passes it when its inbox counts as many
}

// PendingDepositCodec is the codec of PendingDeposit.
var PendingDepositCodec = scale.Struct("bitcloak_wire::Deposit", "A deposit that no commit has passed yet.",
	scale.Field("depositor", scale.AccountIDCodec, func(v *PendingDeposit) *AccountID { return &v.Depositor }),
	scale.Field("asset", scale.U32, func(v *PendingDeposit) *uint32 { return &v.Asset }),
	scale.Field("amount", scale.U128Codec, func(v *PendingDeposit) *U128 { return &v.Amount }),
	scale.Field("message", scale.U64, func(v *PendingDeposit) *uint64 { return &v.Message }),
)

// LastCommit is what the chain remembers of the last commit.
type LastCommit struct {
	Checkpoint uint64
	Number     uint32
	BlockHash  Hash
	StateRoot  Hash
	Inbox      Inbox
	Outbox     uint64 // number of the next outbox message
}

// LastCommitCodec is the codec of LastCommit.
var LastCommitCodec = scale.Struct("bitcloak_wire::LastCommit", "What the chain remembers of the last commit.",
	scale.Field("checkpoint", scale.U64, func(v *LastCommit) *uint64 { return &v.Checkpoint }),
	scale.Field("number", scale.U32, func(v *LastCommit) *uint32 { return &v.Number }),
	scale.Field("block_hash", scale.HashCodec, func(v *LastCommit) *Hash { return &v.BlockHash }),
	scale.Field("state_root", scale.HashCodec, func(v *LastCommit) *Hash { return &v.StateRoot }),
	scale.Field("inbox", InboxCodec, func(v *LastCommit) *Inbox { return &v.Inbox }),
	scale.Field("outbox", scale.U64, func(v *LastCommit) *uint64 { return &v.Outbox }),
)

// Next is the record of commit c.
func (c *Commit) Next() LastCommit {
	return LastCommit{
		Checkpoint: c.Checkpoint, Number: c.Number, BlockHash: c.BlockHash, StateRoot: c.StateRoot,
		Inbox: c.Inbox, Outbox: c.OutboxStart + uint64(len(c.Outbox)),
	}
}

// Worker is a registered worker's record, under its ed25519 key.
type Worker struct {
	Measurement  Hash
	Platform     Hash
	Operator     AccountID
	RegisteredAt uint32 // block number
}

// WorkerCodec is the codec of Worker.
var WorkerCodec = scale.Struct("bitcloak_wire::Worker", "A registered worker.",
	scale.Field("measurement", scale.HashCodec, func(v *Worker) *Hash { return &v.Measurement }),
	scale.Field("platform", scale.HashCodec, func(v *Worker) *Hash { return &v.Platform }),
	scale.Field("operator", scale.AccountIDCodec, func(v *Worker) *AccountID { return &v.Operator }),
	scale.Field("registered_at", scale.U32, func(v *Worker) *uint32 { return &v.RegisteredAt }),
)

// Epoch is the chain's current epoch.
type Epoch struct {
	Index     uint32
	StartedAt uint64 // ms since 1970
}

// EpochCodec is the codec of Epoch.
var EpochCodec = scale.Struct("bitcloak_wire::Epoch", "The current epoch.",
	scale.Field("index", scale.U32, func(v *Epoch) *uint32 { return &v.Index }),
	scale.Field("started_at", scale.U64, func(v *Epoch) *uint64 { return &v.StartedAt }),
)
