package runtime

import (
	"math"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Sources of a transaction, numbered as sp_runtime's TransactionSource. The answer
// does not depend on it.
const (
	SourceInBlock  uint8 = 0
	SourceLocal    uint8 = 1
	SourceExternal uint8 = 2
)

// ValidateTransaction says whether an extrinsic could be in the block after the one
// with this hash, on whose state the host stands. It leaves nothing in storage.
func (r *Runtime) ValidateTransaction(_ uint8, encoded []byte, block scale.Hash) (frame.ValidTransaction, *frame.TransactionValidityError) {
	c := r.context
	c.Host.Begin()
	defer c.Host.Rollback()
	// As the next block: an extrinsic may be born in the one that is now the best.
	system.Initialize(c, &header.Header{Number: system.Number(c) + 1, ParentHash: block})
	x, invalid := r.decode(encoded)
	if invalid != nil {
		return frame.ValidTransaction{}, invalid
	}
	if x.call.Declaration().Inherent {
		return frame.ValidTransaction{}, frame.InvalidMandatory
	}
	if invalid := system.CheckLimits(x.info, x.length); invalid != nil {
		return frame.ValidTransaction{}, invalid
	}
	if !x.Signed {
		return x.call.ValidateBare(c)
	}
	return r.validateSigned(&x)
}

func (r *Runtime) validateSigned(x *decoded) (frame.ValidTransaction, *frame.TransactionValidityError) {
	account, _ := x.Address.Account()
	expected := system.Account(r.context, account).Nonce
	who, _, invalid := r.checkSigned(x, system.AllowFuture)
	if invalid != nil {
		return frame.ValidTransaction{}, invalid
	}
	valid := frame.ValidTransaction{
		Priority:  priority(x),
		Provides:  [][]byte{nonceTag(who, x.Nonce)},
		Longevity: math.MaxUint64,
		Propagate: true,
	}
	if x.Nonce > expected {
		valid.Requires = [][]byte{nonceTag(who, x.Nonce-1)}
	}
	if !x.Era.IsImmortal() {
		current := uint64(system.Number(r.context))
		valid.Longevity = x.Era.Death(current) - current
	}
	return valid, nil
}

// nonceTag is the tag by which extrinsics of one account follow each other.
func nonceTag(who scale.AccountID, nonce uint32) []byte {
	e := scale.NewEncoder(make([]byte, 0, 36))
	e.Raw(who[:])
	e.U32(nonce)
	return e.Encoded()
}

// priority is the tip that a block full of such extrinsics would bring, as in
// pallet_transaction_payment: what pays more for the room it takes goes first.
func priority(x *decoded) uint64 {
	limit := system.MaxBlockWeight()
	byTime := limit.RefTime / max(1, min(x.info.Weight.RefTime, limit.RefTime))
	maxLength := uint64(system.MaxBlockLength(x.info.Class))
	byLength := maxLength / max(1, min(uint64(x.length), maxLength))
	tip, ok := x.Tip.Add(scale.U128From(1))
	if !ok {
		return math.MaxUint64
	}
	total, ok := tip.Mul(min(byTime, byLength))
	if p, fits := total.Uint64(); ok && fits {
		return p
	}
	return math.MaxUint64
}
