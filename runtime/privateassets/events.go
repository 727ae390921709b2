package privateassets

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// depositEvent is the fields of Deposited.
type depositEvent struct {
	ID        uint64
	Depositor scale.AccountID
	Asset     uint32
	Amount    scale.U128
}

// payoutEvent is the fields of Paid and PayoutFailed.
type payoutEvent struct {
	Sequence uint64
	To       scale.AccountID
	Asset    uint32
	Amount   scale.U128
}

// claimEvent is the fields of Claimed.
type claimEvent struct {
	Who, To scale.AccountID
	Asset   uint32
	Amount  scale.U128
}

var payoutFields = scale.Struct("", "",
	scale.Field("seq", scale.U64, func(p *payoutEvent) *uint64 { return &p.Sequence }),
	scale.Field("to", scale.AccountIDCodec, func(p *payoutEvent) *scale.AccountID { return &p.To }),
	scale.Field("asset", scale.U32, func(p *payoutEvent) *uint32 { return &p.Asset }),
	scale.Field("amount", scale.U128Codec, func(p *payoutEvent) *scale.U128 { return &p.Amount }))

var assetField = scale.Struct("", "",
	scale.Field("asset", scale.U32, func(asset *uint32) *uint32 { return asset }))

var (
	deposited = frame.NewEvent(module, 0, "Deposited", "An amount was taken into custody.", scale.Struct("", "",
		scale.Field("id", scale.U64, func(d *depositEvent) *uint64 { return &d.ID }),
		scale.Field("depositor", scale.AccountIDCodec, func(d *depositEvent) *scale.AccountID { return &d.Depositor }),
		scale.Field("asset", scale.U32, func(d *depositEvent) *uint32 { return &d.Asset }),
		scale.Field("amount", scale.U128Codec, func(d *depositEvent) *scale.U128 { return &d.Amount })))
	depositCommitted = frame.NewEvent(module, 1, "DepositCommitted", "A commit has passed a deposit: it is in the contract's ledger.",
		scale.Struct("", "", scale.Field("id", scale.U64, func(id *uint64) *uint64 { return id })))
	paid         = frame.NewEvent(module, 2, "Paid", "An outbox message was paid out of custody.", payoutFields)
	payoutFailed = frame.NewEvent(module, 3, "PayoutFailed",
		"An outbox message could not be paid; its owner can claim the amount.", payoutFields)
	claimed = frame.NewEvent(module, 4, "Claimed", "An owner claimed failed payouts.", scale.Struct("", "",
		scale.Field("who", scale.AccountIDCodec, func(p *claimEvent) *scale.AccountID { return &p.Who }),
		scale.Field("to", scale.AccountIDCodec, func(p *claimEvent) *scale.AccountID { return &p.To }),
		scale.Field("asset", scale.U32, func(p *claimEvent) *uint32 { return &p.Asset }),
		scale.Field("amount", scale.U128Codec, func(p *claimEvent) *scale.U128 { return &p.Amount })))
	pausedSet = frame.NewEvent(module, 5, "PausedSet", "Governance paused or resumed deposits.", scale.Struct("", "",
		scale.Field("paused", scale.Bool, func(paused *bool) *bool { return paused })))
	assetSuspended = frame.NewEvent(module, 6, "AssetSuspended",
		"Custody holds less of an asset than its counter; payouts of it become claimable.", assetField)
	assetResumed = frame.NewEvent(module, 7, "AssetResumed",
		"Custody holds enough of a suspended asset again.", assetField)
)
