package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/wire"
)

// Bounds of an epoch, in milliseconds: a second, a year.
const (
	minEpochDuration = 1_000
	maxEpochDuration = 365 * 24 * 3_600_000
)

// advanceEpoch gives the epoch of the checkpoint that opens now. The first epoch
// starts with the first checkpoint; a next one when the current is over and the
// next one's key is announced, so that there is never an epoch without a key.
func advanceEpoch(c *frame.Context, now uint64) uint32 {
	current := epochs.Get(c)
	switch {
	case current.StartedAt == 0:
	case now-current.StartedAt < epochDuration.Get(c) || !contractKeys.Exists(c, current.Index+1):
		return current.Index
	default:
		current.Index++
	}
	current.StartedAt = now
	epochs.Set(c, current)
	epochStarts.Set(c, current.Index, checkpointCount.Get(c))
	if current.Index >= 1 {
		keyVotes.Remove(c, current.Index-1)
	}
	// Keys of the epoch before stay: what was sealed to it is still honoured. So do votes for
	// its snapshot.
	if current.Index >= 2 {
		snapshotVotes.Remove(c, current.Index-2)
		contractKeys.Remove(c, current.Index-2)
	}
	epochStarted.Deposit(c, current.Index)
	return current.Index
}

// inEpoch reports whether the checkpoint lies in the epoch.
func inEpoch(c *frame.Context, checkpoint uint64, epoch uint32) bool {
	first, started := epochStarts.Find(c, epoch)
	if !started || checkpoint < first {
		return false
	}
	next, over := epochStarts.Find(c, epoch+1)
	return !over || checkpoint < next
}

// forgetEpochs removes the start of the epoch before the one just committed to: no
// checkpoint of it is left.
func forgetEpochs(c *frame.Context, commit *wire.Commit) {
	if commit.Epoch > 0 && epochStarts.Get(c, commit.Epoch) == commit.Checkpoint {
		epochStarts.Remove(c, commit.Epoch-1)
	}
}
