package governance

import (
	"slices"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Pallet is the pallet as a runtime composes it, over the runtime's own calls.
func Pallet(dispatcher *frame.Dispatcher) frame.Pallet {
	proposalArguments := scale.Struct("", "",
		scale.Field("call", dispatcher.CallCodec(maxCallBytes), func(call *frame.EncodedCall) *frame.EncodedCall { return call }))
	return frame.Pallet{
		Module: module,
		Calls: []frame.Call{
			frame.NewCall(0, "propose", "Member: propose a call of origin Root, and approve it.",
				proposalArguments, frame.Weight{}, func(c *frame.Context, origin frame.Origin, call *frame.EncodedCall) error {
					return propose(c, dispatcher, origin, *call)
				}).Weighed(weighPropose),
			frame.NewCall(1, "approve", "Member: approve a proposal. Once enough have, it waits for the delay.",
				identifierCodec, weightVote, approve),
			frame.NewCall(2, "revoke", "Member: take an approval back. The last one withdraws the proposal.",
				identifierCodec, weightVote, revoke),
			frame.NewCall(3, "execute", "Run an approved call whose delay is over.",
				identifierCodec, weightExecute, func(c *frame.Context, origin frame.Origin, id *uint32) error {
					return execute(c, dispatcher, origin, *id)
				}),
			frame.NewCall(10, "set_members", "Root: set who decides, and how many of them must approve.",
				membershipCodec, weightSetMembers, setMembers),
			frame.NewCall(11, "set_delay", "Root: set how long calls that are approved from now on wait.",
				delayCodec, weightSetDelay, setDelay),
		},
		TryState: tryState,
	}
}

var (
	identifierCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(id *uint32) *uint32 { return id }))
	membershipCodec = scale.Struct("", "",
		scale.Field("members", membersCodec, func(m *membership) *[]scale.AccountID { return &m.Members }),
		scale.Field("threshold", scale.U32, func(m *membership) *uint32 { return &m.Threshold }))
	delayCodec = scale.Struct("", "",
		scale.Field("ms", scale.U64, func(ms *uint64) *uint64 { return ms }))
)

// ensureMember is the member who signed.
func ensureMember(c *frame.Context, origin frame.Origin) (scale.AccountID, error) {
	who, err := origin.EnsureSigned()
	if err == nil && !slices.Contains(members.Get(c), who) {
		err = ErrNotMember
	}
	return who, err
}

func propose(c *frame.Context, dispatcher *frame.Dispatcher, origin frame.Origin, call frame.EncodedCall) error {
	who, err := ensureMember(c, origin)
	if err != nil {
		return err
	}
	// The argument's codec has decoded the call once.
	if invocation := dispatcher.Decode(scale.NewDecoder(call)); !invocation.Info().Weight.Within(maxCallWeight) {
		return ErrTooHeavy
	}
	now := timestamp.Now(c)
	if err := makeRoom(c, who, now); err != nil {
		return err
	}
	p := proposal{Proposer: who, Call: call, Approvals: []scale.AccountID{who}, ProposedAt: now}
	p.recount(c, now)
	id := nextProposal.Get(c)
	nextProposal.Set(c, id+1)
	proposals.Set(c, id, p)
	proposed.Deposit(c, step{ID: id, Member: who, Hash: c.Host.Blake2_256(call), ExecutableAt: p.ExecutableAt})
	return nil
}

// makeRoom removes expired proposals and keeps the bounds on open ones.
func makeRoom(c *frame.Context, who scale.AccountID, now uint64) error {
	open, own := uint32(0), uint32(0)
	for id, p := range proposals.All(c) { // at most maxProposals
		if p.expired(now) {
			proposals.Remove(c, id)
			expired.Deposit(c, step{ID: id})
			continue
		}
		open++
		if p.Proposer == who {
			own++
		}
	}
	if open >= maxProposals || own >= maxMemberProposals {
		return ErrTooMany
	}
	return nil
}

