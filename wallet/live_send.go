package wallet

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/wire"
)

const (
	// chaseInterval is how often a Live looks for commands that have not arrived.
	chaseInterval = time.Second
	// directTries is how often a command is submitted directly, where there is no relay: a transaction can be lost, too.
	directTries = 2
	// directPatience is how long the contract may take to say what became of a command, where the inbox is not read.
	directPatience = time.Minute
)

// ErrNotArrived says that the contract did not execute a command in time, and did not reject it.
var ErrNotArrived = errors.New("wallet: the contract has not told in time what became of the command, and it may still take effect; look at the history " +
	"before it is sent again")

// paths is how many ways there are to the chain: each relay, and direct submission where that is allowed.
func (l *Live) paths() int {
	c := l.client
	switch {
	case !c.relayed():
		return 1
	case c.direct:
		return len(c.relays) + 1
	}
	return len(c.relays)
}

// tries is how often one envelope is handed over, before it is given up.
func (l *Live) tries() int { return max(l.paths(), directTries) }

// hand hands an envelope over on a path.
func (l *Live) hand(ctx context.Context, envelope []byte, path int) error {
	c := l.client
	if path < len(c.relays) {
		ctx, cancel := context.WithTimeout(ctx, relayTimeout)
		defer cancel()
		_, err := c.relays[path].Post(ctx, envelope)
		return err
	}
	call, err := wire.CallSubmit([][]byte{envelope})
	if err != nil {
		return err
	}
	_, err = c.chain.Submit(ctx, c.signer(), call)
	return err
}

// send seals a command and hands it over, on the first path that takes it.
func (l *Live) send(ctx context.Context, o *outgoing) error {
	l.mutex.Lock()
	err := l.seal(ctx, o)
	if err == nil {
		o.sent, o.tries = time.Now(), 1
	}
	l.mutex.Unlock()
	if err != nil {
		return err
	}
	for path := l.from; ; path++ {
		if err = l.hand(ctx, o.envelope, path); err == nil || path+1 >= l.paths() || ctx.Err() != nil {
			return err
		}
		l.mutex.Lock()
		o.path = path + 1
		l.mutex.Unlock()
	}
}

// drop forgets a command that was not handed over, or has come to its end.
func (l *Live) drop(o *outgoing) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if at := slices.Index(l.pending, o); at >= 0 {
		l.pending = slices.Delete(l.pending, at, at+1)
	}
	if o.command.Kind == wire.CommandPlace && l.tickets[o.command.Order] == o.ticket {
		delete(l.tickets, o.command.Order)
	}
}

// overdue finds the oldest command that has not arrived in time, and whether it has been tried often enough.
func (l *Live) overdue() (o *outgoing, lost bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	patience := l.client.relayPatience
	if l.pace == nil && !l.client.relayed() {
		patience = directPatience
	}
	for _, o := range l.pending {
		if !o.included && time.Since(o.sent) > patience {
			return o, o.tries >= l.tries()
		}
	}
	return nil, false
}

// again chooses the next path of a command, which takes the same bytes (spec/wire.md, 3: they count once).
func (l *Live) again(o *outgoing) (envelope []byte, path int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	o.tries++
	o.path = (o.path + 1) % l.paths()
	o.sent = time.Now()
	return o.envelope, o.path
}

// giveUp ends a command that did not arrive on any path: a place under way is free again.
func (l *Live) giveUp(o *outgoing) {
	l.drop(o)
	if l.client.relayed() {
		o.ticket.settle(ErrNotDelivered)
	} else {
		o.ticket.settle(ErrNotArrived)
	}
}

// chase sends commands that have not arrived on another path.
func (l *Live) chase(ctx context.Context) {
	ticker := time.NewTicker(chaseInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		for {
			o, lost := l.overdue()
			if o == nil {
				break
			}
			if lost {
				l.giveUp(o)
				continue
			}
			envelope, path := l.again(o)
			if err := l.hand(ctx, envelope, path); err != nil && ctx.Err() == nil {
				cause, _ := Explain(err)
				l.client.say("a command could not be handed over again: %s", cause)
			}
		}
	}
}

// look reads the inbox and notes which envelopes are on the chain. It reads all of it, whatever is under way: what it fetches tells the
// node nothing.
func (l *Live) look(ctx context.Context, tail *light.InboxReader) {
	for view := l.client.chain.View(); ; {
		err := tail.Read(ctx, view.Head, l.note)
		if light.Refused(err) {
			l.fail(err)
			return
		}
		last := view.Head.Number // what could not be fetched is fetched at the next head
		if view, err = l.client.chain.Wait(ctx, newerThan(last)); err != nil {
			l.fail(err)
			return
		}
	}
}

func (l *Live) note(checkpoint *light.Checkpoint) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.pending) == 0 {
		return nil
	}
	waiting := make(map[string]*outgoing, len(l.pending))
	for _, o := range l.pending {
		waiting[string(o.envelope)] = o
	}
	for i := range checkpoint.Messages {
		m := &checkpoint.Messages[i]
		if m.Kind != wire.MessageEnvelope {
			continue
		}
		if o := waiting[string(m.Envelope.Bytes)]; o != nil {
			o.included = true
			l.next = max(l.next, o.sequence+1)
		}
	}
	l.pending = slices.DeleteFunc(l.pending, func(o *outgoing) bool { return o.included && o.ticket == nil })
	return nil
}
