package privateassets

import "github.com/bitcloak/bitcloak/substrate/scale"

// Counters is I2 of one asset, in base units.
type Counters struct {
	Deposited         scale.U128 // D: all deposits so far
	DepositedAtCommit scale.U128 // D[c0]: those that the last commit has passed
	Liabilities       scale.U128 // L: what the contract's ledger holds since the last commit
	Queued            scale.U128 // Q: payouts accepted and not made: claimable
	Shielded          scale.U128 // S: the shielded pool; zero until there is one
	Custody           scale.U128 // what custody must hold
}

var countersCodec = scale.Struct("bitcloak_private_assets::Counters", "",
	scale.Field("deposited", scale.U128Codec, func(k *Counters) *scale.U128 { return &k.Deposited }),
	scale.Field("deposited_at_commit", scale.U128Codec, func(k *Counters) *scale.U128 { return &k.DepositedAtCommit }),
	scale.Field("liabilities", scale.U128Codec, func(k *Counters) *scale.U128 { return &k.Liabilities }),
	scale.Field("queued", scale.U128Codec, func(k *Counters) *scale.U128 { return &k.Queued }),
	scale.Field("shielded", scale.U128Codec, func(k *Counters) *scale.U128 { return &k.Shielded }),
	scale.Field("custody", scale.U128Codec, func(k *Counters) *scale.U128 { return &k.Custody }))

// deposit is the counters after a deposit; ok is false if they would overflow.
func (k Counters) deposit(amount scale.U128) (next Counters, ok bool) {
	next = k
	if next.Deposited, ok = k.Deposited.Add(amount); !ok {
		return k, false
	}
	if next.Custody, ok = k.Custody.Add(amount); !ok { // I2: custody and D grow alike
		return k, false
	}
	return next, true
}

// commit is the counters after a commit that passes deposits of the amount passed
// and pays out an amount out: L' = L + passed - out. ok is false if L' would be
// negative: the contract would pay more than it has.
func (k Counters) commit(passed, out scale.U128) (next Counters, ok bool) {
	next = k
	if next.DepositedAtCommit, ok = k.DepositedAtCommit.Add(passed); !ok {
		return k, false
	}
	if next.Liabilities, ok = k.Liabilities.Add(passed); !ok {
		return k, false
	}
	if next.Liabilities, ok = next.Liabilities.Sub(out); !ok { // I2: refused, not clamped
		return k, false
	}
	if next.Queued, ok = k.Queued.Add(out); !ok { // I2: what leaves L is queued
		return k, false
	}
	return next, true
}

// pay is the counters after a queued payout was made; ok is false if less was queued.
func (k Counters) pay(amount scale.U128) (next Counters, ok bool) {
	next = k
	if next.Queued, ok = k.Queued.Sub(amount); !ok {
		return k, false
	}
	if next.Custody, ok = k.Custody.Sub(amount); !ok { // I2: custody and Q shrink alike
		return k, false
	}
	return next, true
}

// backed reports whether I2 holds: custody = L + (D - D[c0]) + Q + S.
func (k Counters) backed() bool {
	sum, ok := k.Deposited.Sub(k.DepositedAtCommit)
	for _, part := range []scale.U128{k.Liabilities, k.Queued, k.Shielded} {
		if ok {
			sum, ok = sum.Add(part)
		}
	}
	return ok && sum == k.Custody
}
