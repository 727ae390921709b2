package wallet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	// liveUnderWay is how many commands of a Live may be under way: within the contract's window, with room for what reserved
	// sequences a crash may lose.
	liveUnderWay = 32
	// liveReserve is how many sequences a Live writes down at once.
	liveReserve = 16
	// giveBackTimeout bounds what Close waits for the vault.
	giveBackTimeout = 5 * time.Second
)

// Live is a session for programs that send many commands: each is sent without waiting for the one before, and what becomes of it
// comes with the stream. What a Live tells is proven like everything else. A paced one hides when commands are sent: see GoPaced.
type Live struct {
	client  *Client
	session *seal.Session
	stream  *Stream
	pace    *pace // nil: commands leave at once
	cancel  context.CancelFunc
	running sync.WaitGroup
	slots   chan struct{} // holds one for each command under way
	changed chan uint64   // the newest checkpoint in which the account changed
	named   scale.AccountID
	from    int // of the relays, the one that is named

	mutex    sync.Mutex
	tickets  map[uint64]*Ticket  // of orders that may fill
	pending  []*outgoing         // sealed and not settled, in their order
	framed   map[uint64]struct{} // fills that frames have told of, and the history not yet
	settled  uint64              // the last fill that the history has told of
	standing *standing
	next     uint64 // one above the highest sequence seen on the chain
	sequence uint64 // those below reserved are written down
	reserved uint64
	order    uint64 // likewise
	orders   uint64
	failure  error
	ended    chan struct{}
}

// GoLive subscribes, and takes over where the session stands.
func (c *Client) GoLive(ctx context.Context) (*Live, error) { return c.goLive(ctx, nil) }

func (c *Client) goLive(ctx context.Context, paced *pace) (*Live, error) {
	l := &Live{client: c, pace: paced, slots: make(chan struct{}, liveUnderWay), changed: make(chan uint64, 1),
		tickets: map[uint64]*Ticket{}, framed: map[uint64]struct{}{}, ended: make(chan struct{})}
	var err error
	if c.relayed() {
		if l.from, l.named, err = c.chooseRelay(ctx, false); err != nil {
			return nil, err
		}
	}
	if l.stream, err = c.Subscribe(ctx); err != nil {
		return nil, err
	}
	if err := l.begin(ctx); err != nil {
		l.stream.Close()
		return nil, err
	}
	return l, nil
}

func (l *Live) begin(ctx context.Context) (err error) {
	if l.standing, err = l.client.stand(ctx); err != nil {
		return err
	}
	l.session, l.next = l.standing.session, l.standing.next
	if l.named != (scale.AccountID{}) && l.standing.available(feeAsset).IsZero() {
		return errNoRelayFee
	}
	running, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	if l.client.relayed() || l.pace != nil {
		tail, err := l.client.chain.InboxAfter(ctx, l.client.chain.View().Head)
		if err != nil {
			cancel()
			return err
		}
		l.running.Go(func() { l.look(running, tail) })
	}
	l.running.Go(func() { l.read(running) })
	if l.pace != nil {
		l.running.Go(func() { l.keepPace(running) })
		return nil
	}
	l.running.Go(func() { l.settle(running) })
	l.running.Go(func() { l.chase(running) })
	return nil
}

// Close ends the stream, and gives sequences back that were written down and not used. Orders stay as they are; commands that wait
// for a tick are not sent.
func (l *Live) Close() error {
	l.cancel()
	l.stream.Close()
	l.running.Wait()
	l.mutex.Lock() // nothing is sealed any more: failure is set
	defer l.mutex.Unlock()
	defer l.session.Wipe()
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

// Done is closed when the session has ended; Err then says why.
func (l *Live) Done() <-chan struct{} { return l.ended }

// Err is why the session has ended.
func (l *Live) Err() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.failure
}

// Place takes an order. It waits only if too many commands are under way.
func (l *Live) Place(ctx context.Context, order Order) (*Ticket, error) {
	command, err := placing(&order)
	if err != nil {
		return nil, err
	}
	return l.take(ctx, command)
}

// Amend changes an open order's price in ticks and its remaining lots.
func (l *Live) Amend(ctx context.Context, order, price, quantity uint64) (*Ticket, error) {
	return l.take(ctx, wire.Command{Kind: wire.CommandAmend, Order: order, Price: price, Quantity: quantity})
}

