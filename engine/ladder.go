package engine

import "math/bits"

// level is one price of one side of one market.
type level struct {
	key    uint64 // see keyOf
	head   uint32 // the longest waiting order
	tail   uint32
	count  uint32
	leaf   uint32 // the ladder node it hangs in; of a free level: the next free one
	market MarketID
	side   Side
	stale  bool // its cached hash is out of date
}

const (
	digitBits = 4
	digits    = 1 << digitBits
)

// node is a node of a ladder: children by four bits of the key. In a leaf (shift 0) they are levels, elsewhere nodes.
type node struct {
	prefix   uint64 // any key below the node; its bits above the node's digit count
	parent   uint32 // of a free node: the next free one
	bitmap   uint16 // which children there are
	shift    uint8
	children [digits]uint32
}

// ladder is one side of a market: its levels by key, best first, in a radix tree whose inner nodes all have two
// children or more, so it is at most sixteen nodes deep and no larger than twice its levels.
type ladder struct {
	root  uint32
	best  uint32 // the level with the lowest key; 0 in an empty ladder
	count uint32
}

// ladders is the pool from which all ladders of an engine take levels and nodes.
type ladders struct {
	levels    arena[level]
	hashes    arena[[32]byte] // of the levels at the same positions, valid where the level is not stale
	nodes     arena[node]
	freeLevel uint32 // linked by leaf
	freeNode  uint32 // linked by parent
}

func newLadders() ladders {
	return ladders{levels: newArena[level](), hashes: newArena[[32]byte](), nodes: newArena[node]()}
}

// keyOf turns a price into a key that is lower the better the price is for the other side: asks count up from the
// lowest, bids down from the highest. Applied to a key, it gives the price back.
func keyOf(side Side, price Price) uint64 {
	return uint64(price) ^ (uint64(side) - 1)
}

func (l *level) price() Price { return Price(keyOf(l.side, Price(l.key))) }

// covers tells whether a key belongs below the node.
func (n *node) covers(key uint64) bool { return (key^n.prefix)>>(n.shift&63)>>digitBits == 0 }

func (n *node) slot(key uint64) uint64 { return key >> (n.shift & 63) % digits }

// find returns the level at a key below a root, or 0.
func (p *ladders) find(at uint32, key uint64) uint32 {
	for at != 0 {
		n := p.nodes.at(at)
		if !n.covers(key) {
			return 0
		}
		at = n.children[n.slot(key)]
		if n.shift == 0 {
			return at
		}
	}
	return 0
}

// firstBelow returns the level with the lowest key below a node.
func (p *ladders) firstBelow(at uint32) uint32 {
	for {
		n := p.nodes.at(at)
		child := n.children[bits.TrailingZeros16(n.bitmap)%digits]
		if n.shift == 0 {
			return child
		}
		at = child
	}
}

// after returns the level with the next higher key, or 0.
func (p *ladders) after(at uint32) uint32 {
	key := p.levels.at(at).key
	for up := p.levels.at(at).leaf; up != 0; up = p.nodes.at(up).parent {
		n := p.nodes.at(up)
		// After the last slot there is none: the second shift leaves nothing.
		above := n.bitmap >> n.slot(key) >> 1
		if above == 0 {
			continue
		}
		child := n.children[(n.slot(key)+1+uint64(bits.TrailingZeros16(above)))%digits]
		if n.shift == 0 {
			return child
		}
		return p.firstBelow(child)
	}
	return 0
}
