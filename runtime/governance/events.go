package governance

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// step is the fields of events about a proposal; each declares those it has.
type step struct {
	ID           uint32
	Member       scale.AccountID
	Hash         scale.Hash
	ExecutableAt scale.Optional[uint64]
	Result       frame.DispatchResult
}

// membership is the fields of MembersSet.
type membership struct {
	Members   []scale.AccountID
	Threshold uint32
}

func stepFields(fields ...scale.FieldOf[step]) scale.Codec[step] {
	id := scale.Field("id", scale.U32, func(s *step) *uint32 { return &s.ID })
	return scale.Struct("", "", append([]scale.FieldOf[step]{id}, fields...)...)
}

var (
	memberField = scale.Field("member", scale.AccountIDCodec, func(s *step) *scale.AccountID { return &s.Member })
	whenField   = scale.Field("executable_at", scale.Option(scale.U64), func(s *step) *scale.Optional[uint64] { return &s.ExecutableAt })
	hashField   = scale.Field("call_hash", scale.HashCodec, func(s *step) *scale.Hash { return &s.Hash })
	resultField = scale.Field("result", frame.DispatchResultCodec, func(s *step) *frame.DispatchResult { return &s.Result })
)

var (
	proposed = frame.NewEvent(module, 0, "Proposed",
		"A member proposed a call, named by its BLAKE2b-256, and approved it.", stepFields(memberField, hashField, whenField))
	approved = frame.NewEvent(module, 1, "Approved",
		"A member approved; executable_at is there once enough have.", stepFields(memberField, whenField))
	revoked = frame.NewEvent(module, 2, "Revoked",
		"A member took its approval back; the last one withdraws the proposal.", stepFields(memberField, whenField))
	executed = frame.NewEvent(module, 3, "Executed",
		"A call was run with origin Root; an error means that it changed nothing.", stepFields(resultField))
	expired = frame.NewEvent(module, 4, "Expired",
		"A proposal was removed after its lifetime.", stepFields())
	membersSet = frame.NewEvent(module, 5, "MembersSet",
		"There are other members, or another threshold.", scale.Struct("", "",
			scale.Field("members", membersCodec, func(m *membership) *[]scale.AccountID { return &m.Members }),
			scale.Field("threshold", scale.U32, func(m *membership) *uint32 { return &m.Threshold })))
	delaySet = frame.NewEvent(module, 6, "DelaySet",
		"Calls approved from now on wait for another time.", scale.Struct("", "",
			scale.Field("ms", scale.U64, func(ms *uint64) *uint64 { return ms })))
)
