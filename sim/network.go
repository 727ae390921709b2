package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/bitcloak/bitcloak/substrate/rpc"
)

// parcel is an extrinsic on its way to a node.
type parcel struct {
	due   time.Time
	order uint64 // among those that are due together
	from  string
	node  int
	data  []byte
}

// maxParcels bounds what is on its way.
const maxParcels = 4096

// send gives an extrinsic to the network, which may lose, delay, repeat and reorder it.
func (w *World) send(from string, to int, data []byte) {
	fate := w.fate("parcel %s %d %x %d", from, to, data, w.sinceStart())
	copies := 1
	if !w.calm {
		if fate.in(w.plan.loss, 1000) {
			copies = 0
		} else if fate.in(w.plan.repeat, 1000) {
			copies = fate.between(2, 3)
		}
	}
	for range copies {
		due := w.now()
		if !w.calm && fate.in(w.plan.delay, 1000) {
			due = due.Add(time.Duration(fate.between(1, 3000)) * time.Millisecond)
		}
		if len(w.parcels) < maxParcels {
			w.parcels = append(w.parcels, parcel{due: due, order: fate.Uint64(), from: from, node: to, data: data})
		}
	}
}

// deliver hands over what is due, in any order but for what is due while there are no faults.
func (w *World) deliver() {
	var due []parcel
	w.parcels = slices.DeleteFunc(w.parcels, func(p parcel) bool {
		if w.now().Before(p.due) {
			return false
		}
		due = append(due, p)
		return true
	})
	if !w.calm {
		slices.SortStableFunc(due, func(a, b parcel) int { return cmp.Compare(a.order, b.order) })
	}
	for _, p := range due {
		if n := w.nodes[p.node]; n.up {
			_ = n.submit(p.data) // what it refuses is lost
		}
	}
	w.gossip()
}

// gossip carries what nodes' pools have taken in to the others.
func (w *World) gossip() {
	for _, from := range w.alive() {
		for _, tx := range from.reap() {
			for _, to := range w.alive() {
				if to != from {
					w.send("gossip", to.index, tx)
				}
			}
		}
	}
}

// codeInvalid is how a node refuses an extrinsic over RPC.
const codeInvalid = 1010

// handIn is an extrinsic that a worker gives its node: it is taken or refused at once, or only seems to be taken.
func (w *World) handIn(s *site, n *node, encoded []byte) error {
	fate := w.fate("hand in %d %x %d", s.index, encoded, w.sinceStart())
	if !w.calm && fate.in(w.plan.loss+w.plan.delay, 3000) {
		w.send(s.name(), n.index, encoded)
		return nil
	}
	if err := n.submit(encoded); err != nil {
		return &rpc.Error{Code: codeInvalid, Message: err.Error()}
	}
	return nil
}
