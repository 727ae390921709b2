package relay

import (
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/hashing"
)

// maxRecent bounds how many envelopes the relay remembers to have seen on the chain.
const maxRecent = 1 << 20

// idOf names an envelope by its bytes. It is not the envelope's tag: who copies a tag onto other bytes must not have the owner's
// envelope refused.
func idOf(envelope []byte) api.TicketID {
	return hashing.Blake2_128([]byte("bitcloak/relay-ticket/v1"), envelope)
}

// recent remembers the last envelopes that the chain has had.
type recent struct {
	known map[api.TicketID]struct{}
	ring  []api.TicketID
	next  int
	most  int
}

func newRecent(most int) *recent {
	return &recent{known: map[api.TicketID]struct{}{}, most: most}
}

func (r *recent) has(id api.TicketID) bool {
	_, known := r.known[id]
	return known
}

func (r *recent) add(id api.TicketID) {
	if r.has(id) {
		return
	}
	r.known[id] = struct{}{}
	if len(r.ring) < r.most {
		r.ring = append(r.ring, id)
		return
	}
	delete(r.known, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % r.most
}
