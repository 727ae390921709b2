package assets

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// record is the fields of events: of an asset, up to three accounts and an amount.
// Each event declares those it has.
type record struct {
	Asset  uint32
	Who    scale.AccountID
	Second scale.AccountID
	Third  scale.AccountID
	Amount scale.U128
}

func recorded(fields ...scale.FieldOf[record]) scale.Codec[record] {
	asset := scale.Field("asset_id", scale.U32, func(r *record) *uint32 { return &r.Asset })
	return scale.Struct("", "", append([]scale.FieldOf[record]{asset}, fields...)...)
}

func who(name string) scale.FieldOf[record] {
	return scale.Field(name, scale.AccountIDCodec, func(r *record) *scale.AccountID { return &r.Who })
}

func second(name string) scale.FieldOf[record] {
	return scale.Field(name, scale.AccountIDCodec, func(r *record) *scale.AccountID { return &r.Second })
}

func third(name string) scale.FieldOf[record] {
	return scale.Field(name, scale.AccountIDCodec, func(r *record) *scale.AccountID { return &r.Third })
}

var amount = scale.Field("amount", scale.U128Codec, func(r *record) *scale.U128 { return &r.Amount })

// described is the fields of MetadataSet.
type described struct {
	Asset uint32
	Metadata
}

// registration is the fields of Registered.
type registration struct {
	Asset uint32
	Kind  AssetKind
}

var (
	created = frame.NewEvent(module, 0, "Created", "A user-issued asset was created.",
		recorded(who("creator"), second("admin")))
	issued = frame.NewEvent(module, 1, "Issued", "The issuer minted to an account.",
		recorded(who("owner"), amount))
	transferred = frame.NewEvent(module, 2, "Transferred", "An amount moved between two accounts.",
		recorded(who("from"), second("to"), amount))
	burned = frame.NewEvent(module, 3, "Burned", "The admin burned from an account.",
		recorded(who("owner"), amount))
	teamChanged = frame.NewEvent(module, 4, "TeamChanged", "The owner named the other roles.",
		recorded(who("issuer"), second("admin"), third("freezer")))
	ownerChanged = frame.NewEvent(module, 5, "OwnerChanged", "The asset has another owner.",
		recorded(who("owner")))
	frozen = frame.NewEvent(module, 6, "Frozen", "An account can no longer send the asset.",
		recorded(who("who")))
	thawed = frame.NewEvent(module, 7, "Thawed", "An account can send the asset again.",
		recorded(who("who")))
	assetFrozen = frame.NewEvent(module, 8, "AssetFrozen", "Nobody can send the asset any more.", recorded())
	assetThawed = frame.NewEvent(module, 9, "AssetThawed", "The asset can be sent again.", recorded())
	metadataSet = frame.NewEvent(module, 10, "MetadataSet", "The asset has another name, symbol or decimals.", scale.Struct("", "",
		scale.Field("asset_id", scale.U32, func(d *described) *uint32 { return &d.Asset }),
		scale.Field("name", scale.Bytes(maxName), func(d *described) *[]byte { return &d.Name }),
		scale.Field("symbol", scale.Bytes(maxSymbol), func(d *described) *[]byte { return &d.Symbol }),
		scale.Field("decimals", scale.U8, func(d *described) *uint8 { return &d.Decimals })))
	registered = frame.NewEvent(module, 11, "Registered", "Governance registered an asset of another chain.", scale.Struct("", "",
		scale.Field("asset_id", scale.U32, func(r *registration) *uint32 { return &r.Asset }),
		scale.Field("kind", kindCodec, func(r *registration) *AssetKind { return &r.Kind })))
)
