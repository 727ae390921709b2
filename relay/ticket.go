package relay

import (
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/relay/api"
)

const (
	// maxEnded bounds the tickets that are kept after their end, for who asks.
	maxEnded = 1 << 16
	// maxAttempts is in how many batches an envelope is sent.
	maxAttempts = 3
	// maxAge is how long an envelope may wait for its batch: an epoch's tags do not live for ever.
	maxAge = 5 * time.Minute
)

// ticket is one envelope.
type ticket struct {
	id       api.TicketID
	envelope []byte
	taken    time.Time
	attempts int
	state    api.State
	block    light.BlockID // included
	reason   string        // failed
	ended    chan struct{} // closed at the end
}

func newTicket(id api.TicketID, envelope []byte, now time.Time) *ticket {
	return &ticket{id: id, envelope: envelope, taken: now, state: api.Queued, ended: make(chan struct{})}
}

func (t *ticket) final() bool { return t.state == api.Included || t.state == api.Failed }

// book is the relay's tickets. Its user holds the relay's mutex.
type book struct {
	tickets map[api.TicketID]*ticket
	queue   []*ticket // in the order of arrival; ended ones are passed over
	ended   []*ticket // oldest first
	recent  *recent
}

func newBook() *book {
	return &book{tickets: map[api.TicketID]*ticket{}, recent: newRecent(maxRecent)}
}

// known tells whether these bytes were here or on the chain before. One that has failed may be sent again.
func (b *book) known(id api.TicketID) bool {
	if t := b.tickets[id]; t != nil && t.state != api.Failed {
		return true
	}
	return b.recent.has(id)
}

func (b *book) enqueue(t *ticket) {
	b.tickets[t.id] = t
	b.queue = append(b.queue, t)
}

// requeue puts tickets of a batch that came to nothing before all others: they are the oldest.
func (b *book) requeue(tickets []*ticket) {
	var again []*ticket
	for _, t := range tickets {
		switch {
		case t.final():
		case t.attempts >= maxAttempts:
			b.fail(t, "no block has taken it in several batches; send it again, or through another relay")
		default:
			t.state = api.Queued
			again = append(again, t)
		}
	}
	b.queue = append(again, b.queue...)
}

// take gives the next batch's tickets, at most so many and so many bytes.
func (b *book) take(most, bytes int, now time.Time) (batch []*ticket) {
	for len(b.queue) > 0 && len(batch) < most {
		t := b.queue[0]
		if !t.final() && now.Sub(t.taken) > maxAge {
			b.fail(t, "it waited too long for a batch; send it again, or through another relay")
		}
		if !t.final() {
			if bytes -= len(t.envelope); bytes < 0 {
				break
			}
			batch = append(batch, t)
		}
		b.queue[0] = nil
		b.queue = b.queue[1:]
	}
	return batch
}

// seen notes an envelope on the chain, whoever sent it there.
func (b *book) seen(id api.TicketID, block light.BlockID) {
	b.recent.add(id)
	if t := b.tickets[id]; t != nil && !t.final() {
		t.state, t.block = api.Included, block
		b.end(t)
	}
}

func (b *book) fail(t *ticket, reason string) {
	t.state, t.reason = api.Failed, reason
	b.end(t)
}

// end keeps a ticket for who asks, and forgets the oldest beyond the bound.
func (b *book) end(t *ticket) {
	t.envelope = nil
	close(t.ended)
	b.ended = append(b.ended, t)
	if len(b.ended) <= maxEnded {
		return
	}
	oldest := b.ended[0]
	b.ended[0] = nil
	b.ended = b.ended[1:]
	if b.tickets[oldest.id] == oldest {
		delete(b.tickets, oldest.id)
	}
}
