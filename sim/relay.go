package sim

import (
	"slices"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

// Manners of a relay.
const (
	honest = iota
	censoring
	replaying
	stuffing
	manners
)

// relay batches envelopes of others, in its manner.
type relay struct {
	party
	manner  int
	waiting [][]byte
}

func newRelay(w *World, index int) *relay {
	return &relay{party: party{world: w, name: name("relay", index), pair: mustPair(keys.Ed25519, secretOf(w.seed, "relay %d", index))},
		manner: w.chance.IntN(manners)}
}

// maxWaiting bounds what a relay holds.
const maxWaiting = 64

func (r *relay) take(envelopes [][]byte) {
	c := r.world.chance
	for _, envelope := range envelopes {
		if r.manner == censoring && c.in(1, 3) || len(r.waiting) >= maxWaiting {
			r.world.count("envelopes censored")
			continue
		}
		r.waiting = append(r.waiting, envelope)
	}
}

// flush submits what waits.
func (r *relay) flush() {
	w := r.world
	c := w.chance
	batch := r.waiting
	r.waiting = nil
	switch r.manner {
	case replaying:
		for range c.IntN(4) {
			if past := w.pastEnvelope(); past != nil {
				batch = append(batch, past)
			}
		}
	case stuffing:
		for range c.IntN(4) {
			envelope := c.bytes(wire.CommandEnvelopeSize)
			envelope[0] = wire.ClassCommand
			batch = slices.Insert(batch, c.IntN(len(batch)+1), envelope)
		}
	}
	if r.manner != honest {
		c.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	}
	if len(batch) == 0 {
		return
	}
	call, err := wire.CallSubmit(batch)
	w.must(err)
	w.tracef("%s submits %d envelopes", r.name, len(batch))
	r.submit(call)
}

// remember keeps envelopes for those who replay.
func (w *World) remember(envelopes [][]byte) {
	w.seen = append(w.seen, envelopes...)
	if extra := len(w.seen) - 256; extra > 0 {
		w.seen = w.seen[extra:]
	}
}

func (w *World) pastEnvelope() []byte {
	if len(w.seen) == 0 {
		return nil
	}
	return pick(w.chance, w.seen)
}
