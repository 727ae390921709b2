package wallet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	// liveUnderWay is how many commands of a Live may be under way: within the contract's window, with room for what reserved
	// sequences a crash may lose.
	liveUnderWay = 32
	// liveReserve is how many sequences a Live writes down at once.
	liveReserve = 16
)

// Live is a session for programs that send many commands: each is sent without waiting for the one before, and what becomes of it
// comes with the stream. What a Live tells is proven like everything else.
type Live struct {
	client  *Client
	session *seal.Session
	stream  *Stream
	cancel  context.CancelFunc
	running sync.WaitGroup
	slots   chan struct{} // holds one for each command under way
	changed chan uint64   // the newest checkpoint in which the account changed

	mutex    sync.Mutex
	tickets  map[uint64]*Ticket  // by order
	framed   map[uint64]struct{} // fills that frames have told of, and the history not yet
	settled  uint64              // the last fill that the history has told of
	standing *standing
	reserved uint64 // sequences and orders up to here are written down
	sequence uint64
	order    uint64
	failure  error
	ended    chan struct{}
}

// Ticket is an order that a Live has sent.
type Ticket struct {
	Order uint64

	live    *Live
	settled chan struct{} // closed when the contract has placed or rejected it
	filled  chan struct{} // closed at its first fill
	once    sync.Once
	first   sync.Once
	err     error
	fill    uint64
}

// GoLive subscribes, and takes over where the session stands.
func (c *Client) GoLive(ctx context.Context) (*Live, error) {
	stream, err := c.Subscribe(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.stand(ctx)
	if err != nil {
		stream.Close()
		return nil, err
	}
	running, cancel := context.WithCancel(context.Background())
	l := &Live{client: c, session: s.session, stream: stream, cancel: cancel, slots: make(chan struct{}, liveUnderWay),
		changed: make(chan uint64, 1), tickets: map[uint64]*Ticket{}, framed: map[uint64]struct{}{}, standing: s, ended: make(chan struct{})}
	l.running.Go(func() { l.read(running) })
	l.running.Go(func() { l.settle(running) })
	return l, nil
}

// giveBackTimeout bounds what Close waits for the vault.
const giveBackTimeout = 5 * time.Second

// Close ends the stream, and gives sequences back that were written down and not used. Orders stay as they are.
func (l *Live) Close() error {
	l.cancel()
	l.stream.Close()
	l.running.Wait()
	l.mutex.Lock() // nothing is sealed any more: failure is set
	defer l.mutex.Unlock()
	if l.sequence == l.reserved {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), giveBackTimeout)
	defer cancel()
	return l.client.vault.Update(ctx, func(r *Record) error {
		if r.session.Some && wire.SessionID(r.session.Value.Secret) == l.session.ID() && r.session.Value.Next == l.reserved {
			r.session.Value.Next = l.sequence
		}
		l.reserved = l.sequence
		return nil
	})
}

