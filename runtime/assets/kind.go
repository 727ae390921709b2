package assets

import "github.com/bitcloak/bitcloak/substrate/scale"

// Kinds of assets.
const (
	KindNative     uint8 = 0
	KindRelay      uint8 = 1
	KindParachain  uint8 = 2
	KindUserIssued uint8 = 3
)

// maxLocationKey bounds a parachain's key of an asset, in bytes: XCM's GeneralKey.
const maxLocationKey = 32

// AssetKind is where an asset comes from.
type AssetKind struct {
	Kind uint8
	Para uint32 // KindParachain: the parachain's number
	Key  []byte // KindParachain: XCM's GeneralKey there; empty for its native currency
}

var kindCodec = scale.Enum("bitcloak_assets::AssetKind", func(k *AssetKind) *uint8 { return &k.Kind },
	scale.Variant[AssetKind](KindNative, "Native", "The chain's own currency; its balances are in pallet Balances."),
	scale.Variant[AssetKind](KindRelay, "Relay", "The relay chain's currency."),
	scale.Variant(KindParachain, "Parachain", "A currency of another parachain.",
		scale.Field("para", scale.U32, func(k *AssetKind) *uint32 { return &k.Para }),
		scale.Field("key", scale.Bytes(maxLocationKey), func(k *AssetKind) *[]byte { return &k.Key })),
	scale.Variant[AssetKind](KindUserIssued, "UserIssued", "Issued here, by its owner's issuer."))

// Status says whether an asset moves.
type Status uint8

// Statuses.
const (
	StatusLive   Status = 0
	StatusFrozen Status = 1
)

var statusCodec = scale.Choice[Status]("bitcloak_assets::AssetStatus", "",
	scale.Case{Index: uint8(StatusLive), Name: "Live", Docs: "The asset moves."},
	scale.Case{Index: uint8(StatusFrozen), Name: "Frozen", Docs: "Nobody can transfer or mint the asset; its admin can still burn."})
