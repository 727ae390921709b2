package privateassets

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// What tryState finds.
var (
	ErrBacking   = errors.New("privateassets: I2 is broken: custody is not L + (D - D[c0]) + Q + S")
	ErrShortfall = errors.New("privateassets: I2 is broken: custody holds less than its counter and the asset is not suspended")
	ErrPending   = errors.New("privateassets: I2 is broken: the pending deposits are not D - D[c0]")
	ErrQueue     = errors.New("privateassets: I9 is broken: what is claimable is not what is queued")
	ErrDeposits  = errors.New("privateassets: I4 is broken: pending deposits have gaps, or their messages do not ascend")
)

// tryState recounts I2 for every asset from deposits and claims.
func tryState(c *frame.Context) error {
	pending, err := sumPending(c)
	if err != nil {
		return err
	}
	queued := make(map[uint32]scale.U128)
	for key, amount := range claimable.All(c) {
		if amount.IsZero() || !add(queued, key.Second, amount) {
			return ErrQueue
		}
	}
	for asset, k := range counters.All(c) {
		waiting, _ := k.Deposited.Sub(k.DepositedAtCommit)
		held := assets.Balance(c, asset, wire.CustodyAccount)
		switch {
		case !backed(&k):
			return ErrBacking
		case waiting != pending[asset]:
			return ErrPending
		case k.Queued != queued[asset]:
			return ErrQueue
		case held.Less(k.Custody) && !suspended.Get(c, asset):
			return ErrShortfall
		}
		delete(pending, asset)
		delete(queued, asset)
	}
	if len(pending) != 0 {
		return ErrPending
	}
	if len(queued) != 0 {
		return ErrQueue
	}
	return nil
}

// sumPending adds up the deposits that no commit has passed, by asset.
func sumPending(c *frame.Context) (map[uint32]scale.U128, error) {
	sums := make(map[uint32]scale.U128)
	message, count := uint64(0), uint64(0)
	first, next := firstDeposit.Get(c), nextDeposit.Get(c)
	for id := first; id < next; id++ {
		d, exists := deposits.Find(c, id)
		if !exists || id != first && d.Message <= message {
			return nil, ErrDeposits
		}
		if !add(sums, d.Asset, d.Amount) {
			return nil, ErrPending
		}
		message = d.Message
	}
	for range deposits.All(c) {
		count++
	}
	if count != next-first {
		return nil, ErrDeposits
	}
	return sums, nil
}

func add(sums map[uint32]scale.U128, asset uint32, amount scale.U128) bool {
	sum, ok := sums[asset].Add(amount)
	sums[asset] = sum
	return ok
}
