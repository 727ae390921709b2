package wallet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// Ticket is a command that a Live has taken.
type Ticket struct {
	Order uint64 // of place, amend and cancel

	live    *Live
	settled chan struct{} // closed when the contract has executed or rejected it
	filled  chan struct{} // closed at its first fill
	once    sync.Once
	first   sync.Once
	err     error
	fill    uint64
}

func newTicket(l *Live) *Ticket {
	return &Ticket{live: l, settled: make(chan struct{}), filled: make(chan struct{})}
}

func (t *Ticket) settle(err error) {
	t.once.Do(func() {
		t.err = err
		close(t.settled)
		<-t.live.slots
	})
}

func (t *Ticket) fillFound(fill uint64) {
	t.first.Do(func() {
		t.fill = fill
		close(t.filled)
	})
}

// Placed waits until the contract has executed the command, or rejected it. An order is then placed.
func (t *Ticket) Placed(ctx context.Context) error {
	select {
	case <-t.settled:
		return t.err
	case <-t.live.ended:
		return t.live.failure
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Fill waits for the order's first fill and gives the worker's signed receipt of it, proven against the commit on the chain. The
// receipt is asked for, so it shows in the traffic of a paced session.
func (t *Ticket) Fill(ctx context.Context) (*wire.Answer, error) {
	rejected := t.settled
	for {
		select {
		case <-t.filled:
			t.settle(nil) // what has filled was placed
			t.live.forget(t.Order)
			return t.receipt(ctx)
		case <-rejected:
			if t.err != nil {
				return nil, t.err
			}
			rejected = nil // placed: its fill may come
		case <-t.live.ended:
			return nil, t.live.failure
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (t *Ticket) receipt(ctx context.Context) (*wire.Answer, error) {
	answer, err := t.live.client.ask(ctx, t.live.session, wire.Query{Kind: wire.QueryReceipt, Fill: t.fill}, 0)
	if err != nil {
		return nil, err
	}
	if answer.Body.Fill.Order != t.Order {
		return nil, fmt.Errorf("%w (a fill of order %d, not %d)", ErrAnswerKind, answer.Body.Fill.Order, t.Order)
	}
	return answer, nil
}

// outgoing is a command on its way to the contract; its fields are guarded by the Live's mutex.
type outgoing struct {
	ticket   *Ticket // nil: a dummy
	command  wire.Command
	envelope []byte // nil before it is sealed
	sequence uint64
	sent     time.Time // when it was handed over last
	path     int       // where to
	tries    int
	included bool // seen in a finalised block; looked for in paced sessions and behind relays
}

// settles tells whether an entry of the history is what a command came to.
func (o *outgoing) settles(event *wire.HistoryEvent) (done bool, err error) {
	c := &o.command
	if event.Kind == wire.EventRejected {
		return event.Command == c.Kind && event.Order == c.Order, rejection(event.Reason)
	}
	money := event.Asset == c.Asset && event.Amount == c.Amount
	switch c.Kind {
	case wire.CommandPlace:
		return event.Kind == wire.EventPlaced && event.Order == c.Order, nil
	case wire.CommandAmend:
		return event.Kind == wire.EventAmended && event.Order == c.Order, nil
	case wire.CommandCancel:
		return event.Kind == wire.EventCancelled && event.Order == c.Order && event.Reason == wire.ReasonOwner, nil
	case wire.CommandWithdraw:
		return (event.Kind == wire.EventWithdrawn || event.Kind == wire.EventWithdrawalWaiting) && money, nil
	case wire.CommandTransfer:
		return event.Kind == wire.EventTransferOut && money && event.Account == c.To, nil
	}
	return false, nil
}
