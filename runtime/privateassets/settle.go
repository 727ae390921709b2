package privateassets

import (
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// settlement is what a commit changes of one asset.
type settlement struct {
	asset  uint32
	passed scale.U128 // deposits that the commit passes
	out    scale.U128 // payouts
	next   wire.Counters
}

// settlements holds one entry an asset; at finds them, and is never ranged over.
type settlements struct {
	list []settlement
	at   map[uint32]int
}

func (s *settlements) of(asset uint32) *settlement {
	at, known := s.at[asset]
	if !known {
		at = len(s.list)
		s.at[asset] = at
		s.list = append(s.list, settlement{asset: asset})
	}
	return &s.list[at]
}

// Settle does to custody what an accepted commit decides: it passes the deposits
// up to inboxCount and executes the outbox, whose first message has the number
// first. It checks everything, then writes: after an error nothing has changed.
// The caller sees to it that inboxCount and first only ever continue (I4).
func Settle(c *frame.Context, inboxCount, first uint64, outbox []wire.OutboxMessage) error {
	payouts, ok := wire.SumPayouts(outbox)
	if !ok {
		return ErrPayout
	}
	changes := settlements{at: make(map[uint32]int)}
	from := firstDeposit.Get(c)
	until, err := sumPassed(c, &changes, from, inboxCount)
	if err != nil {
		return err
	}
	for _, total := range payouts {
		changes.of(total.First).out = total.Second
	}
	for i := range changes.list {
		change := &changes.list[i]
		// I2: L' = L + (D[c] - D[c0]) - out, computed here and refused if negative.
		if change.next, ok = afterCommit(counters.Get(c, change.asset), change.passed, change.out); !ok {
			return ErrInsolvent
		}
	}
	for _, change := range changes.list {
		counters.Set(c, change.asset, change.next)
	}
	for id := from; id < until; id++ {
		deposits.Remove(c, id) // I4: passed once
		depositCommitted.Deposit(c, id)
	}
	if until != from {
		firstDeposit.Set(c, until)
	}
	for i := range outbox {
		execute(c, first+uint64(i), &outbox[i])
	}
	return nil
}

// sumPassed adds up the deposits that a commit passes, and gives the identifier of
// the first that it does not. A commit answers one block, so there are at most
// maxBlockDeposits of them.
func sumPassed(c *frame.Context, changes *settlements, from, inboxCount uint64) (until uint64, err error) {
	for until = from; until-from <= uint64(maxBlockDeposits); until++ {
		d, exists := deposits.Find(c, until)
		if !exists || d.Message > inboxCount {
			return until, nil
		}
		change := changes.of(d.Asset)
		var ok bool
		if change.passed, ok = change.passed.Add(d.Amount); !ok {
			return until, ErrInsolvent
		}
	}
	panic("privateassets: I2 is broken: one checkpoint passes more deposits than a block takes")
}

// execute makes one payout, or leaves it for its owner to claim (I9). A payout to the custody
// account itself counts as one that failed: transferred from custody to custody it would
// leave the counters and be an ignored surplus for ever, while queued it stays backed (I2). The
// contract refuses such withdrawals; a commit is not refused for one, for that would stop
// all others' payouts.
func execute(c *frame.Context, sequence uint64, message *wire.OutboxMessage) {
	event := payoutEvent{Sequence: sequence, To: message.To, Asset: message.Asset, Amount: message.Amount}
	current := counters.Get(c, message.Asset)
	if watch(c, message.Asset, &current) && payOut(c, message.Asset, message.To, message.Amount, current) == nil {
		paid.Deposit(c, event)
		return
	}
	owed, ok := claimable.Get(c, message.To, message.Asset).Add(message.Amount)
	if !ok {
		panic("privateassets: I2 is broken: more is claimable than custody can hold")
	}
	claimable.Set(c, message.To, message.Asset, owed)
	payoutFailed.Deposit(c, event)
}

// payOut moves a queued amount out of custody, to another account than custody's own. After
// an error nothing has changed.
func payOut(c *frame.Context, asset uint32, to scale.AccountID, amount scale.U128, current wire.Counters) error {
	next, ok := afterPayout(current, amount)
	if !ok {
		panic("privateassets: I2 is broken: a payout was not queued")
	}
	if to == wire.CustodyAccount {
		return ErrToCustody
	}
	if err := assets.Transfer(c, asset, wire.CustodyAccount, to, amount, balances.KeepAlive); err != nil {
		return err
	}
	counters.Set(c, asset, next)
	return nil
}

// covered reports whether custody holds at least what its counter says. A surplus
// is ignored (I2). An asset that is covered again is no longer suspended.
func covered(c *frame.Context, asset uint32, current *wire.Counters) bool {
	if assets.Balance(c, asset, wire.CustodyAccount).Less(current.Custody) {
		return false
	}
	if suspended.Get(c, asset) {
		suspended.Remove(c, asset)
		assetResumed.Deposit(c, asset)
	}
	return true
}

// watch is covered, and suspends the asset, and it alone, if it is not (I2).
func watch(c *frame.Context, asset uint32, current *wire.Counters) bool {
	if covered(c, asset, current) {
		return true
	}
	if !suspended.Get(c, asset) {
		suspended.Set(c, asset, true)
		assetSuspended.Deposit(c, asset)
	}
	return false
}
