package system

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// failure is the fields of ExtrinsicFailed.
type failure struct {
	Error frame.DispatchError
	Info  frame.DispatchInfo
}

// remarked is the fields of Remarked.
type remarked struct {
	Sender scale.AccountID
	Hash   scale.Hash
}

// takeover is the fields of RuntimeUpgraded.
type takeover struct{ From, To uint32 }

var accountField = scale.Struct("", "",
	scale.Field("account", scale.AccountIDCodec, func(a *scale.AccountID) *scale.AccountID { return a }).TypeNamed("T::AccountId"))

var upgradeFields = scale.Struct("", "",
	scale.Field("spec_version", scale.U32, func(u *Upgrade) *uint32 { return &u.SpecVersion }),
	scale.Field("number", scale.U32, func(u *Upgrade) *uint32 { return &u.Number }))

var (
	extrinsicSuccess = frame.NewEvent(module, 0, "ExtrinsicSuccess", "An extrinsic completed successfully.", scale.Struct("", "",
		scale.Field("dispatch_info", frame.DispatchInfoCodec, func(i *frame.DispatchInfo) *frame.DispatchInfo { return i }).
			TypeNamed("DispatchEventInfo")))
	extrinsicFailed = frame.NewEvent(module, 1, "ExtrinsicFailed", "An extrinsic failed; its fee is paid, its effects are undone.", scale.Struct("", "",
		scale.Field("dispatch_error", frame.DispatchErrorCodec, func(f *failure) *frame.DispatchError { return &f.Error }).
			TypeNamed("DispatchError"),
		scale.Field("dispatch_info", frame.DispatchInfoCodec, func(f *failure) *frame.DispatchInfo { return &f.Info }).
			TypeNamed("DispatchEventInfo")))
	newAccount    = frame.NewEvent(module, 3, "NewAccount", "A new account was created.", accountField)
	killedAccount = frame.NewEvent(module, 4, "KilledAccount", "An account was reaped.", accountField)
	remarkedEvent = frame.NewEvent(module, 5, "Remarked", "On on-chain remark happened.", scale.Struct("", "",
		scale.Field("sender", scale.AccountIDCodec, func(r *remarked) *scale.AccountID { return &r.Sender }).TypeNamed("T::AccountId"),
		scale.Field("hash", scale.HashCodec, func(r *remarked) *scale.Hash { return &r.Hash }).TypeNamed("T::Hash")))
	upgradeScheduled = frame.NewEvent(module, 20, "UpgradeScheduled", "Another runtime takes over from this block number on.", upgradeFields)
	upgradeCancelled = frame.NewEvent(module, 21, "UpgradeCancelled", "What was scheduled will not happen.", upgradeFields)
	runtimeUpgraded  = frame.NewEvent(module, 22, "RuntimeUpgraded", "Another runtime has taken over with this block.", scale.Struct("", "",
		scale.Field("from", scale.U32, func(t *takeover) *uint32 { return &t.From }),
		scale.Field("to", scale.U32, func(t *takeover) *uint32 { return &t.To })))
)
