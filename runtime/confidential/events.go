package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// submission is the fields of EnvelopesSubmitted.
type submission struct {
	Sender            scale.AccountID
	Accepted, Refused uint32
}

// commitment is the fields of Committed.
type commitment struct {
	Checkpoint uint64
	Number     uint32
	StateRoot  scale.Hash
	Messages   uint32
}

// commitVote is the fields of CommitVoted.
type commitVote struct {
	Checkpoint uint64
	Worker     [32]byte
	Commit     scale.Hash
}

// discrepancyEvent is the fields of Discrepancy.
type discrepancyEvent struct {
	Checkpoint uint64
	Reason     Reason
	Workers    [][32]byte
}

// dispute is the fields of SnapshotDisputed.
type dispute struct {
	Epoch   uint32
	Workers [][32]byte
}

var (
	discrepancyEventCodec = scale.Struct("", "",
		scale.Field("checkpoint", scale.U64, func(d *discrepancyEvent) *uint64 { return &d.Checkpoint }),
		scale.Field("reason", reasonCodec, func(d *discrepancyEvent) *Reason { return &d.Reason }),
		scale.Field("workers", scale.Vec(scale.Bytes32, 2*int(maxWorkers)), func(d *discrepancyEvent) *[][32]byte { return &d.Workers }))
	disputeCodec = scale.Struct("", "",
		scale.Field("epoch", scale.U32, func(d *dispute) *uint32 { return &d.Epoch }),
		scale.Field("workers", scale.Vec(scale.Bytes32, 2*int(maxWorkers)), func(d *dispute) *[][32]byte { return &d.Workers }))
	epochField  = scale.Struct("", "", scale.Field("epoch", scale.U32, func(epoch *uint32) *uint32 { return epoch }))
	workerField = scale.Struct("", "", scale.Field("worker", scale.Bytes32, func(worker *[32]byte) *[32]byte { return worker }))
)

var (
	envelopesSubmitted = frame.NewEvent(module, 0, "EnvelopesSubmitted",
		"A batch entered the inbox, but for the envelopes refused for their class or length.", scale.Struct("", "",
			scale.Field("sender", scale.AccountIDCodec, func(s *submission) *scale.AccountID { return &s.Sender }),
			scale.Field("accepted", scale.U32, func(s *submission) *uint32 { return &s.Accepted }),
			scale.Field("refused", scale.U32, func(s *submission) *uint32 { return &s.Refused })))
	committed = frame.NewEvent(module, 1, "Committed",
		"A checkpoint has its commit; messages counts the inbox messages that it answers.", scale.Struct("", "",
			scale.Field("checkpoint", scale.U64, func(k *commitment) *uint64 { return &k.Checkpoint }),
			scale.Field("number", scale.U32, func(k *commitment) *uint32 { return &k.Number }),
			scale.Field("state_root", scale.HashCodec, func(k *commitment) *scale.Hash { return &k.StateRoot }),
			scale.Field("messages", scale.U32, func(k *commitment) *uint32 { return &k.Messages })))
	commitVoted = frame.NewEvent(module, 2, "CommitVoted",
		"A worker voted for a commit, named by the hash it signed.", scale.Struct("", "",
			scale.Field("checkpoint", scale.U64, func(v *commitVote) *uint64 { return &v.Checkpoint }),
			scale.Field("worker", scale.Bytes32, func(v *commitVote) *[32]byte { return &v.Worker }),
			scale.Field("commit", scale.HashCodec, func(v *commitVote) *scale.Hash { return &v.Commit })))
	keyAnnounced = frame.NewEvent(module, 3, "KeyAnnounced",
		"The contract key of an epoch is known.", epochField)
	epochStarted = frame.NewEvent(module, 4, "EpochStarted",
		"An epoch started with this block's checkpoint.", epochField)
	workerRegistered = frame.NewEvent(module, 5, "WorkerRegistered",
		"A worker's evidence was accepted.", workerField)
	workerRemoved = frame.NewEvent(module, 6, "WorkerRemoved",
		"A worker may no longer vote; its votes that still waited are gone.", workerField)
	marketSet = frame.NewEvent(module, 7, "MarketSet",
		"A market was listed or changed.", scale.Struct("", "",
			scale.Field("id", scale.U32, func(id *uint32) *uint32 { return id })))
	discrepancyFound = frame.NewEvent(module, 8, "Discrepancy",
		"Commits have stopped; the workers named voted for what is in doubt.", discrepancyEventCodec)
	discrepancyResolved = frame.NewEvent(module, 9, "DiscrepancyResolved",
		"Governance lets commits go on.", scale.Struct("", "",
			scale.Field("checkpoint", scale.U64, func(checkpoint *uint64) *uint64 { return checkpoint })))
	snapshotAnnounced = frame.NewEvent(module, 10, "SnapshotAnnounced",
		"Enough workers have published the same snapshot; root finds its manifest.", scale.Struct("", "",
			scale.Field("epoch", scale.U32, func(s *wire.Snapshot) *uint32 { return &s.Epoch }),
			scale.Field("checkpoint", scale.U64, func(s *wire.Snapshot) *uint64 { return &s.Checkpoint }),
			scale.Field("root", scale.HashCodec, func(s *wire.Snapshot) *scale.Hash { return &s.Root })))
	snapshotDisputed = frame.NewEvent(module, 11, "SnapshotDisputed",
		"Workers published different snapshots of an epoch; those named have voted.", disputeCodec)
	feesSwept = frame.NewEvent(module, 12, "FeesSwept",
		"The contract is to pay out the fees of trading in an asset.", sweepCodec)
)
