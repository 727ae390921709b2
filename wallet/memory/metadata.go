package memory

import (
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func field(name string, t *scale.Type) scale.TypeField { return scale.TypeField{Name: name, Type: t} }

var (
	u32, u64, u128 = scale.U32.Type, scale.U64.Type, scale.U128Codec.Type
	account        = scale.AccountIDCodec.Type
)

// dispatchInfo is a weight of two compacts, class and fee.
var dispatchInfo = scale.CompositeType("frame_system::DispatchEventInfo", "", field("ref_time", scale.CompactU64.Type),
	field("proof_size", scale.CompactU64.Type), field("class", scale.U8.Type), field("pays", scale.U8.Type))

var dispatchError = scale.VariantType("sp_runtime::DispatchError", "",
	scale.TypeVariant{Name: "BadOrigin", Index: 2},
	scale.TypeVariant{Name: "Module", Index: 3, Fields: []scale.TypeField{field("", scale.CompositeType("sp_runtime::ModuleError", "",
		field("index", scale.U8.Type), field("error", scale.Bytes4.Type)))}},
	scale.TypeVariant{Name: "Token", Index: 7, Fields: []scale.TypeField{field("", scale.VariantType("sp_runtime::TokenError", "",
		scale.TypeVariant{Name: "FundsUnavailable", Index: 0}))}})

// Metadata describes the events and errors of this network, with the indices of spec/interface.md.
func Metadata() *metadata.Runtime {
	payout := []scale.TypeField{field("seq", u64), field("to", account), field("asset", u32), field("amount", u128)}
	pallets := []metadata.Pallet{
		{Name: "System", Index: wire.PalletSystem, Events: scale.VariantType("frame_system::Event", "",
			scale.TypeVariant{Name: "ExtrinsicSuccess", Index: 0, Fields: []scale.TypeField{field("dispatch_info", dispatchInfo)}},
			scale.TypeVariant{Name: "ExtrinsicFailed", Index: 1, Fields: []scale.TypeField{field("dispatch_error", dispatchError), field("dispatch_info", dispatchInfo)}})},
		{Name: "TransactionPayment", Index: wire.PalletTransactionPayment, Events: scale.VariantType("pallet_transaction_payment::Event", "",
			scale.TypeVariant{Name: "TransactionFeePaid", Index: 0, Fields: []scale.TypeField{field("who", account), field("actual_fee", u128), field("tip", u128)}})},
		{Name: "PrivateAssets", Index: wire.PalletPrivateAssets, Events: scale.VariantType("bitcloak_private_assets::Event", "",
			scale.TypeVariant{Name: "Deposited", Index: 0, Fields: []scale.TypeField{field("id", u64), field("depositor", account), field("asset", u32), field("amount", u128)}},
			scale.TypeVariant{Name: "Paid", Index: 2, Fields: payout},
			scale.TypeVariant{Name: "PayoutFailed", Index: 3, Fields: payout},
			scale.TypeVariant{Name: "Claimed", Index: 4, Fields: []scale.TypeField{field("who", account), field("to", account), field("asset", u32), field("amount", u128)}}),
			Errors: scale.VariantType("bitcloak_private_assets::Error", "",
				scale.TypeVariant{Name: "Paused", Index: 3, Docs: "Deposits are paused; wait."})},
		{Name: "Confidential", Index: wire.PalletConfidential, Events: scale.VariantType("bitcloak_confidential::Event", "",
			scale.TypeVariant{Name: "EnvelopesSubmitted", Index: 0, Fields: []scale.TypeField{field("sender", account), field("accepted", u32), field("refused", u32)}},
			scale.TypeVariant{Name: "Committed", Index: 1, Fields: []scale.TypeField{field("checkpoint", u64), field("number", u32), field("state_root", scale.HashCodec.Type), field("messages", u32)}})},
	}
	call := scale.VariantType("memory::RuntimeCall", "")
	return &metadata.Runtime{Pallets: pallets, Extrinsic: extrinsic.Metadata(call), Type: scale.CompositeType("memory::Runtime", "")}
}
