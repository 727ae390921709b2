package confidential

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// What tryState finds.
var (
	ErrFold        = errors.New("confidential: I5 is broken: the block's messages do not fold to the inbox, or do not start with its Block message")
	ErrCheckpoints = errors.New("confidential: I4 is broken: checkpoints without a commit have gaps, or inboxes that do not grow")
	ErrWorkers     = errors.New("confidential: workers are too many, share a platform, are retired, or run what is not allowed")
	ErrVotes       = errors.New("confidential: a vote is counted of a worker that is not registered")
	ErrMarkets     = errors.New("confidential: the count of markets is wrong")
	ErrEpochs      = errors.New("confidential: an epoch has contract keys, votes or a start that it should not have")
)

// tryState checks what the pallet promises of its state, at the end of a block.
func tryState(c *frame.Context) error {
	for _, check := range [...]func(*frame.Context) error{
		tryCheckpoints, tryFold, tryWorkers, tryVotes, tryMarkets, tryEpochs,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// tryCheckpoints: exactly those after the last commit are there, in order.
func tryCheckpoints(c *frame.Context) error {
	first, last := due(c)
	end := checkpointCount.Get(c)
	before := last.Inbox.Count
	for index := first; index < end; index++ {
		checkpoint, exists := checkpoints.Find(c, index)
		if !exists || checkpoint.Index != index || checkpoint.Inbox.Count <= before {
			return ErrCheckpoints
		}
		before = checkpoint.Inbox.Count
	}
	stored := uint64(0)
	for range checkpoints.All(c) {
		stored++
	}
	if first > end || stored != end-first {
		return ErrCheckpoints
	}
	return nil
}

// tryFold folds the block's messages again (I5).
func tryFold(c *frame.Context) error {
	before := wire.Inbox{}
	if count := checkpointCount.Get(c); count > 0 {
		if latest, exists := checkpoints.Find(c, count-1); exists {
			before = latest.Inbox
		} else {
			before = lastCommit.Get(c).Inbox
		}
	}
	messages := blockMessages.Get(c)
	block, open := openBlock.Find(c)
	if open != (len(messages) > 0) || open && block.Before != before.Count {
		return ErrFold
	}
	for i, message := range messages {
		if (message.Kind == wire.MessageBlock) != (i == 0) {
			return ErrFold
		}
		before = before.Fold(wire.InboxMessageCodec.Marshal(message))
	}
	if before != inbox.Get(c) || open && block.Number != messages[0].Block.Number || block.Number > system.Number(c) {
		return ErrFold
	}
	return nil
}

func tryWorkers(c *frame.Context) error {
	seen := make(map[scale.Hash]bool)
	for key, worker := range workers.All(c) {
		if seen[worker.Platform] || retired.Exists(c, key) || !measurements.Get(c, worker.Measurement) || !platforms.Get(c, worker.Platform) {
			return ErrWorkers
		}
		seen[worker.Platform] = true
	}
	if len(seen) > int(maxWorkers) {
		return ErrWorkers
	}
	return nil
}

func tryVotes(c *frame.Context) error {
	cast := commitVotes.Get(c)
	for epoch, votes := range keyVotes.All(c) {
		if current := epochs.Get(c).Index; contractKeys.Exists(c, epoch) || epoch < current || epoch > current+1 {
			return ErrEpochs
		}
		cast = append(cast, votes...)
	}
	for epoch, votes := range snapshotVotes.All(c) {
		current, announced := epochs.Get(c).Index, snapshots.Get(c)
		if epoch+1 < current || epoch > current || snapshots.Exists(c) && epoch <= announced.Epoch {
			return ErrEpochs
		}
		cast = append(cast, votes...)
	}
	for _, vote := range cast {
		if !workers.Exists(c, vote.Worker) {
			return ErrVotes
		}
	}
	return nil
}

func tryMarkets(c *frame.Context) error {
	count := uint32(0)
	for id, market := range markets.All(c) {
		if market.ID != id || market.Check() != nil {
			return ErrMarkets
		}
		count++
	}
	if count != marketCount.Get(c) {
		return ErrMarkets
	}
	return nil
}

// tryEpochs: keys of the previous, the current and the next epoch at most.
func tryEpochs(c *frame.Context) error {
	current := epochs.Get(c).Index
	for epoch := range contractKeys.All(c) {
		if epoch+1 < current || epoch > current+1 {
			return ErrEpochs
		}
	}
	for epoch := range epochStarts.All(c) {
		if epoch > current {
			return ErrEpochs
		}
	}
	return nil
}
