package engine

import (
	"errors"
	"fmt"
	"math/bits"
)

// maxLadderDepth is the number of six-bit digits of a key.
const maxLadderDepth = 11

// checkNodes checks the tree of one side.
func (p *ladders) checkNodes(side *ladder) error {
	if side.root == 0 {
		if side.best != 0 || side.count != 0 {
			return errors.New("levels without a tree")
		}
		return nil
	}
	if p.nodes[side.root].parent != 0 {
		return errors.New("the root has a parent")
	}
	if side.best != p.firstBelow(side.root) {
		return errors.New("the best level is not the first")
	}
	return p.checkNode(side.root, 1)
}

func (p *ladders) checkNode(at uint32, depth int) error {
	n := &p.nodes[at]
	children := bits.OnesCount64(n.bitmap)
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
		below := &p.nodes[child]
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
func (e *Engine) checkFree(levels int) error {
	free := uint32(0)
	for at := e.orders.free; at != 0 && free <= e.orders.used; at = e.orders.at(at).next {
		free++
	}
	if free+e.orders.open+1 != e.orders.used {
		return fmt.Errorf("%d orders open and %d free of %d", e.orders.open, free, e.orders.used)
	}
	p := &e.ladders
	freeLevels := 0
	for at := p.freeLevel; at != 0 && freeLevels <= len(p.levels); at = p.levels[at].head {
		freeLevels++
	}
	if freeLevels+levels+1 != len(p.levels) || len(p.hashes) != len(p.levels) {
		return fmt.Errorf("%d levels in use and %d free of %d", levels, freeLevels, len(p.levels))
	}
	freeNodes, inUse := 0, 0
	for at := p.freeNode; at != 0 && freeNodes <= len(p.nodes); at = p.nodes[at].parent {
		freeNodes++
	}
	for at := range p.nodes {
		if p.nodes[at].bitmap != 0 {
			inUse++
		}
	}
	if freeNodes+inUse+1 != len(p.nodes) {
		return fmt.Errorf("%d nodes in use and %d free of %d", inUse, freeNodes, len(p.nodes))
	}
	return nil
}

// checkOwners checks that the owners' lists hold each open order once.
func (e *Engine) checkOwners() error {
	listed := uint32(0)
	for owner, at := range e.owners {
		for previous := uint32(0); at != 0; {
			o := e.orders.at(at)
			if listed++; listed > e.orders.open {
				return fmt.Errorf("owner %d has more orders than there are", owner)
			}
			if o.owner != Owner(owner) || o.ownerPrevious != previous || e.index.find(o.id, &e.orders) != at {
				return fmt.Errorf("order %d is not its owner's", o.id)
			}
			previous, at = at, o.ownerNext
		}
	}
	if listed != e.orders.open {
		return fmt.Errorf("owners have %d orders of %d", listed, e.orders.open)
	}
	return nil
}

// checkExpiries checks the heap, and that nothing in it should have expired.
func (e *Engine) checkExpiries() error {
	for at := 1; at < len(e.expiries); at++ {
		entry := &e.expiries[at]
		o := e.orders.at(entry.position)
		if o.expiryAt != uint32(at) || o.id != entry.id || o.expiry != entry.time || o.timeInForce != GTD {
			return fmt.Errorf("expiry %d is not that of order %d", at, o.id)
		}
		if entry.time <= e.time || at > 1 && entry.before(&e.expiries[at/2]) {
			return fmt.Errorf("order %d expires too late", o.id)
		}
	}
	return nil
}
