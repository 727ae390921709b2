package sim

import (
	"fmt"

	"github.com/bitcloak/bitcloak/sim/auditor"
)

// audit has the auditor look at every block that it has not seen, and the runtime check its own invariants.
func (w *World) audit() {
	n := w.at()
	if n == nil {
		return // when one is back
	}
	source := func(hash [32]byte) ([]byte, error) { return n.store.Get(hash) }
	if w.auditor == nil {
		header, err := n.store.EncodedHeader(n.chain.Genesis())
		w.must(err)
		w.auditor, err = auditor.New(header, source)
		w.must(err)
	}
	for ; w.audited < n.chain.Head().Number; w.audited++ {
		hash, err := n.store.HashAt(w.audited + 1)
		w.must(err)
		header, err := n.store.EncodedHeader(hash)
		w.must(err)
		body, err := n.store.Body(hash)
		w.must(err)
		w.must(w.auditor.Block(header, body, source))
		view, err := n.chain.View(hash)
		w.must(err)
		if err := view.TryState(); err != nil {
			w.failf("block %d: %v", w.audited+1, err)
		}
	}
}

// readings has traders ask workers about their accounts.
func (w *World) readings() {
	for _, t := range w.traders {
		if t.session != nil && w.chance.in(1, 6) {
			s := pick(w.chance, w.sites)
			if s.worker != nil {
				t.read(s)
			}
		}
	}
}

// String describes what a world came to.
func (r Result) String() string { return fmt.Sprintf("%d blocks, %v", r.Blocks, r.Counts) }
