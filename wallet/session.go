package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// MaximumSession is how long a session may last.
const MaximumSession = time.Duration(wire.MaxSessionDuration) * time.Millisecond

// Session is what is known of the account's session.
type Session struct {
	ID           scale.Hash
	ExpiresAt    time.Time
	NextSequence uint64
}

func (s *secretSession) sealing(c *Client) *seal.Session {
	return seal.NewSession(c.instance, c.account, s.Secret, s.ExpiresAt, s.Opened)
}

// Session asks the contract about the account's session.
func (c *Client) Session(ctx context.Context) (*Session, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Wipe()
	answer, err := c.ask(ctx, session, wire.Query{Kind: wire.QueryBalances, Limit: 1}, 0)
	if err != nil {
		return nil, err
	}
	return sessionOf(session, answer), nil
}

func sessionOf(session *seal.Session, answer *wire.Answer) *Session {
	return &Session{ID: session.ID(), ExpiresAt: time.UnixMilli(int64(answer.Body.ExpiresAt)), NextSequence: answer.Body.NextSequence}
}

// session gives the session that the vault keeps, or says that there is none.
func (c *Client) session(ctx context.Context) (*seal.Session, error) {
	session, err := c.findSession(ctx)
	if err == nil && session == nil {
		err = refusedf("open one: bitcloak wallet session open", "this wallet has no session of %s", Address(c.account))
	}
	return session, err
}

// findSession gives the session that the vault keeps; nil if there is none. An opening whose outcome was not seen is looked into
// first.
func (c *Client) findSession(ctx context.Context) (*seal.Session, error) {
	record, err := c.vault.Load()
	if err != nil {
		return nil, err
	}
	if record.opening.Some {
		if record, err = c.settleOpening(ctx, record.opening.Value); err != nil {
			return nil, err
		}
	}
	if !record.session.Some {
		return nil, nil
	}
	kept := &record.session.Value
	view := c.chain.View()
	if expiry := time.UnixMilli(int64(kept.ExpiresAt)); !expiry.After(now(&view)) {
		return nil, refusedf("open a new one: bitcloak wallet session open", "the session of %s expired on %s", Address(c.account), expiry.UTC().Format(time.DateTime))
	}
	return kept.sealing(c), nil
}

// settleOpening finds out whether an opening that was sent has opened the session, and keeps the one that is open. One that has
// not opened yet may still do so, and is asked about again next time.
func (c *Client) settleOpening(ctx context.Context, opening secretSession) (Record, error) {
	_, err := c.ask(ctx, opening.sealing(c), wire.Query{Kind: wire.QueryBalances, Limit: 1}, 0)
	if errors.Is(err, ErrNoSession) {
		return c.vault.Load()
	}
	if err != nil {
		return Record{}, err
	}
	return c.settleOpened(ctx, &opening)
}

// OpenSession opens a session for a time and replaces the one that was open. It returns when the contract knows it.
func (c *Client) OpenSession(ctx context.Context, duration time.Duration) (*Session, error) {
	if duration <= 0 || duration > MaximumSession {
		return nil, refusedf(fmt.Sprintf("choose at most %d days", int(MaximumSession/(24*time.Hour))), "a session cannot last %s", duration)
	}
	view, err := c.chain.Fresh(ctx)
	if err != nil {
		return nil, err
	}
	opening := secretSession{Secret: seal.NewSecret(), Opened: view.Epoch.Index, ExpiresAt: uint64(now(&view).Add(duration).UnixMilli())}
	session := opening.sealing(c)
	defer session.Wipe()
	from := 0
	if c.relayed() {
		if from, _, err = c.chooseRelay(ctx, true); err != nil {
			return nil, err
		}
	}
	envelope, err := c.openingEnvelope(ctx, session, &view)
	if err != nil {
		return nil, err
	}
	err = c.vault.Update(ctx, func(r *Record) error {
		r.opening = scale.Some(opening)
		return nil
	})
	if err != nil {
		return nil, err
	}
	number, err := c.deliver(ctx, "session opening", envelope, from)
	var rejected *chain.RejectedError
	if errors.As(err, &rejected) { // it never left
		return nil, errors.Join(err, c.dropOpening(ctx, &opening))
	}
	if err != nil {
		return nil, err
	}
	return c.awaitOpening(ctx, &opening, session, number)
}

// openingEnvelope seals the account's signature over the session's text.
func (c *Client) openingEnvelope(ctx context.Context, session *seal.Session, view *chain.View) ([]byte, error) {
	key, err := c.contractKey(ctx, view.Epoch.Index)
	if err != nil {
		return nil, err
	}
	signature := wire.SessionSignature{Scheme: uint8(c.pair.Kind()), Bytes: c.pair.Sign(session.Message())}
	return session.Open(key, signature)
}

func (c *Client) awaitOpening(ctx context.Context, opening *secretSession, session *seal.Session, number uint32) (*Session, error) {
	view, err := c.chain.Covered(ctx, number)
	if err != nil {
		return nil, err
	}
	c.say("answered by the commit of checkpoint %d", view.Commit.Value.Checkpoint)
	answer, err := c.ask(ctx, session, wire.Query{Kind: wire.QueryBalances, Limit: 1}, view.Commit.Value.Checkpoint)
	if errors.Is(err, ErrNoSession) {
		if err := c.dropOpening(ctx, opening); err != nil {
			return nil, err
		}
		return nil, refusedBy(err, "try again; accounts that never deposited share a bounded number of sessions, so deposit first if it happens again",
			"the contract did not open the session")
	}
	if err != nil {
		return nil, err
	}
	if _, err := c.settleOpened(ctx, opening); err != nil {
		return nil, err
	}
	return sessionOf(session, answer), nil
}

// settleOpened keeps a session that was seen open.
func (c *Client) settleOpened(ctx context.Context, opening *secretSession) (record Record, err error) {
	err = c.vault.Update(ctx, func(r *Record) error {
		if r.opening.Some && r.opening.Value.Secret == opening.Secret {
			r.session, r.opening = r.opening, scale.None[secretSession]()
		}
		record = *r
		return nil
	})
	return record, err
}

// dropOpening forgets an opening that the contract has passed without taking it.
func (c *Client) dropOpening(ctx context.Context, opening *secretSession) error {
	return c.vault.Update(ctx, func(r *Record) error {
		if r.opening.Some && r.opening.Value.Secret == opening.Secret {
			r.opening = scale.None[secretSession]()
		}
		return nil
	})
}
