package engine

import "math/bits"

// insert adds an empty level at a key that the ladder does not have.
func (p *ladders) insert(side *ladder, key uint64) uint32 {
	leaf := p.leafFor(side, key)
	at := p.allocateLevel()
	*p.levels.at(at) = level{key: key, leaf: leaf, stale: true}
	p.attach(leaf, key, at)
	if side.best == 0 || key < p.levels.at(side.best).key {
		side.best = at
	}
	side.count++
	return at
}

// remove takes an empty level out.
func (p *ladders) remove(side *ladder, at uint32) {
	l := p.levels.at(at)
	leaf, key := l.leaf, l.key
	l.leaf, p.freeLevel = p.freeLevel, at
	side.count--
	p.detach(leaf, key)
	if p.nodes.at(leaf).bitmap == 0 {
		p.prune(side, leaf)
	}
	if side.best != at {
		return
	}
	side.best = 0
	if side.root != 0 {
		side.best = p.firstBelow(side.root)
	}
}

// leafFor returns the leaf for a key, making it if need be.
func (p *ladders) leafFor(side *ladder, key uint64) uint32 {
	parent, at := uint32(0), side.root
	for at != 0 {
		n := p.nodes.at(at)
		if !n.covers(key) {
			break
		}
		if n.shift == 0 {
			return at
		}
		parent, at = at, n.children[n.slot(key)]
	}
	leaf := p.allocateNode(key, 0)
	if at == 0 {
		p.adopt(side, parent, leaf)
		return leaf
	}
	// A node stands there that does not cover the key: branch where the two first differ.
	prefix := p.nodes.at(at).prefix
	branch := p.allocateNode(key, uint8((bits.Len64(key^prefix)-1)/digitBits*digitBits))
	p.adopt(side, parent, branch)
	p.adopt(side, branch, at)
	p.adopt(side, branch, leaf)
	return leaf
}

// prune takes an empty leaf out, and its parent too if that is left with a single child.
func (p *ladders) prune(side *ladder, leaf uint32) {
	parent := p.nodes.at(leaf).parent
	if parent == 0 {
		side.root = 0
		p.releaseNode(leaf)
		return
	}
	p.detach(parent, p.nodes.at(leaf).prefix)
	p.releaseNode(leaf)
	n := p.nodes.at(parent)
	if n.bitmap&(n.bitmap-1) != 0 {
		return
	}
	slot := bits.TrailingZeros16(n.bitmap) % digits
	only := n.children[slot]
	n.children[slot], n.bitmap = 0, 0
	p.adopt(side, n.parent, only)
	p.releaseNode(parent)
}

// adopt hangs a node below a parent, or makes it the root when the parent is 0.
func (p *ladders) adopt(side *ladder, parent, child uint32) {
	p.nodes.at(child).parent = parent
	if parent == 0 {
		side.root = child
		return
	}
	p.attach(parent, p.nodes.at(child).prefix, child)
}

func (p *ladders) attach(at uint32, key uint64, child uint32) {
	n := p.nodes.at(at)
	n.children[n.slot(key)] = child
	n.bitmap |= 1 << n.slot(key)
}

func (p *ladders) detach(at uint32, key uint64) {
	n := p.nodes.at(at)
	n.children[n.slot(key)] = 0
	n.bitmap &^= 1 << n.slot(key)
}

func (p *ladders) allocateLevel() uint32 {
	if at := p.freeLevel; at != 0 {
		p.freeLevel = p.levels.at(at).leaf
		return at
	}
	p.hashes.extend()
	return p.levels.extend()
}

// allocateNode returns a node without children: freed nodes have none left.
func (p *ladders) allocateNode(key uint64, shift uint8) uint32 {
	at := p.freeNode
	if at != 0 {
		p.freeNode = p.nodes.at(at).parent
	} else {
		at = p.nodes.extend()
	}
	n := p.nodes.at(at)
	n.prefix, n.shift, n.parent = key, shift, 0
	return at
}

func (p *ladders) releaseNode(at uint32) {
	p.nodes.at(at).parent = p.freeNode
	p.freeNode = at
}
