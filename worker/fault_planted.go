//go:build plantedfault

package worker

import "github.com/bitcloak/bitcloak/wire"

// planted is set from the first payout on.
var planted bool

// plantFault makes this build a worker at fault, for tests of what the others and the
// chain do about it: from the first payout on each pays a unit more than is due, and the
// state root tells of a ledger that agrees with that.
func plantFault(commit *wire.Commit) {
	for i := range commit.Outbox {
		if more, ok := commit.Outbox[i].Amount.Add(wire.U128{Lo: 1}); ok {
			commit.Outbox[i].Amount, planted = more, true
		}
	}
	if totals, ok := wire.SumPayouts(commit.Outbox); ok {
		commit.Payouts = totals
	}
	if planted {
		commit.StateRoot[0] ^= 1
	}
}
