package rpc

import (
	"context"
	"math/big"
	"strings"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func (m *methods) registerPayment(r *jsonrpc.Registry) {
	r.Method("payment_queryInfo", m.queryInfo)
	r.Method("payment_queryFeeDetails", m.queryFeeDetails)
}

// queryFee asks the runtime's TransactionPaymentApi about an extrinsic.
func (m *methods) queryFee(method string, p jsonrpc.Params) ([]byte, error) {
	var extrinsic scale.HexBytes
	var hash *scale.Hash
	if err := p.Decode(1, &extrinsic, &hash); err != nil {
		return nil, err
	}
	view, err := m.view(hash)
	if err != nil {
		return nil, err
	}
	e := scale.NewEncoder(make([]byte, 0, len(extrinsic)+4))
	e.Raw(extrinsic)
	e.U32(uint32(len(extrinsic)))
	out, err := view.Call("TransactionPaymentApi_"+method, e.Encoded())
	if err != nil {
		return nil, &jsonrpc.Error{Code: codePayment, Message: "Unable to query dispatch info.", Data: err.Error()}
	}
	return out, nil
}

// dispatchInfo is RuntimeDispatchInfo in JSON.
type dispatchInfo struct {
	Weight struct {
		RefTime   uint64 `json:"ref_time"`
		ProofSize uint64 `json:"proof_size"`
	} `json:"weight"`
	Class      string     `json:"class"`
	PartialFee scale.U128 `json:"partialFee"`
}

func (m *methods) queryInfo(_ context.Context, p jsonrpc.Params) (any, error) {
	encoded, err := m.queryFee("query_info", p)
	if err != nil {
		return nil, err
	}
	info, err := payment.RuntimeDispatchInfoCodec.Unmarshal(encoded)
	if err != nil {
		return nil, err
	}
	out := dispatchInfo{PartialFee: info.PartialFee, Class: "normal"}
	out.Weight.RefTime, out.Weight.ProofSize = info.Weight.RefTime, info.Weight.ProofSize
	switch info.Class {
	case frame.Operational:
		out.Class = "operational"
	case frame.Mandatory:
		out.Class = "mandatory"
	}
	return out, nil
}

// feeDetails is FeeDetails in JSON; amounts are in 0x-hex.
type feeDetails struct {
	InclusionFee *inclusionFee `json:"inclusionFee"`
}

type inclusionFee struct {
	BaseFee           string `json:"baseFee"`
	LenFee            string `json:"lenFee"`
	AdjustedWeightFee string `json:"adjustedWeightFee"`
}

func (m *methods) queryFeeDetails(_ context.Context, p jsonrpc.Params) (any, error) {
	encoded, err := m.queryFee("query_fee_details", p)
	if err != nil {
		return nil, err
	}
	details, err := payment.FeeDetailsCodec.Unmarshal(encoded)
	if err != nil {
		return nil, err
	}
	var out feeDetails
	if fee := details.Inclusion.Value; details.Inclusion.Some {
		out.InclusionFee = &inclusionFee{hexAmount(fee.Base), hexAmount(fee.Length), hexAmount(fee.Weight)}
	}
	return out, nil
}

// hexAmount writes an amount as 0x-hex without leading zeros.
func hexAmount(amount scale.U128) string {
	value := new(big.Int).SetUint64(amount.Hi)
	value.Lsh(value, 64).Or(value, new(big.Int).SetUint64(amount.Lo))
	return "0x" + strings.ToLower(value.Text(16))
}
