package wallet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// Relay carries envelopes to the chain under its own account (spec/relay.md). It is not trusted: it can withhold, and knows who
// connects to it, but can neither read nor alter. What it says of an envelope is a hint; the chain tells what became of it.
type Relay interface {
	// Name is how people know it.
	Name() string
	// Info asks the relay about itself.
	Info(ctx context.Context) (RelayInfo, error)
	// Post hands an envelope over and gives its ticket. A relay that has the very same bytes gives the ticket that it has.
	Post(ctx context.Context, envelope []byte) (ticket string, err error)
	// Failed waits until the relay says that it has given the envelope up, and gives its reason. It also returns, with no reason,
	// when the relay says that the envelope is on the chain.
	Failed(ctx context.Context, ticket string) (reason string, err error)
}

// RelayInfo is what a relay says of itself.
type RelayInfo struct {
	Instance  wire.Instance
	Account   scale.AccountID // whom envelopes name to refund
	Accepting bool
	Reason    string // why not
	Openings  bool
}

const (
	// defaultRelayPatience is how long a relay may take until its envelope is in a finalised block.
	defaultRelayPatience = 20 * time.Second
	// relayTimeout bounds one question to a relay.
	relayTimeout = 10 * time.Second
)

// ErrNotDelivered says that no relay brought an envelope to the chain in time.
var ErrNotDelivered = errors.New("wallet: no relay has brought the command to the chain in time, and it may still take effect; look at the history, then name " +
	"another relay, or allow direct submission, which shows your account, with --direct-fallback")

// relayed tells whether envelopes go through relays.
func (c *Client) relayed() bool { return len(c.relays) > 0 }

// chooseRelay finds the relay that a command will name. Its bytes are sealed once and for all: if that relay does not deliver, the
// next gets the same bytes, though no refund. So one command can never become two.
func (c *Client) chooseRelay(ctx context.Context, opening bool) (at int, account scale.AccountID, err error) {
	var reasons []string
	for i, relay := range c.relays {
		asking, cancel := context.WithTimeout(ctx, relayTimeout)
		info, err := relay.Info(asking)
		cancel()
		switch {
		case ctx.Err() != nil:
			return 0, account, ctx.Err()
		case err != nil:
			_, isRefused := errors.AsType[*Refused](err)
			cause, _ := Explain(err)
			if !isRefused {
				cause = relay.Name() + ": " + cause
			}
			reasons = append(reasons, cause)
		case info.Instance != c.instance:
			return 0, account, refusedf("name a relay of this network with --relay", "the relay %s serves another network (%s, contract %d)",
				relay.Name(), info.Instance.Genesis, info.Instance.Contract)
		case !info.Accepting:
			reasons = append(reasons, fmt.Sprintf("%s takes nothing now: %s", relay.Name(), info.Reason))
		case opening && !info.Openings:
			reasons = append(reasons, relay.Name()+" takes no session openings")
		default:
			return i, info.Account, nil
		}
	}
	if c.direct {
		c.say("no relay takes it (%s): submitting directly, which shows the account", strings.Join(reasons, "; "))
		return len(c.relays), account, nil
	}
	return 0, account, refusedf("name another relay with --relay, or allow direct submission, which shows your account, with --direct-fallback",
		"no relay takes envelopes (%s)", strings.Join(reasons, "; "))
}

// deliver brings an envelope to the chain, through the relays from one on or directly, and gives the block that holds it.
func (c *Client) deliver(ctx context.Context, what string, envelope []byte, from int) (number uint32, err error) {
	if !c.relayed() {
		return c.submitDirectly(ctx, what, envelope)
	}
	tail, err := c.chain.InboxAfter(ctx, c.chain.View().Head)
	if err != nil {
		return 0, err
	}
	looking, stop := context.WithCancel(ctx)
	defer stop()
	found := make(chan sighting, 1)
	go func() { found <- c.lookFor(looking, tail, envelope) }()
	for _, relay := range c.relays[from:] {
		seen, delivered := c.tryRelay(ctx, what, relay, envelope, found)
		if delivered {
			return seen.number, seen.err
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("%w (%w)", ErrNotDelivered, ctx.Err())
		}
	}
	if !c.direct {
		return 0, ErrNotDelivered
	}
	c.say("no relay has delivered the %s: submitting the same bytes directly, which shows the account", what)
	return c.submitDirectly(ctx, what, envelope)
}

func (c *Client) submitDirectly(ctx context.Context, what string, envelope []byte) (uint32, error) {
	call, err := wire.CallSubmit([][]byte{envelope})
	if err != nil {
		return 0, err
	}
	inclusion, err := c.transact(ctx, what, call)
	if err != nil {
		return 0, err
	}
	return inclusion.Block.Number, nil
}

// tryRelay hands an envelope to a relay and waits for it on the chain.
func (c *Client) tryRelay(ctx context.Context, what string, relay Relay, envelope []byte, found chan sighting) (seen sighting, delivered bool) {
	ctx, cancel := context.WithTimeout(ctx, c.relayPatience)
	defer cancel()
	posting, posted := context.WithTimeout(ctx, relayTimeout)
	ticket, err := relay.Post(posting, envelope)
	posted()
	if err != nil { // it may have it all the same
		cause, _ := Explain(err)
		c.say("the relay %s does not take the %s: %s", relay.Name(), what, cause)
		select {
		case seen = <-found:
			return seen, true
		default:
			return seen, false
		}
	}
	c.say("%s handed to the relay %s", what, relay.Name())
	failed := make(chan string, 1)
	go func() {
		if reason, err := relay.Failed(ctx, ticket); err == nil && reason != "" {
			failed <- reason
		}
	}()
	select {
	case seen = <-found:
		if seen.err == nil {
			c.say("%s is in finalised block %d", what, seen.number)
		}
		return seen, true
	case reason := <-failed:
		c.say("the relay %s has given the %s up: %s", relay.Name(), what, reason)
	case <-ctx.Done():
		c.say("the relay %s has not delivered the %s in %s", relay.Name(), what, c.relayPatience)
	}
	return seen, false
}

// sighting is the block in which an envelope was found.
type sighting struct {
	number uint32
	err    error
}

// lookFor reads the inbox until it holds an envelope. All of it is read: so the node does not learn which envelope is this wallet's,
// as it would by being asked for a block.
func (c *Client) lookFor(ctx context.Context, tail *light.InboxReader, envelope []byte) sighting {
	errFound := errors.New("found")
	for view := c.chain.View(); ; {
		number := uint32(0)
		err := tail.Read(ctx, view.Head, func(checkpoint *light.Checkpoint) error {
			for i := range checkpoint.Messages {
				if m := &checkpoint.Messages[i]; m.Kind == wire.MessageEnvelope && string(m.Envelope.Bytes) == string(envelope) {
					number = checkpoint.Number
					return errFound
				}
			}
			return nil
		})
		if errors.Is(err, errFound) {
			return sighting{number: number}
		}
		if light.Refused(err) || ctx.Err() != nil {
			return sighting{err: err}
		}
		last := view.Head.Number // what could not be fetched is fetched at the next head
		if view, err = c.chain.Wait(ctx, newerThan(last)); err != nil {
			return sighting{err: err}
		}
	}
}

// newerThan is met by the first view above a block.
func newerThan(number uint32) func(*chain.View) bool {
	return func(v *chain.View) bool { return v.Head.Number > number }
}
