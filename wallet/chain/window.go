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
	commits map[uint64]wire.LastCommit
	lowest  uint32 // number of the lowest block
	oldest  uint64 // index of the oldest commit
}

type block struct {
	id     light.BlockID
	header header.Header
	time   time.Time
}

func newWindow() window {
	return window{blocks: map[uint32]block{}, commits: map[uint64]wire.LastCommit{}}
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

func (w *window) addCommit(commit wire.LastCommit) {
	if len(w.commits) == 0 {
		w.oldest = commit.Checkpoint
	}
	w.commits[commit.Checkpoint] = commit
	for len(w.commits) > windowSize {
		delete(w.commits, w.oldest)
		w.oldest++
	}
}
