package metadata_test

import (
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// The declaration that these tests write: a runtime of two pallets that uses
// every kind of type, storage, constant and API.

type accountData struct {
	Free, Reserved, Frozen, Flags scale.U128
}

type accountInfo struct {
	Nonce, Consumers, Providers, Sufficients uint32
	Data                                     accountData
}

var accountDataCodec = scale.Struct("pallet_balances::types::AccountData", "",
	scale.Field("free", scale.U128Codec, func(a *accountData) *scale.U128 { return &a.Free }).TypeNamed("Balance"),
	scale.Field("reserved", scale.U128Codec, func(a *accountData) *scale.U128 { return &a.Reserved }).TypeNamed("Balance"),
	scale.Field("frozen", scale.U128Codec, func(a *accountData) *scale.U128 { return &a.Frozen }).TypeNamed("Balance"),
	scale.Field("flags", scale.U128Codec, func(a *accountData) *scale.U128 { return &a.Flags }).TypeNamed("ExtraFlags"),
)

var accountInfoCodec = scale.Struct("frame_system::AccountInfo", "",
	scale.Field("nonce", scale.U32, func(a *accountInfo) *uint32 { return &a.Nonce }),
	scale.Field("consumers", scale.U32, func(a *accountInfo) *uint32 { return &a.Consumers }),
	scale.Field("providers", scale.U32, func(a *accountInfo) *uint32 { return &a.Providers }),
	scale.Field("sufficients", scale.U32, func(a *accountInfo) *uint32 { return &a.Sufficients }),
	scale.Field("data", accountDataCodec, func(a *accountInfo) *accountData { return &a.Data }),
)

// market exercises what accountInfo does not: options, choices, arrays, strings, tuples.
type market struct {
	Name   string
	Status uint8
	Fees   scale.Pair[uint16, uint64]
	Limit  scale.Optional[uint32]
	Engine [4]byte
	Open   bool
}

var marketCodec = scale.Struct("test_runtime::Market", "What can be traded.\nIn two lines.",
	scale.Field("name", scale.Str(32), func(m *market) *string { return &m.Name }),
	scale.Field("status", scale.Choice[uint8]("test_runtime::Status", "", scale.Case{Index: 0, Name: "Open"},
		scale.Case{Index: 3, Name: "Halted"}), func(m *market) *uint8 { return &m.Status }),
	scale.Field("fees", scale.Tuple2(scale.U16, scale.U64), func(m *market) *scale.Pair[uint16, uint64] { return &m.Fees }),
	scale.Field("limit", scale.Option(scale.U32), func(m *market) *scale.Optional[uint32] { return &m.Limit }),
	scale.Field("engine", scale.Bytes4, func(m *market) *[4]byte { return &m.Engine }),
	scale.Field("open", scale.Bool, func(m *market) *bool { return &m.Open }).Documented("Whether it is open."),
)

var sampleMarket = market{Name: "KSM/USDT", Status: 3, Fees: scale.Pair[uint16, uint64]{First: 7, Second: 1 << 40},
	Limit: scale.Some(uint32(9)), Engine: [4]byte{'c', 'm', 'b', 't'}, Open: true}

// declaration builds a fresh runtime; every call gives equal content under other pointers.
func declaration() *metadata.Runtime {
	call, event := scale.NewType(), scale.NewType()
	field := func(name string, t *scale.Type) scale.TypeField { return scale.TypeField{Name: name, Type: t} }
	remark := scale.TypeVariant{Name: "remark", Index: 0, Docs: "Nothing happens.",
		Fields: []scale.TypeField{field("remark", scale.SequenceType(scale.U8.Type))}}
	transferType := scale.TypeVariant{Name: "transfer", Index: 3, Fields: []scale.TypeField{
		field("dest", extrinsic.AddressCodec.Type), field("value", scale.CompactU128.Type)}}
	batch := scale.TypeVariant{Name: "batch", Index: 4, Fields: []scale.TypeField{field("calls", scale.SequenceType(call))}}

	phase := scale.VariantType("frame_system::Phase", "",
		scale.TypeVariant{Name: "ApplyExtrinsic", Index: 0, Fields: []scale.TypeField{{Type: scale.U32.Type}}},
		scale.TypeVariant{Name: "Finalization", Index: 1}, scale.TypeVariant{Name: "Initialization", Index: 2})
	record := scale.CompositeType("frame_system::EventRecord", "", field("phase", phase), field("event", event),
		field("topics", scale.SequenceType(scale.HashCodec.Type))).
		WithParams(scale.TypeParam{Name: "E", Type: event}, scale.TypeParam{Name: "T", Type: scale.HashCodec.Type})

	r := &metadata.Runtime{
		Pallets: []metadata.Pallet{
			{
				Name: "System", Index: 0, Docs: "What every pallet rests on.",
				Storage: []metadata.StorageEntry{
					{Name: "Account", Keys: []metadata.Key{{Hasher: metadata.Blake2_128Concat, Type: scale.AccountIDCodec.Type}},
						Value: accountInfoCodec.Type, Default: accountInfoCodec.Marshal(accountInfo{}), Docs: "All accounts."},
					{Name: "Events", Value: scale.SequenceType(record), Default: []byte{0}},
					{Name: "Digest", Value: header.DigestCodec.Type, Default: []byte{0}},
					{Name: "ExtrinsicCount", Value: scale.U32.Type, Optional: true},
				},
				Calls: scale.VariantType("frame_system::pallet::Call", "", remark),
				Events: scale.VariantType("frame_system::pallet::Event", "", scale.TypeVariant{Name: "Remarked", Index: 5,
					Fields: []scale.TypeField{field("sender", scale.AccountIDCodec.Type), field("hash", scale.HashCodec.Type)}}),
				Constants: []metadata.Constant{metadata.ConstantOf("SS58Prefix", "The prefix of addresses.", scale.U16, 2)},
			},
			{
				Name: "Market", Index: 40, Prefix: "MarketStore",
				Storage: []metadata.StorageEntry{
					{Name: "Orders", Value: marketCodec.Type, Optional: true, Keys: []metadata.Key{
						{Hasher: metadata.Twox64Concat, Type: scale.U32.Type},
						{Hasher: metadata.Identity, Type: scale.HashCodec.Type},
						{Hasher: metadata.Blake2_256, Type: scale.Bytes(8).Type}}},
					{Name: "Count", Value: scale.CompactU64.Type, Default: []byte{0}},
				},
				Calls: scale.VariantType("test_market::pallet::Call", "", transferType, batch),
				Errors: scale.VariantType("test_market::pallet::Error", "",
					scale.TypeVariant{Name: "Halted", Index: 0, Docs: "The market is halted; wait."}),
				Constants: []metadata.Constant{metadata.ConstantOf("Sample", "", marketCodec, sampleMarket)},
			},
		},
		Extrinsic: extrinsic.Metadata(call),
		Type:      scale.CompositeType("test_runtime::Runtime", ""),
		APIs: []metadata.API{{Name: "Core", Docs: "The core API.", Methods: []metadata.Method{
			{Name: "initialize_block", Docs: "Begin a block.", Output: scale.Unit.Type,
				Inputs: []metadata.Input{{Name: "header", Type: header.Codec.Type}}},
			{Name: "market", Output: scale.OptionType(marketCodec.Type)}}}},
		Call: call, Event: event,
		Custom: []metadata.Custom{{Name: "answer", Type: scale.U8.Type, Value: []byte{42}}},
	}
	*call = *metadata.OuterEnum("test_runtime::RuntimeCall", r.Pallets, func(p *metadata.Pallet) *scale.Type { return p.Calls })
	*event = *metadata.OuterEnum("test_runtime::RuntimeEvent", r.Pallets, func(p *metadata.Pallet) *scale.Type { return p.Events })
	r.Error = metadata.OuterEnum("test_runtime::RuntimeError", r.Pallets, func(p *metadata.Pallet) *scale.Type { return p.Errors })
	return r
}
