package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// feeQuery is the arguments of query_info and query_fee_details.
type feeQuery struct {
	Extrinsic []byte
	Length    uint32
}

func transactionPaymentAPI(call *scale.Type) api {
	args := scale.Struct("", "",
		scale.Field("uxt", extrinsicCodec(call), func(q *feeQuery) *[]byte { return &q.Extrinsic }),
		scale.Field("len", scale.U32, func(q *feeQuery) *uint32 { return &q.Length }))
	weightArg := scale.Struct("", "", scale.Field("weight", frame.WeightCodec, func(w *frame.Weight) *frame.Weight { return w }))
	lengthArg := scale.Struct("", "", scale.Field("length", scale.U32, func(n *uint32) *uint32 { return n }))
	return api{
		name: "TransactionPaymentApi", version: 4, docs: "The API to query what transactions pay.",
		methods: []method{
			newMethod("query_info", "The weight, class and fee of an extrinsic.", args, payment.RuntimeDispatchInfoCodec, queryInfo),
			newMethod("query_fee_details", "The parts of an extrinsic's fee.", args, payment.FeeDetailsCodec, queryFeeDetails),
			newMethod("query_weight_to_fee", "What a weight costs.", weightArg, scale.U128Codec,
				func(_ *Runtime, w *frame.Weight) (scale.U128, error) { return payment.WeightToFee(*w), nil }),
			newMethod("query_length_to_fee", "What so many bytes cost.", lengthArg, scale.U128Codec,
				func(_ *Runtime, n *uint32) (scale.U128, error) { return payment.LengthToFee(*n), nil }),
		},
	}
}

func queryInfo(r *Runtime, q *feeQuery) (payment.RuntimeDispatchInfo, error) {
	x, invalid := r.decode(q.Extrinsic)
	if invalid != nil {
		return payment.RuntimeDispatchInfo{}, invalid
	}
	info := payment.RuntimeDispatchInfo{Weight: x.info.Weight, Class: x.info.Class}
	if x.Signed {
		info.PartialFee = payment.InclusionFeeOf(x.info, q.Length).Total()
	}
	return info, nil
}

func queryFeeDetails(r *Runtime, q *feeQuery) (payment.FeeDetails, error) {
	x, invalid := r.decode(q.Extrinsic)
	if invalid != nil {
		return payment.FeeDetails{}, invalid
	}
	if !x.Signed {
		return payment.FeeDetails{}, nil
	}
	return payment.FeeDetails{Inclusion: scale.Some(payment.InclusionFeeOf(x.info, q.Length))}, nil
}