// Place seals an order and hands it to the node. It waits only if too many commands are under way.
func (l *Live) Place(ctx context.Context, order Order) (*Ticket, error) {
	command, err := placing(&order)
	if err != nil {
		return nil, err
	}
	select {
	case l.slots <- struct{}{}:
	case <-l.ended:
		return nil, l.failure
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ticket, err := l.send(ctx, command)
	if err != nil {
		<-l.slots
		return nil, err
	}
	return ticket, nil
}

func (l *Live) send(ctx context.Context, command wire.Command) (*Ticket, error) {
	ticket := &Ticket{live: l, settled: make(chan struct{}), filled: make(chan struct{})}
	envelope, err := l.seal(ctx, &command, ticket)
	if err != nil {
		return nil, err
	}
	call, err := wire.CallSubmit([][]byte{envelope})
	if err != nil {
		return nil, err
	}
	if _, err := l.client.chain.Submit(ctx, l.client.signer(), call); err != nil {
		l.forget(ticket.Order)
		return nil, err
	}
	return ticket, nil
}

// seal numbers the order, seals it, and enters its ticket: the stream may be faster than the node's answer.
func (l *Live) seal(ctx context.Context, command *wire.Command, ticket *Ticket) ([]byte, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.failure != nil {
		return nil, l.failure
	}
	if l.sequence == l.reserved {
		if err := l.reserve(ctx); err != nil {
			return nil, err
		}
	}
	sequence, order := l.sequence, l.order
	l.sequence++
	l.order++
	command.Order, ticket.Order = order, order
	l.tickets[order] = ticket
	view := l.client.chain.View()
	return l.session.Seal(view.Epoch.Index, sequence, command)
}

// reserve writes sequences and order numbers down before they are used; the mutex is held.
func (l *Live) reserve(ctx context.Context) error {
	return l.client.vault.Update(ctx, func(r *Record) error {
		if !r.session.Some || wire.SessionID(r.session.Value.Secret) != l.session.ID() {
			return refusedf("go live again", "the session was replaced in the meantime")
		}
		first := max(r.session.Value.Next, l.standing.next)
		if l.reserved == 0 && first-l.standing.next > sequenceWindow-liveUnderWay-liveReserve {
			return refusedf("open a new session: bitcloak wallet session open", "%d commands of this session were sealed and never reached the contract", first-l.standing.next)
		}
		r.order = max(r.order, l.standing.order)
		r.session.Value.Next = first + liveReserve
		l.sequence, l.reserved, l.order = first, first+liveReserve, r.order+1
		r.order += liveReserve
		return nil
	})
}

// read takes the stream's frames. Fills are known from here on, before they are proven.
func (l *Live) read(ctx context.Context) {
	for {
		frame, err := l.stream.Next(ctx)
		if err != nil {
			l.fail(err)
			return
		}
		l.framesFills(frame.Fills)
		if !frame.Changed {
			continue
		}
		select { // only the newest counts
		case <-l.changed:
		default:
		}
		l.changed <- frame.Checkpoint
	}
}

// settle reads the account's history whenever it has changed, and tells each ticket what became of its order.
func (l *Live) settle(ctx context.Context) {
	for {
		select {
		case checkpoint := <-l.changed:
			if err := l.catchUp(ctx, checkpoint); err != nil {
				l.fail(err)
				return
			}
		case <-ctx.Done():
			l.fail(ctx.Err())
			return
		}
	}
}

// framesFills tells tickets of the fills in a frame.
func (l *Live) framesFills(fills []wire.Fill) {
	for i := range fills {
		l.mutex.Lock()
		if fills[i].Index > l.settled {
			l.framed[fills[i].Index] = struct{}{}
		}
		l.mutex.Unlock()
		if ticket := l.ticket(fills[i].Order); ticket != nil {
			ticket.fillFound(fills[i].Index)
		}
	}
}

// catchUp reads what is new in the history. Fills that no frame had room for, or whose frame is still on its way, are asked for.
func (l *Live) catchUp(ctx context.Context, checkpoint uint64) error {
	entries, err := l.client.entries(ctx, l.session, l.standing.history, checkpoint, 0)
	if err != nil {
		return err
	}
	missing := uint64(0)
	for i := range entries {
		l.standing.history = entries[i].Index
		if event := &entries[i].Event; event.Kind == wire.EventFilled && !l.wasFramed(event.Number) && missing == 0 {
			missing = event.Number
		}
		l.settleEntry(&entries[i].Event)
	}
	if missing == 0 {
		return nil
	}
	fills, err := l.client.fills(ctx, l.session, missing-1, checkpoint, 0)
	for i := range fills {
		if ticket := l.ticket(fills[i].Order); ticket != nil {
			ticket.fillFound(fills[i].Index)
		}
	}
	return err
}

// wasFramed tells whether a fill of the history came in a frame.
func (l *Live) wasFramed(fill uint64) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_, framed := l.framed[fill]
	delete(l.framed, fill)
	l.settled = max(l.settled, fill)
	return framed
}

func (l *Live) settleEntry(event *wire.HistoryEvent) {
	ticket := l.ticket(event.Order)
	if ticket == nil {
		return
	}
	switch event.Kind {
	case wire.EventPlaced:
		ticket.settle(nil)
	case wire.EventRejected:
		if event.Command == wire.CommandPlace {
			ticket.settle(rejection(event.Reason))
			l.forget(event.Order)
		}
	case wire.EventCancelled, wire.EventExpired:
		l.forget(event.Order)
	}
}

func (l *Live) ticket(order uint64) *Ticket {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.tickets[order]
}

// forget ends an order's ticket: nothing more is to be told of it.
func (l *Live) forget(order uint64) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.tickets, order)
}

func (l *Live) fail(err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.failure == nil {
		l.failure = err
		if errors.Is(err, context.Canceled) {
			l.failure = refusedf("go live again", "the live session was closed")
		}
		close(l.ended)
	}
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

// Placed waits until the contract has placed the order, or rejected it.
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

// Fill waits for the order's first fill and gives the worker's signed receipt of it, proven against the commit on the chain.
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
