package wallet

import (
	"context"

	"github.com/bitcloak/bitcloak/wire"
)

// read takes the stream's frames. Fills are known from here on, before they are proven.
func (l *Live) read(ctx context.Context) {
	for {
		frame, err := l.stream.Next(ctx)
		if err != nil {
			l.fail(err)
			return
		}
		l.framesFills(frame.Fills)
		if !frame.Changed || l.pace != nil {
			continue
		}
		select { // only the newest counts
		case <-l.changed:
		default:
		}
		l.changed <- frame.Checkpoint
	}
}

// settle reads the account's history whenever it has changed, and tells each ticket what became of its command.
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
		l.tellFill(&fills[i])
	}
}

func (l *Live) tellFill(fill *wire.Fill) {
	if ticket := l.ticket(fill.Order); ticket != nil {
		ticket.fillFound(fill.Index)
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
		if event := &entries[i].Event; event.Kind == wire.EventFilled && !l.wasFramed(event.Number) && missing == 0 {
			missing = event.Number
		}
		l.settleEntry(&entries[i])
	}
	if missing == 0 {
		return nil
	}
	fills, err := l.client.fills(ctx, l.session, missing-1, checkpoint, 0)
	for i := range fills {
		l.tellFill(&fills[i])
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

// settleEntry tells the command that an entry of the history is about.
func (l *Live) settleEntry(entry *wire.HistoryEntry) {
	event := &entry.Event
	l.mutex.Lock()
	l.standing.history = entry.Index
	var settled *outgoing
	var outcome error
	for i, o := range l.pending {
		if done, err := o.settles(event); done && o.ticket != nil {
			settled, outcome = o, err
			l.next = max(l.next, o.sequence+1)
			l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
			break
		}
	}
	l.mutex.Unlock()
	if settled != nil {
		settled.ticket.settle(outcome)
	}
	switch {
	case event.Kind == wire.EventCancelled, event.Kind == wire.EventExpired,
		event.Kind == wire.EventRejected && event.Command == wire.CommandPlace:
		l.forget(event.Order)
	case event.Kind == wire.EventRejected && event.Command == wire.CommandDummy:
		l.client.say("a dummy was rejected: %s", event.Reason)
	}
}
