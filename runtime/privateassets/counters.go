package privateassets

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// afterDeposit is the counters of I2 after a deposit; ok is false if they would overflow.
func afterDeposit(k wire.Counters, amount scale.U128) (next wire.Counters, ok bool) {
	next = k
	if next.Deposited, ok = k.Deposited.Add(amount); !ok {
		return k, false
	}
	if next.Custody, ok = k.Custody.Add(amount); !ok { // I2: custody and D grow alike
		return k, false
	}
	return next, true
}

// afterCommit is the counters after a commit that passes deposits of the amount passed
// and pays out an amount out: L' = L + passed - out. ok is false if L' would be
// negative: the contract would pay more than it has.
func afterCommit(k wire.Counters, passed, out scale.U128) (next wire.Counters, ok bool) {
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

// afterPayout is the counters after a queued payout was made; ok is false if less was queued.
func afterPayout(k wire.Counters, amount scale.U128) (next wire.Counters, ok bool) {
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
func backed(k *wire.Counters) bool {
	sum, ok := k.Deposited.Sub(k.DepositedAtCommit)
	for _, part := range []scale.U128{k.Liabilities, k.Queued, k.Shielded} {
		if ok {
			sum, ok = sum.Add(part)
		}
	}
	return ok && sum == k.Custody
}