// find is an open proposal that has not expired.
func find(c *frame.Context, id uint32) (proposal, error) {
	p, exists := proposals.Find(c, id)
	switch {
	case !exists:
		return p, ErrUnknownProposal
	case p.expired(timestamp.Now(c)):
		return p, ErrExpired
	}
	return p, nil
}

func approve(c *frame.Context, origin frame.Origin, id *uint32) error {
	who, err := ensureMember(c, origin)
	if err != nil {
		return err
	}
	p, err := find(c, *id)
	if err != nil {
		return err
	}
	if slices.Contains(p.Approvals, who) {
		return ErrApproved
	}
	p.approve(c, who)
	p.recount(c, timestamp.Now(c))
	proposals.Set(c, *id, p)
	approved.Deposit(c, step{ID: *id, Member: who, ExecutableAt: p.ExecutableAt})
	return nil
}

func revoke(c *frame.Context, origin frame.Origin, id *uint32) error {
	who, err := ensureMember(c, origin)
	if err != nil {
		return err
	}
	p, exists := proposals.Find(c, *id)
	if !exists {
		return ErrUnknownProposal
	}
	at := slices.Index(p.Approvals, who)
	if at < 0 {
		return ErrNotApprovedBy
	}
	p.Approvals = slices.Delete(p.Approvals, at, at+1)
	p.recount(c, timestamp.Now(c))
	if len(p.Approvals) == 0 {
		proposals.Remove(c, *id)
	} else {
		proposals.Set(c, *id, p)
	}
	revoked.Deposit(c, step{ID: *id, Member: who, ExecutableAt: p.ExecutableAt})
	return nil
}

// execute succeeds also where the call fails: the proposal is used up either way.
func execute(c *frame.Context, dispatcher *frame.Dispatcher, origin frame.Origin, id uint32) error {
	if _, err := origin.EnsureSigned(); err != nil {
		return err
	}
	p, err := find(c, id)
	switch {
	case err != nil:
		return err
	case !p.ExecutableAt.Some:
		return ErrNotApproved
	case timestamp.Now(c) < p.ExecutableAt.Value:
		return ErrTooEarly
	}
	proposals.Remove(c, id)
	executed.Deposit(c, step{ID: id, Result: frame.ResultOf(run(c, dispatcher, p.Call))})
	return nil
}

// run dispatches a call as Root, in a storage transaction of its own. Its weight is
// looked at again: another runtime may weigh it differently.
func run(c *frame.Context, dispatcher *frame.Dispatcher, call []byte) error {
	d := scale.NewDecoder(call)
	invocation := dispatcher.Decode(d)
	switch {
	case d.Finish() != nil:
		return frame.ErrCorruption
	case !invocation.Info().Weight.Within(maxCallWeight):
		return ErrTooHeavy
	}
	return dispatcher.Dispatch(c, frame.Root(), invocation)
}

func setMembers(c *frame.Context, origin frame.Origin, args *membership) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	if err := putMembers(c, args); err != nil {
		return err
	}
	now := timestamp.Now(c)
	for id, p := range proposals.All(c) { // at most maxProposals
		p.recount(c, now)
		proposals.Set(c, id, p)
	}
	membersSet.Deposit(c, *args)
	return nil
}

// putMembers sorts and stores the members.
func putMembers(c *frame.Context, args *membership) error {
	slices.SortFunc(args.Members, compareAccounts)
	count := len(args.Members)
	distinct := len(slices.Compact(slices.Clone(args.Members)))
	if count == 0 || count > int(maxMembers) || distinct != count || args.Threshold == 0 || int(args.Threshold) > count {
		return ErrMembers
	}
	members.Set(c, args.Members)
	threshold.Set(c, args.Threshold)
	return nil
}

func setDelay(c *frame.Context, origin frame.Origin, ms *uint64) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	if *ms > maxDelay {
		return ErrDelay
	}
	delay.Set(c, *ms)
	delaySet.Deposit(c, *ms)
	return nil
}