// Cancel takes an open order out of its book.
func (l *Live) Cancel(ctx context.Context, order uint64) (*Ticket, error) {
	return l.take(ctx, wire.Command{Kind: wire.CommandCancel, Order: order})
}

// Withdraw pays out of the pool; its ticket settles when the contract has taken the amount.
func (l *Live) Withdraw(ctx context.Context, asset uint32, amount scale.U128, to scale.AccountID) (*Ticket, error) {
	return l.take(ctx, wire.Command{Kind: wire.CommandWithdraw, Asset: asset, Amount: amount, To: to})
}

// Transfer moves an amount to another account inside the pool.
func (l *Live) Transfer(ctx context.Context, asset uint32, amount scale.U128, to scale.AccountID) (*Ticket, error) {
	return l.take(ctx, wire.Command{Kind: wire.CommandTransfer, Asset: asset, Amount: amount, To: to})
}

// take finds room for a command and sends it, or has it wait for a tick.
func (l *Live) take(ctx context.Context, command wire.Command) (*Ticket, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.ended:
		return nil, l.Err()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o := &outgoing{ticket: newTicket(l), command: command}
	err := l.number(ctx, o)
	if err == nil && l.pace != nil {
		l.pace.enqueue(o)
		return o.ticket, nil
	}
	if err == nil {
		err = l.send(ctx, o)
	}
	if err != nil {
		l.drop(o)
		o.ticket.settle(err)
		return nil, err
	}
	return o.ticket, nil
}

// number gives an order its number, and enters its ticket: the stream may be faster than the node's answer.
func (l *Live) number(ctx context.Context, o *outgoing) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.failure != nil {
		return l.failure
	}
	if o.command.Kind == wire.CommandPlace {
		if l.order == l.orders {
			if err := l.reserveOrders(ctx); err != nil {
				return err
			}
		}
		o.command.Order = l.order
		l.order++
		l.tickets[o.command.Order] = o.ticket
	}
	o.ticket.Order = o.command.Order
	return nil
}

// reserveOrders writes order numbers down before they are used; the mutex is held.
func (l *Live) reserveOrders(ctx context.Context) error {
	first := uint64(0)
	err := l.client.vault.Update(ctx, func(r *Record) error {
		r.order = max(r.order, l.standing.order)
		first = r.order + 1
		r.order += liveReserve
		return nil
	})
	if err == nil {
		l.order, l.orders = first, first+liveReserve
	}
	return err
}

// reserve writes sequences down before they are used; the mutex is held. What could not be written down is not used: a sequence must
// not serve twice.
func (l *Live) reserve(ctx context.Context) error {
	first := uint64(0)
	err := l.client.vault.Update(ctx, func(r *Record) error {
		if !r.session.Some || wire.SessionID(r.session.Value.Secret) != l.session.ID() {
			return refusedf("go live again", "the session was replaced in the meantime")
		}
		first = max(r.session.Value.Next, l.standing.next)
		if l.reserved == 0 && first-l.standing.next > sequenceWindow-liveUnderWay-liveReserve {
			return refusedf("open a new session: bitcloak wallet session open", "%d commands of this session were sealed and never reached the contract", first-l.standing.next)
		}
		r.session.Value.Next = first + liveReserve
		return nil
	})
	if err != nil {
		return err
	}
	if first != l.reserved { // another wallet of the account has used some
		l.sequence = first
	}
	l.reserved = first + liveReserve
	return nil
}

// seal seals a command under the next sequence; the mutex is held.
func (l *Live) seal(ctx context.Context, o *outgoing) error {
	if l.failure != nil {
		return l.failure
	}
	if l.sequence == l.reserved {
		if err := l.reserve(ctx); err != nil {
			return err
		}
	}
	if lost := l.sequence - l.next; l.sequence > l.next && lost >= sequenceWindow {
		return refusedf("wait for those under way, or open a new session: bitcloak wallet session open",
			"%d commands of this session were sealed and have not reached the contract", lost)
	}
	o.sequence, o.command.Relay = l.sequence, l.named
	l.sequence++
	view := l.client.chain.View()
	envelope, err := l.session.Seal(view.Epoch.Index, o.sequence, &o.command)
	if err != nil {
		return fmt.Errorf("wallet: seal a command: %w", err)
	}
	o.envelope, o.path = envelope, l.from
	l.pending = append(l.pending, o)
	return nil
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
