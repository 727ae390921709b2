package assets

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Index of the pallet.
const Index = wire.PalletAssets

var module = frame.NewModule("Assets", Index, "bitcloak_assets")

// Details is what the chain knows of an asset. Only user-issued assets have roles;
// for the others they are zeros and mean nobody.
type Details struct {
	Kind       AssetKind
	Owner      scale.AccountID
	Issuer     scale.AccountID
	Admin      scale.AccountID
	Freezer    scale.AccountID
	Supply     scale.U128 // zero for the native asset: see Balances.TotalIssuance
	MinBalance scale.U128
	Accounts   uint32
	Status     Status
}

// Holding is an account's balance of an asset; it exists while the balance is not zero.
type Holding struct {
	Balance scale.U128
	Frozen  bool // it may receive, not send
}

// Metadata is an asset's description for people.
type Metadata struct {
	Name     []byte // UTF-8
	Symbol   []byte // printable ASCII
	Decimals uint8
}

var detailsCodec = scale.Struct("bitcloak_assets::AssetDetails", "",
	scale.Field("kind", kindCodec, func(d *Details) *AssetKind { return &d.Kind }),
	scale.Field("owner", scale.AccountIDCodec, func(d *Details) *scale.AccountID { return &d.Owner }),
	scale.Field("issuer", scale.AccountIDCodec, func(d *Details) *scale.AccountID { return &d.Issuer }),
	scale.Field("admin", scale.AccountIDCodec, func(d *Details) *scale.AccountID { return &d.Admin }),
	scale.Field("freezer", scale.AccountIDCodec, func(d *Details) *scale.AccountID { return &d.Freezer }),
	scale.Field("supply", scale.U128Codec, func(d *Details) *scale.U128 { return &d.Supply }),
	scale.Field("min_balance", scale.U128Codec, func(d *Details) *scale.U128 { return &d.MinBalance }),
	scale.Field("accounts", scale.U32, func(d *Details) *uint32 { return &d.Accounts }),
	scale.Field("status", statusCodec, func(d *Details) *Status { return &d.Status }))

var holdingCodec = scale.Struct("bitcloak_assets::AssetAccount", "",
	scale.Field("balance", scale.U128Codec, func(h *Holding) *scale.U128 { return &h.Balance }),
	scale.Field("frozen", scale.Bool, func(h *Holding) *bool { return &h.Frozen }))

// Bounds of metadata, in bytes.
const (
	maxName     = 64
	maxSymbol   = 16
	maxDecimals = 30
)

var metadataCodec = scale.Struct("bitcloak_assets::AssetMetadata", "",
	scale.Field("name", scale.Bytes(maxName), func(m *Metadata) *[]byte { return &m.Name }),
	scale.Field("symbol", scale.Bytes(maxSymbol), func(m *Metadata) *[]byte { return &m.Symbol }),
	scale.Field("decimals", scale.U8, func(m *Metadata) *uint8 { return &m.Decimals }))

var (
	assets = frame.NewMap(module, "Asset", frame.Blake2_128Concat(scale.U32), detailsCodec, frame.Optional,
		"Every asset, by its identifier.")
	holdings = frame.NewDoubleMap(module, "Account", frame.Blake2_128Concat(scale.U32), frame.Blake2_128Concat(scale.AccountIDCodec),
		holdingCodec, frame.Optional, "Balances of all assets but the native one, by asset and account.")
	metadata = frame.NewMap(module, "Metadata", frame.Blake2_128Concat(scale.U32), metadataCodec, frame.Optional,
		"Name, symbol and decimals of every asset.")
)

// FirstUserAsset is the lowest identifier that anyone may create an asset under;
// those below are for governance.
var FirstUserAsset = frame.NewConstant(module, "FirstUserAsset", scale.U32, 1000,
	"The lowest identifier that create accepts; register takes those below.")

// creationFee is 10 CLOAK: what makes squatting identifiers cost something.
var creationFee = frame.NewConstant(module, "CreationFee", scale.U128Codec, scale.U128From(10_000_000_000_000),
	"What creating an asset costs, in units of CLOAK, paid to the treasury.")
