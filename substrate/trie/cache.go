package trie

import (
	"bytes"
	"math"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// recentRoots is how many commits back a root's trie stays in memory as far
	// as it was, and can be opened without reading the store.
	recentRoots = 16
	// maxCachedValue is the size in bytes up to which detached values are kept
	// in memory; larger ones are few and seldom read.
	maxCachedValue = 1024
	// Estimates, in bytes: what a node and each of its children take beside keys
	// and values, and what a detached value takes, loaded or not.
	nodeOverhead     = 160
	childOverhead    = 56
	detachedOverhead = 128
	// minSweep is up to how many cells a ring is left as it is.
	minSweep = 1024
)

// Cache keeps the nodes of recent tries over one store decoded in memory, up to
// a number of bytes. It may be used concurrently and by many tries.
//
// A clock hand goes around the nodes and forgets those not read since its last
// visit. Forgetting a node means that the next who needs it loads it again.
type Cache struct {
	lock     sync.Mutex
	ring     []*cell
	hand     int
	size     int
	capacity int
	sweepAt  int // cells in the ring at which those of forgotten nodes are taken out

	commits   [recentRoots]commitTrace // a ring, like opened
	committed int
	opened    [recentRoots]child
	opens     int
}

// commitTrace is what a commit left behind in the cache.
type commitTrace struct {
	root     child
	replaced []*cell
}

// NewCache makes a cache of about capacity bytes.
func NewCache(capacity int) *Cache { return &Cache{capacity: capacity} }

// root is a reference to a root: the one that others use, if it is recent.
func (c *Cache) root(hash scale.Hash) child {
	if c == nil {
		return child{hash: hash}
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	for i := range c.commits {
		if c.commits[i].root.hash == hash {
			return c.commits[i].root
		}
	}
	for i := range c.opened {
		if c.opened[i].hash == hash {
			return c.opened[i]
		}
	}
	root := child{hash: hash, cell: &cell{}}
	c.opened[c.opens%recentRoots] = root
	c.opens++
	return root
}

// commit makes a committed root known, and forgets the nodes that the oldest
// recent commit replaced.
func (c *Cache) commit(root child, replaced []*cell) {
	if c == nil {
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	oldest := &c.commits[c.committed%recentRoots]
	c.committed++
	for _, at := range oldest.replaced {
		c.forget(at) // the hand takes the cell from the ring when it comes by, or sweep does
	}
	*oldest = commitTrace{root: root, replaced: replaced}
}

// keep puts a loaded or committed node into its cell. Of two that were loaded at
// the same time, the first stays.
func (c *Cache) keep(at *cell, n *node) *node {
	c.lock.Lock()
	defer c.lock.Unlock()
	if first := at.node.Load(); first != nil && first != n {
		return first
	}
	if !at.listed {
		if len(c.ring) >= max(c.sweepAt, minSweep) {
			c.sweep()
		}
		at.listed = true
		c.ring = append(c.ring, at)
	}
	at.node.Store(n)
	at.used.Store(1)
	c.size -= int(at.size)
	at.size = n.memory()
	c.size += int(at.size)
	for c.size > c.capacity && len(c.ring) > 1 {
		c.advance()
	}
	return n
}

// sweep takes the cells of forgotten nodes out of the ring: as long as everything has room the hand stands still, while each
// commit forgets nodes. It happens again when the ring has doubled, so a cell is looked at twice on average.
func (c *Cache) sweep() {
	live := c.ring[:0]
	for _, at := range c.ring {
		if at.node.Load() != nil {
			live = append(live, at)
		} else {
			at.listed = false
		}
	}
	clear(c.ring[len(live):])
	c.ring, c.hand, c.sweepAt = live, 0, 2*len(live)
}

// advance moves the hand by one: it forgets a node, or gives it another round.
func (c *Cache) advance() {
	if c.hand >= len(c.ring) {
		c.hand = 0
	}
	at := c.ring[c.hand]
	if at.used.Swap(0) != 0 && at.node.Load() != nil {
		c.hand++
		return
	}
	c.forget(at)
	at.listed = false
	last := len(c.ring) - 1
	c.ring[c.hand], c.ring[last] = c.ring[last], nil
	c.ring = c.ring[:last]
}

func (c *Cache) forget(at *cell) {
	at.node.Store(nil)
	c.size -= int(at.size)
	at.size = 0
}

// ready prepares a decoded node for staying in memory: its children get cells,
// and a branch lets go of the encoding, most of which its children hold now.
func (n *node) ready() {
	if n.bitmap == 0 {
		return
	}
	n.partial, n.data = n.partial.clone(), bytes.Clone(n.data)
	cells := make([]cell, len(n.children))
	for i := range n.children {
		if n.children[i].cell == nil {
			n.children[i].cell = &cells[i]
		}
	}
}

// memory estimates how many bytes n takes in memory. A node that holds more than
// this type can count is one with a large inline value, of layout 0.
func (n *node) memory() uint16 {
	size := nodeOverhead + len(n.partial.packed) + len(n.data) + childOverhead*len(n.children)
	if n.kind == valueDetached {
		size += detachedOverhead
	}
	return uint16(min(size, math.MaxUint16))
}
