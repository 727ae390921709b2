package payment

import (
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Index of the pallet.
const Index = 11

var module = frame.NewModule("TransactionPayment", Index, "pallet_transaction_payment")

// Prices, in base units of CLOAK.
var (
	feePerTime = frame.NewConstant(module, "FeePerPicosecond", scale.U64, 1,
		"What a picosecond of weight costs, in base units.")
	feePerByte = frame.NewConstant(module, "FeePerByte", scale.U64, 1_000_000,
		"What a byte of an extrinsic costs, in base units.")
)

// Treasury is the account that fees go to.
var Treasury = frame.PalletAccount("btc/trsy")

// paid is the fields of TransactionFeePaid.
type paid struct {
	Who       scale.AccountID
	ActualFee scale.U128
	Tip       scale.U128
}

var feePaid = frame.NewEvent(module, 0, "TransactionFeePaid",
	"A transaction fee, tip included, has been paid by who.", scale.Struct("", "",
		scale.Field("who", scale.AccountIDCodec, func(p *paid) *scale.AccountID { return &p.Who }).TypeNamed("T::AccountId"),
		scale.Field("actual_fee", scale.U128Codec, func(p *paid) *scale.U128 { return &p.ActualFee }).TypeNamed("BalanceOf<T>"),
		scale.Field("tip", scale.U128Codec, func(p *paid) *scale.U128 { return &p.Tip }).TypeNamed("BalanceOf<T>")))

// Pallet is the pallet as a runtime composes it.
func Pallet() frame.Pallet { return frame.Pallet{Module: module} }

// WeightToFee is what a weight costs.
func WeightToFee(weight frame.Weight) scale.U128 {
	return product(weight.RefTime, feePerTime)
}

// LengthToFee is what so many bytes cost.
func LengthToFee(length uint32) scale.U128 { return product(uint64(length), feePerByte) }

// product cannot overflow: two 64-bit factors.
func product(a, b uint64) scale.U128 {
	p, _ := scale.U128From(a).Mul(b)
	return p
}

// InclusionFeeOf is what a signed extrinsic with this call and length pays before
// its tip.
func InclusionFeeOf(info frame.DispatchInfo, length uint32) InclusionFee {
	return InclusionFee{
		Base:   WeightToFee(system.BaseExtrinsic(info.Class)),
		Length: LengthToFee(length),
		Weight: WeightToFee(info.Weight),
	}
}

// Charge takes fee and tip from who and gives them to the treasury.
func Charge(c *frame.Context, who scale.AccountID, info frame.DispatchInfo, length uint32, tip scale.U128) (
	fee scale.U128, invalid *frame.TransactionValidityError) {
	inclusion := InclusionFeeOf(info, length)
	fee, ok := inclusion.Total().Add(tip)
	if !ok || balances.PayFee(c, who, Treasury, fee) != nil {
		return scale.U128{}, frame.InvalidPayment
	}
	return fee, nil
}

// NotePaid records the fee that an extrinsic paid, once it has run.
func NotePaid(c *frame.Context, who scale.AccountID, fee, tip scale.U128) {
	feePaid.Deposit(c, paid{Who: who, ActualFee: fee, Tip: tip})
}
