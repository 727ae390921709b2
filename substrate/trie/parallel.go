package trie

import (
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// sharedBatch is how many changes below one branch are worth more goroutines.
	sharedBatch = 256
	// sharedLevels is how many branchings from the root hashing is shared at.
	sharedLevels = 2
)

// workers holds a token for each goroutine that is running; a nil one allows none.
type workers chan struct{}

// newWorkers allows count goroutines to work, the calling one among them.
func newWorkers(count int) workers {
	if count <= 1 {
		return nil
	}
	return make(workers, count-1)
}

// start runs work in a goroutine if one is allowed, else at once.
func (w workers) start(running *sync.WaitGroup, work func()) {
	select {
	case w <- struct{}{}:
		running.Go(func() {
			work()
			<-w
		})
	default:
		work()
	}
}

// worthSharing reports whether the changes go to several children and are many.
func (b *batch) worthSharing(changes []Change, depth int) bool {
	if b.workers == nil || len(changes) < sharedBatch {
		return false
	}
	_, size := group(changes, depth)
	return size < len(changes)
}

// part is the changes below one child, and what became of them.
type part struct {
	batch   batch
	nibble  byte
	changes []Change
	sub     child
	result  outcome
	err     error
}

// shareOut is the parallel form of the loop in descend.
func (b *batch) shareOut(c child, n *node, depth int, changes []Change) (*node, error) {
	var parts []*part
	for len(changes) > 0 {
		nibble, size := group(changes, depth)
		parts = append(parts, &part{
			batch:   batch{trie: b.trie, origin: b.origin, workers: b.workers},
			nibble:  nibble,
			changes: changes[:size],
		})
		changes = changes[size:]
	}
	var running sync.WaitGroup
	for _, p := range parts {
		b.workers.start(&running, func() {
			p.sub, p.result, p.err = p.batch.step(n, p.nibble, depth, p.changes)
		})
	}
	running.Wait()
	// In the order of the nibbles, so that what is reported has one order.
	for _, p := range parts {
		if p.err != nil {
			return nil, p.err
		}
		b.removed = append(b.removed, p.batch.removed...)
		b.replaced = append(b.replaced, p.batch.replaced...)
		n = b.attach(c, n, p.nibble, p.sub, p.result)
	}
	return n, nil
}

// hashShared is hashNode with the children of the first branchings hashed in
// parallel.
func hashShared(w workers, levels int, c *child, isRoot bool) {
	var encoder scale.Encoder
	if levels == 0 || !c.unhashed() {
		hashNode(&encoder, c, isRoot)
		return
	}
	var children []*child
	c.held().changedChildren(func(below *child) { children = append(children, below) })
	if len(children) > 1 {
		levels--
	}
	var running sync.WaitGroup
	for _, below := range children {
		w.start(&running, func() { hashShared(w, levels, below, false) })
	}
	running.Wait()
	hashNode(&encoder, c, isRoot)
}
