package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// sequenceWindow is how many sequences from a session's next one on the contract takes (spec/wire.md, 3).
const sequenceWindow = 64

// feeAsset is CLOAK, in which relays are refunded.
const feeAsset = 0

var errNoRelayFee = refusedf("deposit some CLOAK into the pool first (that deposit is a transaction of yours), or submit without a relay",
	"a relay is refunded out of the account's CLOAK in the pool, and there is none")

// standing is where the account stands before a command, all of it proven.
type standing struct {
	session *seal.Session
	next    uint64 // the contract's next sequence
	leaves  []wire.LeafProof
	history uint64 // the last entry's index
	order   uint64 // the highest order number in what was read
}

// stand asks for balances, sequence and the history that is new to this wallet.
func (c *Client) stand(ctx context.Context) (*standing, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	record, err := c.vault.Load()
	if err != nil {
		return nil, err
	}
	leaves, answer, err := c.leaves(ctx, session, 0)
	if err != nil {
		return nil, err
	}
	entries, err := c.entries(ctx, session, record.history, answer.Checkpoint, 0)
	if err != nil {
		return nil, err
	}
	s := &standing{session: session, next: answer.Body.NextSequence, leaves: leaves, history: record.history, order: record.order}
	for i := range entries {
		s.history = entries[i].Index
		s.order = max(s.order, entries[i].Event.Order)
	}
	return s, nil
}

// available is what the account can use of an asset in the pool.
func (s *standing) available(asset uint32) wire.U128 {
	for i := range s.leaves {
		if s.leaves[i].Leaf.Asset == asset {
			return s.leaves[i].Leaf.Available
		}
	}
	return wire.U128{}
}

// executed is a command that the contract has passed, and everything that it has entered in the account's history since.
type executed struct {
	*standing
	command    wire.Command
	sequence   uint64
	number     uint32 // block
	checkpoint uint64 // at which a commit covered it
	entries    []wire.HistoryEntry
}

// execute seals a command, sends it, waits until a commit covers it, and reads what came of it. newOrder has it numbered.
func (c *Client) execute(ctx context.Context, what string, s *standing, command wire.Command, newOrder bool) (*executed, error) {
	from := 0
	if c.relayed() {
		var err error
		if from, command.Relay, err = c.chooseRelay(ctx, false); err != nil {
			return nil, err
		}
		if command.Relay != (scale.AccountID{}) && s.available(feeAsset).IsZero() {
			return nil, errNoRelayFee
		}
	}
	sequence, err := c.reserve(ctx, s, &command, newOrder)
	if err != nil {
		return nil, err
	}
	view := c.chain.View()
	envelope, err := s.session.Seal(view.Epoch.Index, sequence, &command)
	if err != nil {
		return nil, err
	}
	number, err := c.deliver(ctx, what, envelope, from)
	if err != nil {
		return nil, err
	}
	e := &executed{standing: s, command: command, sequence: sequence, number: number}
	if view, err = c.chain.Covered(ctx, e.number); err != nil {
		return nil, err
	}
	e.checkpoint = view.Commit.Value.Checkpoint
	c.say("answered by the commit of checkpoint %d", e.checkpoint)
	if command.Kind == wire.CommandCloseSession {
		return e, nil
	}
	e.entries, err = c.entries(ctx, s.session, s.history, e.checkpoint, 0)
	return e, err
}

// reserve takes a sequence, and an order number where one is wanted. Both are written down before anything is sent: a sequence that
// was once used for sealing is never used again (spec/wire.md, 3).
func (c *Client) reserve(ctx context.Context, s *standing, command *wire.Command, newOrder bool) (sequence uint64, err error) {
	err = c.vault.Update(ctx, func(r *Record) error {
		if !r.session.Some || wire.SessionID(r.session.Value.Secret) != s.session.ID() {
			return refusedf("try again", "the session was replaced in the meantime")
		}
		sequence = max(r.session.Value.Next, s.next)
		if sequence-s.next >= sequenceWindow {
			return refusedf("open a new session: bitcloak wallet session open", "%d commands of this session were sealed and never reached the contract", sequence-s.next)
		}
		r.session.Value.Next = sequence + 1
		r.order, r.history = max(r.order, s.order), max(r.history, s.history)
		if newOrder {
			r.order++
			command.Order = r.order
		}
		return nil
	})
	return sequence, err
}

// find gives the entries from the first on that the command can have made; a rejection is an error.
func (e *executed) find(matches func(*wire.HistoryEvent) bool) ([]wire.HistoryEntry, error) {
	for i := range e.entries {
		event := &e.entries[i].Event
		if matches(event) {
			return e.entries[i:], nil
		}
		if event.Kind != wire.EventRejected {
			continue
		}
		if event.Command == e.command.Kind && event.Order == e.command.Order || event.Command == wire.CommandUnreadable {
			return nil, rejection(event.Reason)
		}
	}
	return nil, fmt.Errorf("%w (the command of block %d had no effect)", ErrNoSession, e.number)
}

// Rejected says why the contract refused a command: nothing else has changed.
type Rejected struct{ Reason wire.Reason }

func (r *Rejected) Error() string {
	return "wallet: the contract rejected the command: " + r.Reason.String()
}

func rejection(reason wire.Reason) error { return &Rejected{Reason: reason} }

// CloseSession ends the account's session. Open orders stay.
func (c *Client) CloseSession(ctx context.Context) (*Session, error) {
	s, err := c.stand(ctx)
	if err != nil {
		return nil, err
	}
	defer s.session.Wipe()
	record, err := c.vault.Load()
	if err != nil {
		return nil, err
	}
	e, err := c.execute(ctx, "session closing", s, wire.Command{Kind: wire.CommandCloseSession}, false)
	if err != nil {
		return nil, err
	}
	_, err = c.ask(ctx, s.session, wire.Query{Kind: wire.QueryBalances, Limit: 1}, e.checkpoint)
	switch {
	case err == nil:
		return nil, refusedf("try again", "the contract did not close the session")
	case !errors.Is(err, ErrNoSession):
		return nil, err
	}
	err = c.vault.Update(ctx, func(r *Record) error {
		if r.session.Some && r.session.Value.Secret == record.session.Value.Secret {
			r.session = scale.None[secretSession]()
		}
		return nil
	})
	return &Session{ID: s.session.ID(), ExpiresAt: time.UnixMilli(int64(record.session.Value.ExpiresAt)), NextSequence: s.next + 1}, err
}

// Dummy sends a command that does nothing and looks like any other.
func (c *Client) Dummy(ctx context.Context) error {
	s, err := c.stand(ctx)
	if err != nil {
		return err
	}
	defer s.session.Wipe()
	e, err := c.execute(ctx, "dummy", s, wire.Command{Kind: wire.CommandDummy}, false)
	if err != nil {
		return err
	}
	return c.taken(ctx, e)
}
