package governance

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Index of the pallet.
const Index = wire.PalletGovernance

var module = frame.NewModule("Governance", Index, "bitcloak_governance")

// Bounds.
const (
	maxCallBytes = 64 << 10
	// maxDelay keeps governance from locking itself out: 30 days, in milliseconds.
	maxDelay = 30 * 24 * 3_600_000
)

var (
	maxMembers = frame.NewConstant(module, "MaxMembers", scale.U32, 32,
		"Members that there may be.")
	maxMemberProposals = frame.NewConstant(module, "MaxMemberProposals", scale.U32, 4,
		"Proposals that one member may have open, so that no member keeps others from proposing.")
	maxProposals = frame.NewConstant(module, "MaxProposals", scale.U32, 128,
		"Proposals that may be open.")
	lifetime = frame.NewConstant(module, "ProposalLifetime", scale.U64, 14*24*3_600_000,
		"How many milliseconds a proposal is kept: since it was made or, once approved, since it can be executed.")
	maxCallWeight = frame.NewConstant(module, "MaxCallWeight", frame.WeightCodec,
		frame.Weight{RefTime: 50 * frame.Millisecond, ProofSize: 4 << 20},
		"The most that a proposed call may weigh; whoever executes it pays for as much.")
)

// proposal is a call that members decide about. Times are in milliseconds since 1970.
type proposal struct {
	Proposer     scale.AccountID
	Call         []byte // encoded; kept as bytes, for it may no longer decode after an upgrade
	Approvals    []scale.AccountID
	ProposedAt   uint64
	ExecutableAt scale.Optional[uint64] // there while enough members approve
}

var proposalCodec = scale.Struct("bitcloak_governance::Proposal", "",
	scale.Field("proposer", scale.AccountIDCodec, func(p *proposal) *scale.AccountID { return &p.Proposer }),
	scale.Field("call", scale.Bytes(maxCallBytes), func(p *proposal) *[]byte { return &p.Call }),
	scale.Field("approvals", membersCodec, func(p *proposal) *[]scale.AccountID { return &p.Approvals }),
	scale.Field("proposed_at", scale.U64, func(p *proposal) *uint64 { return &p.ProposedAt }),
	scale.Field("executable_at", scale.Option(scale.U64), func(p *proposal) *scale.Optional[uint64] { return &p.ExecutableAt }))

var membersCodec = scale.Vec(scale.AccountIDCodec, int(maxMembers))

var (
	members = frame.NewValue(module, "Members", membersCodec, frame.Default,
		"Who decides, in ascending order.")
	threshold = frame.NewValue(module, "Threshold", scale.U32, frame.Default,
		"How many members must approve.")
	delay = frame.NewValue(module, "Delay", scale.U64, frame.Default,
		"How many milliseconds an approved call waits.")
	proposals = frame.NewMap(module, "Proposals", frame.Twox64Concat(scale.U32), proposalCodec, frame.Optional,
		"Open proposals, by identifier.")
	nextProposal = frame.NewValue(module, "NextProposal", scale.U32, frame.Default,
		"The identifier of the next proposal.")
)
