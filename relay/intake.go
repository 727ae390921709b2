package relay

import (
	"errors"

	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// standing is what the chain says of the relay, and whether envelopes may be taken on it.
type standing struct {
	refusal error // nil: envelopes are taken
	head    *api.Block
	nonce   uint32 // of the account in the newest finalised block
	balance scale.U128
}

// Take implements api.Service.
func (r *Relay) Take(envelopes [][]byte) ([]api.Taken, error) {
	for _, envelope := range envelopes {
		if err := wire.CheckEnvelope(envelope); err != nil {
			return nil, err
		}
	}
	now := r.config.Now()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := r.standing.refusal; err != nil {
		r.metrics.refuse(err)
		return nil, err
	}
	if len(r.book.queue)+len(envelopes) > r.config.MaxQueue {
		r.metrics.refuse(api.ErrBusy)
		return nil, api.ErrBusy
	}
	taken := make([]api.Taken, len(envelopes))
	for i, envelope := range envelopes {
		taken[i].Ticket = idOf(envelope)
		taken[i].Refused = r.check(taken[i].Ticket, envelope)
		if err := taken[i].Refused; err != nil {
			r.metrics.refuse(err)
			continue
		}
		r.book.enqueue(newTicket(taken[i].Ticket, append([]byte(nil), envelope...), now))
		r.metrics.envelopes.WithLabelValues("taken").Inc()
	}
	r.metrics.queue.Set(float64(len(r.book.queue)))
	return taken, nil
}

// check refuses what the relay would pay for without effect, as far as that can be seen from outside: garbage cannot.
func (r *Relay) check(id api.TicketID, envelope []byte) error {
	switch {
	case r.book.known(id): // I4
		return api.ErrKnown
	case r.config.RefuseOpenings && envelope[0] == wire.ClassOpening:
		return api.ErrOpening
	}
	return nil
}

// Ticket implements api.Service.
func (r *Relay) Ticket(id api.TicketID) (api.Ticket, <-chan struct{}, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	t := r.book.tickets[id]
	if t == nil {
		return api.Ticket{}, nil, api.ErrTicket
	}
	answer := api.Ticket{State: t.state, Reason: t.reason}
	if t.state == api.Included {
		answer.Block, answer.Number = t.block.Hash.String(), t.block.Number
	}
	return answer, t.ended, nil
}

// Status implements api.Service.
func (r *Relay) Status() api.Status {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	status := api.Status{
		Instance: api.Instance{Genesis: r.config.Genesis.String()}, Account: scale.Hash(r.account).String(), Accepting: r.standing.refusal == nil,
		Openings: !r.config.RefuseOpenings, Interval: r.config.Interval.Milliseconds(), MaxPost: r.config.API.MaxPostEnvelopes, Head: r.standing.head,
	}
	if !status.Accepting {
		status.Reason = r.standing.refusal.Error()
	}
	return status
}

// stand settles whether envelopes are taken; the mutex is held.
func (r *Relay) stand(refusal error) {
	if r.closing {
		refusal = api.ErrClosing
	}
	if was := r.standing.refusal; !errors.Is(was, refusal) || (was == nil) != (refusal == nil) {
		if refusal != nil {
			r.config.Log.Warn("no envelopes are taken", "reason", refusal)
		} else {
			r.config.Log.Info("envelopes are taken")
		}
	}
	r.standing.refusal = refusal
	r.metrics.setAccepting(refusal == nil)
}
