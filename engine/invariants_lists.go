package engine

import (
	"errors"
	"fmt"
	"math/bits"
)

// maxLadderDepth is the number of digits of a key.
const maxLadderDepth = 64 / digitBits

// checkNodes checks the tree of one side.
func (p *ladders) checkNodes(side *ladder) error {
	if side.root == 0 {
		if side.best != 0 || side.count != 0 {
			return errors.New("levels without a tree")
		}
		return nil
	}
	if p.nodes.at(side.root).parent != 0 {
		return errors.New("the root has a parent")
	}
	if side.best != p.firstBelow(side.root) {
		return errors.New("the best level is not the first")
	}
	return p.checkNode(side.root, 1)
}

func (p *ladders) checkNode(at uint32, depth int) error {
	n := p.nodes.at(at)
	children := bits.OnesCount16(n.bitmap)
	if depth > maxLadderDepth || children == 0 || n.shift > 0 && children == 1 {
		return fmt.Errorf("node %d at depth %d has %d children", at, depth, children)
	}
	for slot, child := range n.children {
		if (child != 0) != (n.bitmap>>slot&1 == 1) {
			return fmt.Errorf("node %d: bitmap and child %d differ", at, slot)
		}
		if child == 0 || n.shift == 0 {
			continue
		}
		below := p.nodes.at(child)
		if below.parent != at || below.shift >= n.shift || !n.covers(below.prefix) || n.slot(below.prefix) != uint64(slot) {
			return fmt.Errorf("node %d is not where it belongs", child)
		}
		if err := p.checkNode(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkFree checks that what is not in use is free: no order, level or node is lost.
func (e *Engine) checkFree(levels uint32) error {
	p, nodes := &e.ladders, uint32(0)
	for at := uint32(1); at < p.nodes.used; at++ {
		if p.nodes.at(at).bitmap != 0 {
			nodes++
		}
	}
	pools := []struct {
		name              string
		used, inUse, free uint32
		next              func(uint32) uint32
	}{
		{"orders", e.orders.used, e.orders.open, e.orders.free, func(at uint32) uint32 { return e.orders.at(at).next }},
		{"levels", p.levels.used, levels, p.freeLevel, func(at uint32) uint32 { return p.levels.at(at).leaf }},
		{"nodes", p.nodes.used, nodes, p.freeNode, func(at uint32) uint32 { return p.nodes.at(at).parent }},
	}
	for _, pool := range pools {
		free := uint32(0)
		for at := pool.free; at != 0 && free <= pool.used; at = pool.next(at) {
			free++
		}
		if free+pool.inUse+1 != pool.used {
			return fmt.Errorf("%d %s in use and %d free of %d", pool.inUse, pool.name, free, pool.used)
		}
	}
	return nil
}

// checkExpiries checks that the heap holds all GTD orders, and that nothing in it should have expired.
func (e *Engine) checkExpiries(expiring int) error {
	if expiring != len(e.expiries)-1 {
		return fmt.Errorf("%d orders expire, %d in the heap", expiring, len(e.expiries)-1)
	}
	for at := 1; at < len(e.expiries); at++ {
		entry := &e.expiries[at]
		o := e.orders.at(entry.position)
		if *e.orders.expiries.at(entry.position) != uint32(at) || o.id != entry.id || o.terms.timeInForce() != GTD {
			return fmt.Errorf("expiry %d is not that of order %d", at, o.id)
		}
		if entry.time <= e.time || at > 1 && entry.before(&e.expiries[at/2]) {
			return fmt.Errorf("order %d expires too late", o.id)
		}
	}
	return nil
}
