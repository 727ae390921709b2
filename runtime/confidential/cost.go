package confidential

import (
	"math"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// What an envelope cost its sender, in base units of CLOAK. The contract lets the account
// whose envelope it is refund as much to the relay that sent it, so it must be what was
// paid, and over all envelopes of an extrinsic never more (a relay would gain by it):
//
//	own(e) = LengthToFee(len(e) + size of its length prefix) + WeightToFee(envelopeTime + len(e) * byteTime)
//	fee(e) = own(e) + floor((inclusion fee - sum of own over all n envelopes) / n)
//
// The inclusion fee is base, length and weight of the whole extrinsic, without the tip.
// Prices are linear, so a command and an opening have one own cost each, whatever is
// beside them. Refused envelopes count in the sum and in n: their part, as what is lost
// by rounding, stays with the sender.

// ownCost is the part of the inclusion fee that goes with this envelope alone.
func ownCost(envelope []byte) scale.U128 {
	size := uint64(len(envelope))
	length := payment.LengthToFee(uint32(size) + uint32(scale.CompactSize(size)))
	return plus(length, payment.WeightToFee(weighEnvelope(size)))
}

// sharedCost is each envelope's part of the rest. It is zero where no fee is paid: outside
// of an extrinsic.
func sharedCost(c *frame.Context, args *batch) scale.U128 {
	info := frame.DispatchInfo{Weight: weighSubmit(args)} // as the call is declared: Normal, pays
	rest := payment.InclusionFeeOf(info, c.Length()).Total()
	for _, envelope := range args.Envelopes {
		var ok bool
		if rest, ok = rest.Sub(ownCost(envelope)); !ok {
			return scale.U128{}
		}
	}
	share, _, _ := rest.DivMod(uint64(len(args.Envelopes))) // submit has refused an empty batch
	return share
}

// plus adds costs, which are products of 64-bit factors: two never overflow.
func plus(a, b scale.U128) scale.U128 {
	sum, _ := a.Add(b)
	return sum
}

// saturated is the cost in 64 bits. A block's whole weight and length cost less.
func saturated(cost scale.U128) uint64 {
	if v, fits := cost.Uint64(); fits {
		return v
	}
	return math.MaxUint64
}
