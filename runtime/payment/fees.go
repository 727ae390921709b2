package payment

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// InclusionFee is the parts of a fee, named as in pallet_transaction_payment.
type InclusionFee struct {
	Base   scale.U128
	Length scale.U128
	Weight scale.U128
}

// Total is the sum, which cannot overflow: each part is a product of 64-bit factors.
func (f InclusionFee) Total() scale.U128 {
	sum, _ := f.Base.Add(f.Length)
	sum, _ = sum.Add(f.Weight)
	return sum
}

// FeeDetails is what TransactionPaymentApi_query_fee_details answers; bare
// extrinsics have no inclusion fee. The tip is always zero: callers know it.
type FeeDetails struct {
	Inclusion scale.Optional[InclusionFee]
	Tip       scale.U128
}

// RuntimeDispatchInfo is what TransactionPaymentApi_query_info answers.
type RuntimeDispatchInfo struct {
	Weight     frame.Weight
	Class      frame.Class
	PartialFee scale.U128 // without the tip
}

var balanceParam = scale.TypeParam{Name: "Balance", Type: scale.U128Codec.Type}

var inclusionFeeCodec = scale.Struct("pallet_transaction_payment::types::InclusionFee", "",
	scale.Field("base_fee", scale.U128Codec, func(f *InclusionFee) *scale.U128 { return &f.Base }),
	scale.Field("len_fee", scale.U128Codec, func(f *InclusionFee) *scale.U128 { return &f.Length }),
	scale.Field("adjusted_weight_fee", scale.U128Codec, func(f *InclusionFee) *scale.U128 { return &f.Weight }),
).WithParams(balanceParam)

// Codecs of the runtime API's answers.
var (
	FeeDetailsCodec = scale.Struct("pallet_transaction_payment::types::FeeDetails", "",
		scale.Field("inclusion_fee", scale.Option(inclusionFeeCodec), func(d *FeeDetails) *scale.Optional[InclusionFee] { return &d.Inclusion }),
		scale.Field("tip", scale.U128Codec, func(d *FeeDetails) *scale.U128 { return &d.Tip }),
	).WithParams(balanceParam)
	RuntimeDispatchInfoCodec = scale.Struct("pallet_transaction_payment::types::RuntimeDispatchInfo", "",
		scale.Field("weight", frame.WeightCodec, func(i *RuntimeDispatchInfo) *frame.Weight { return &i.Weight }),
		scale.Field("class", frame.ClassCodec, func(i *RuntimeDispatchInfo) *frame.Class { return &i.Class }),
		scale.Field("partial_fee", scale.U128Codec, func(i *RuntimeDispatchInfo) *scale.U128 { return &i.PartialFee }),
	).WithParams(balanceParam, scale.TypeParam{Name: "Weight", Type: frame.WeightCodec.Type})
)
