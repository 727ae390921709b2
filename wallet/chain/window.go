package chain

import (
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/wire"
)

// windowSize is how many of the last blocks and commits are remembered.
const windowSize = 4096

// window remembers proven blocks and the commits seen in their state. Blocks between two heads are proven by their hashes; their
// time is that of the head above them, at most one step late.
type window struct {
	blocks  map[uint32]block
	commits map[uint64]seenCommit
	lowest  uint32 // number of the lowest block
	oldest  uint64 // index of the oldest commit
}

type block struct {
	id     light.BlockID
	header header.Header
	time   time.Time
}

// seenCommit is a commit and a block in whose state it is the last one.
type seenCommit struct {
	commit wire.LastCommit
	block  uint32
}

func newWindow() window {
	return window{blocks: map[uint32]block{}, commits: map[uint64]seenCommit{}}
}

func (w *window) add(b block) {
	if _, follows := w.blocks[b.id.Number-1]; !follows { // the first, or after a gap
		clear(w.blocks)
		w.lowest = b.id.Number
	}
	w.blocks[b.id.Number] = b
	for len(w.blocks) > windowSize {
		delete(w.blocks, w.lowest)
		w.lowest++
	}
}

func (w *window) addCommit(commit wire.LastCommit, block uint32) {
	if len(w.commits) == 0 || commit.Checkpoint < w.oldest {
		w.oldest = commit.Checkpoint
	}
	if _, known := w.commits[commit.Checkpoint]; known {
		return
	}
	w.commits[commit.Checkpoint] = seenCommit{commit: commit, block: block}
	for len(w.commits) > windowSize {
		delete(w.commits, w.oldest)
		w.oldest++
	}
}

// around gives the last block known to be before a commit and the first known to be after it; both zero if that is not known.
func (w *window) around(checkpoint uint64) (from, to uint32) {
	for _, seen := range w.commits {
		switch {
		case seen.commit.Checkpoint < checkpoint && seen.block > from:
			from = seen.block
		case seen.commit.Checkpoint > checkpoint && (to == 0 || seen.block < to):
			to = seen.block
		}
	}
	if from == 0 {
		return 0, 0
	}
	return from, to
}
