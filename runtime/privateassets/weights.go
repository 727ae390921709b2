package privateassets

import (
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
)

// Weights: what each call reads and writes at most, and its own arithmetic.
const (
	handlerTime = 5 * frame.Microsecond
	// sealTime hashes the longest beneficiary into the inbox.
	sealTime = 10 * frame.Microsecond
)

var (
	// Pause, minimum balance, counters, coverage (two), suspension, the block's
	// count, identifier, deposit, the transfer; the inbox: hash, messages, block,
	// count. A deposit pays here for being passed by its commit: the commit reads
	// and removes it and writes counters. At most MaxBlockDeposits do so at once.
	weightDeposit = frame.Access(16, 10).Plus(frame.Work(handlerTime + sealTime)).Plus(assets.TransferWeight())
	// Claimable, counters, coverage (two), suspension, the transfer.
	weightClaim = frame.Access(5, 3).Plus(frame.Work(handlerTime)).Plus(assets.TransferWeight())
	weightPause = frame.Access(0, 1).Plus(frame.Work(handlerTime))
)

// SettleWeight is what Settle costs for an outbox of so many messages. The deposits
// that it passes were paid for when they were made.
func SettleWeight(messages int) frame.Weight {
	return frame.Access(2, 1).Plus(weightClaim.Times(uint64(messages)))
}
