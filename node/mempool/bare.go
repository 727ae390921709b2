package mempool

import (
	"cmp"
	"slices"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// tags are what bare transactions provide.
type tags map[string]bool

func (g tags) add(provided []string) {
	for _, tag := range provided {
		g[tag] = true
	}
}

func (g tags) haveAll(required []string) bool {
	for _, tag := range required {
		if !g[tag] {
			return false
		}
	}
	return true
}

// haveAny reports whether one of those required is here.
func (g tags) haveAny(required []string) bool {
	return slices.ContainsFunc(required, func(tag string) bool { return g[tag] })
}

// enterBare takes a bare transaction, and reports whether one has become ready. One with the same tag must be outbid.
// When there is no room, those that blocks take last give way, so nothing that comes early enough for the next block is
// kept out by what comes after it.
func (p *Pool) enterBare(t *Transaction, asked uint64) (ready bool, err error) {
	if asked != p.blocks { // a block came in between: its state counts
		validity, err := p.validator.Validate(SourceExternal, t.Bytes)
		if err != nil {
			return false, err
		}
		t.take(validity)
	}
	old := p.bareTags[t.tag]
	if old != nil {
		if err := outbids(old, t); err != nil {
			return false, err
		}
		p.dropBare(old, Status{Kind: StatusUsurped, By: t.Hash})
	}
	for len(p.bare) >= p.limits.MaxBare || p.bareSize+len(t.Bytes) > p.limits.MaxBareBytes {
		last := p.bare[len(p.bare)-1] // there is one: a transaction alone has room
		if last.Priority >= t.Priority {
			return false, ErrFull
		}
		p.dropBare(last, Status{Kind: StatusDropped})
	}
	at, _ := slices.BinarySearchFunc(p.bare, t, compareBare)
	p.bare = slices.Insert(p.bare, at, t)
	p.bareTags[t.tag] = t
	p.bareSize += len(t.Bytes)
	ready = p.settleBare()
	if !t.ready {
		p.tell(t.Hash, Status{Kind: StatusFuture})
	}
	return ready, nil
}

// compareBare puts first what a block takes first.
func compareBare(a, b *Transaction) int {
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.arrival, b.arrival))
}

// settleBare finds out which bare transactions are ready: those that require nothing, and those that follow ready ones
// which provide what they require. It reports whether one has become so.
func (p *Pool) settleBare() (became bool) {
	provided := tags{}
	for _, t := range p.bare {
		ready := provided.haveAll(t.requires)
		if ready {
			provided.add(t.provides)
		}
		if ready == t.ready {
			continue
		}
		if t.ready = ready; ready {
			became = true
			p.tell(t.Hash, Status{Kind: StatusReady})
		} else {
			p.tell(t.Hash, Status{Kind: StatusFuture})
		}
	}
	return became
}

// bareReady reports whether a bare transaction is ready.
func (p *Pool) bareReady() bool {
	return slices.ContainsFunc(p.bare, func(t *Transaction) bool { return t.ready })
}

// dropBare takes a bare transaction out. Whether those that require what it provides may now go without it, or wait, or
// are done with, the runtime must say.
func (p *Pool) dropBare(t *Transaction, why Status) {
	at, found := slices.BinarySearchFunc(p.bare, t, compareBare)
	if !found || p.bare[at] != t {
		return
	}
	p.bare = slices.Delete(p.bare, at, at+1)
	delete(p.bareTags, t.tag)
	p.bareSize -= len(t.Bytes)
	p.forget(t, why)
	provided := tags{}
	provided.add(t.provides)
	for _, follower := range p.bare[at:] {
		if provided.haveAny(follower.requires) {
			p.makeDue(follower)
		}
	}
	p.settleBare()
}

// makeBareDue has the runtime asked, after a block, about the bare transactions but those that follow others here: they
// are asked about when these are gone.
func (p *Pool) makeBareDue() {
	provided := tags{}
	for _, t := range p.bare {
		if len(t.requires) == 0 || !provided.haveAll(t.requires) {
			p.makeDue(t)
		}
		provided.add(t.provides)
	}
}

// Follows reports that a bare transaction requires what others must provide first: a block in the making that finds it
// too early leaves it for later.
func (p *Pool) Follows(hash scale.Hash) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	t := p.byHash[hash]
	return t != nil && len(t.requires) > 0
}
