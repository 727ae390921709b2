package wallet

import (
	"context"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

const (
	// MinimumPace bounds how often a paced session sends.
	MinimumPace = 100 * time.Millisecond
	// pacedEntries and pacedFills are asked for at once: as many as always fit the smallest class of answers.
	pacedEntries = 32
	pacedFills   = 16
	// pacedAhead is how far sequences may run ahead of what is seen on the chain, within the contract's window.
	pacedAhead = 48
	// pacedSpare is how many sequences are written down before they are needed: so that no tick waits for the disk.
	pacedSpare = 4
)

// pace is what makes a Live send exactly one envelope and ask exactly one question at each tick, whatever is to be told. At a tick the
// envelope is, of these, the first that there is:
//
//  1. one that the tick before could not hand over,
//  2. one that was handed over and is not on the chain in time, on the next path,
//  3. a command that waits,
//  4. a dummy.
//
// Dummies are treated like commands throughout: one that is lost is sent again, too, or whoever loses envelopes on purpose would learn
// which of them matter. If a tick finds the one before still at work, it passes without an envelope: that shows how fast the relay or
// the node answers, and nothing else. Ticks are never made up for.
type pace struct {
	every time.Duration
	ticks <-chan time.Time // nil: every

	mutex   sync.Mutex
	waiting []*outgoing
	failed  *outgoing // 1.
	count   uint64
	missed  uint64

	handing, asking sync.Mutex // held while at work
}

// Pace says how often a paced session sends.
type Pace struct {
	Every time.Duration
	// Ticks replaces Every's own ticks, for tests.
	Ticks <-chan time.Time
}

// GoPaced is GoLive for a session that shows nobody when its commands are sent: one envelope leaves at every tick, a command that waits
// or a dummy, and one question of one size is asked. Every envelope has its fee, and every dummy, too.
func (c *Client) GoPaced(ctx context.Context, p Pace) (*Live, error) {
	if p.Every < MinimumPace {
		return nil, refusedf("choose a longer time between envelopes", "%s is too short for a pace, the shortest is %s", p.Every, MinimumPace)
	}
	return c.goLive(ctx, &pace{every: p.Every, ticks: p.Ticks})
}

func (p *pace) enqueue(o *outgoing) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.waiting = append(p.waiting, o)
}

// Ticks tells how many ticks there were, and how many of them passed without an envelope.
func (l *Live) Ticks() (count, missed uint64) {
	if l.pace == nil {
		return 0, 0
	}
	l.pace.mutex.Lock()
	defer l.pace.mutex.Unlock()
	return l.pace.count, l.pace.missed
}

// keepPace works at each tick until the end.
func (l *Live) keepPace(ctx context.Context) {
	p := l.pace
	ticks := p.ticks
	if ticks == nil {
		ticker := time.NewTicker(p.every)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-ticks:
		case <-l.ended:
			return
		case <-ctx.Done():
			l.fail(ctx.Err())
			return
		}
		p.mutex.Lock()
		p.count++
		count := p.count
		p.mutex.Unlock()
		if p.handing.TryLock() {
			l.running.Go(func() {
				defer p.handing.Unlock()
				l.sendPaced(ctx)
			})
		} else {
			p.mutex.Lock()
			p.missed++
			p.mutex.Unlock()
		}
		if p.asking.TryLock() {
			l.running.Go(func() {
				defer p.asking.Unlock()
				l.askPaced(ctx, count)
			})
		}
	}
}

// sendPaced sends a tick's envelope.
func (l *Live) sendPaced(ctx context.Context) {
	envelope, path, o, err := l.choose(ctx)
	if err != nil {
		l.fail(err)
		return
	}
	if err := l.hand(ctx, envelope, path); err != nil && ctx.Err() == nil {
		cause, _ := Explain(err)
		l.client.say("an envelope could not be handed over, and is the next again: %s", cause)
		l.pace.mutex.Lock()
		l.pace.failed = o
		l.pace.mutex.Unlock()
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.failure == nil && l.reserved-l.sequence < pacedSpare {
		if err := l.reserve(ctx); err != nil {
			l.client.say("sequences could not be written down ahead: %v", err)
		}
	}
}

// choose finds a tick's envelope.
func (l *Live) choose(ctx context.Context) (envelope []byte, path int, o *outgoing, err error) {
	p := l.pace
	p.mutex.Lock()
	o, p.failed = p.failed, nil
	p.mutex.Unlock()
	if o == nil {
		o = l.late()
	}
	if o != nil {
		envelope, path = l.again(o)
		return envelope, path, o, nil
	}
	p.mutex.Lock()
	if len(p.waiting) > 0 {
		o, p.waiting = p.waiting[0], p.waiting[1:]
	} else {
		o = &outgoing{command: wire.Command{Kind: wire.CommandDummy}}
	}
	p.mutex.Unlock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	o.sent, o.tries = time.Now(), 1
	err = l.seal(ctx, o)
	return o.envelope, o.path, o, err
}

// late finds what is not on the chain in time; or, when sequences have run ahead of the chain as far as they may, the oldest of what
// is not there. In a paced session nothing is given up: what can be sealed is bounded by the window.
func (l *Live) late() *outgoing {
	if o, _ := l.overdue(); o != nil {
		return o
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.sequence < l.next+pacedAhead {
		return nil
	}
	var oldest *outgoing
	for _, o := range l.pending {
		if !o.included && (oldest == nil || o.sent.Before(oldest.sent)) {
			oldest = o
		}
	}
	return oldest
}

// askPaced asks a tick's question: in turns for the history and for fills, a page that always has one size. Client.ask may have to
// repeat it while the chain lags behind the worker; that depends on them alone.
func (l *Live) askPaced(ctx context.Context, tick uint64) {
	l.mutex.Lock()
	history, fill := l.standing.history, l.settled
	l.mutex.Unlock()
	query := wire.Query{Kind: wire.QueryHistory, After: history, Limit: pacedEntries}
	if tick%2 == 0 {
		query = wire.Query{Kind: wire.QueryFills, After: fill, Limit: pacedFills}
	}
	answer, err := l.client.ask(ctx, l.session, query, 0)
	if err != nil {
		if ctx.Err() == nil {
			l.client.say("the worker did not answer: %v", err)
		}
		return
	}
	for i := range answer.Body.Entries {
		l.settleEntry(&answer.Body.Entries[i])
	}
	for i := range answer.Body.Fills {
		l.mutex.Lock()
		l.settled = max(l.settled, answer.Body.Fills[i].Index)
		delete(l.framed, answer.Body.Fills[i].Index)
		l.mutex.Unlock()
		l.tellFill(&answer.Body.Fills[i])
	}
}
