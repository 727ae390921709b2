package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

// observer sees what the relay and the worker's host see of a wallet.
type observer struct {
	*carrier
	worker *network

	watch   sync.Mutex
	posts   [][]byte
	queries []string
	fail    int           // so many posts fail
	stall   chan struct{} // posts wait until it is closed
}

func (o *observer) Post(ctx context.Context, envelope []byte) (string, error) {
	o.watch.Lock()
	stall, fail := o.stall, o.fail > 0
	if fail {
		o.fail--
	}
	o.watch.Unlock()
	if stall != nil {
		select {
		case <-stall:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	defer func() {
		o.watch.Lock()
		o.posts = append(o.posts, envelope)
		o.watch.Unlock()
	}()
	if fail {
		return "", errors.New("no")
	}
	return o.carrier.Post(ctx, envelope)
}

// Query implements wallet.Worker.
func (o *observer) Query(ctx context.Context, request []byte) ([]byte, error) {
	answer, err := o.worker.Query(ctx, request)
	o.watch.Lock()
	defer o.watch.Unlock()
	o.queries = append(o.queries, fmt.Sprintf("%d -> %d", len(request), len(answer)))
	return answer, err
}

// Subscribe implements wallet.Worker.
func (o *observer) Subscribe(ctx context.Context, request []byte) (wallet.Frames, error) {
	return o.worker.Subscribe(ctx, request)
}

func (o *observer) set(change func()) {
	o.watch.Lock()
	defer o.watch.Unlock()
	change()
}

// seen are posts and queries so far.
func (o *observer) seen() (posts [][]byte, queries []string) {
	o.watch.Lock()
	defer o.watch.Unlock()
	return append([][]byte(nil), o.posts...), append([]string(nil), o.queries...)
}

// paced is a paced session whose ticks the test gives.
type paced struct {
	*wallet.Live
	*observer
	t      *testing.T
	client *wallet.Client
	ticks  chan time.Time
}

func (n *network) paced(relayPatience time.Duration, more ...wallet.Relay) *paced {
	n.t.Helper()
	o := &observer{carrier: n.carrier("Ferdie"), worker: n}
	client := wallet.New(wallet.Config{Chain: n.connect(), Worker: o, Pair: n.trader("Alice"), Patience: 1500 * time.Millisecond,
		Relays: append([]wallet.Relay{o}, more...), RelayPatience: relayPatience})
	n.open(client)
	for _, asset := range []uint32{0, ksm, usdt} {
		listed := n.listing(client).AssetByID(asset)
		if _, err := client.Deposit(soon(n.t), &listed, units("100000000000000"), client.Account(), false); err != nil {
			n.t.Fatal(err)
		}
	}
	p := &paced{observer: o, t: n.t, client: client, ticks: make(chan time.Time)}
	var err error
	if p.Live, err = client.GoPaced(soon(n.t), wallet.Pace{Every: time.Second, Ticks: p.ticks}); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = p.Live.Close() })
	o.set(func() { o.posts, o.queries = nil, nil })
	return p
}

// tick gives a tick, and waits until its envelope is handed over and its question answered.
func (p *paced) tick() {
	p.t.Helper()
	posts, queries := p.seen()
	p.send()
	for deadline := time.Now().Add(timeout); ; time.Sleep(time.Millisecond) {
		after, asked := p.seen()
		if len(after) > len(posts) && len(asked) > len(queries) && p.Idle() {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("a tick brought %d posts and %d queries; %v", len(after)-len(posts), len(asked)-len(queries), p.Err())
		}
	}
}

func (p *paced) send() {
	p.t.Helper()
	select {
	case p.ticks <- time.Time{}:
	case <-time.After(timeout):
		p.t.Fatalf("no tick is taken: %v", p.Err())
	}
}

// TestPaceHidesCommands (I7): what a relay, a node and a worker's host see tick by tick is the same with commands and without.
func TestPaceHidesCommands(t *testing.T) {
	transcript := func(trades bool) (seen []string, client *wallet.Client) {
		n := newNetwork(t)
		bob := n.funded("Bob")
		if _, err := bob.Place(soon(t), n.order(bob, wire.Sell, 2500, 3000)); err != nil {
			t.Fatal(err)
		}
		p := n.paced(time.Minute)
		var tickets []*wallet.Ticket
		do := func(ticket *wallet.Ticket, err error) {
			if err != nil {
				t.Fatal(err)
			}
			tickets = append(tickets, ticket)
		}
		for i := range 24 {
			if trades && i == 3 { // two within one tick
				do(p.Place(soon(t), n.order(p.client, wire.Buy, 2500, 1000)))
				do(p.Place(soon(t), n.order(p.client, wire.Buy, 2400, 100)))
			}
			if trades && i == 7 {
				do(p.Amend(soon(t), tickets[1].Order, 2300, 50))
			}
			if trades && i == 11 {
				do(p.Cancel(soon(t), tickets[1].Order))
				do(p.Withdraw(soon(t), ksm, units("1000"), bob.Account()))
				do(p.Transfer(soon(t), ksm, units("7"), bob.Account()))
			}
			before, asked := p.seen()
			number := n.Best().Number
			p.tick()
			time.Sleep(20 * time.Millisecond) // for what comes late
			posts, queries := p.seen()
			line := fmt.Sprintf("tick %d: questions %q", i, queries[len(asked):])
			for _, envelope := range posts[len(before):] {
				line += fmt.Sprintf(", envelope of class %d, %d bytes", envelope[0], len(envelope))
			}
			seen = append(seen, fmt.Sprintf("%s, %d blocks", line, n.Best().Number-number))
		}
		for i, ticket := range tickets {
			if err := ticket.Placed(soon(t)); err != nil {
				t.Errorf("command %d: %v", i, err)
			}
		}
		if count, missed := p.Ticks(); count != 24 || missed != 0 {
			t.Errorf("%d of %d ticks were missed", missed, count)
		}
		posts, _ := p.seen()
		tags := map[wire.Tag]bool{}
		for _, envelope := range posts {
			tags[wire.EnvelopeTag(envelope)] = true
		}
		if len(posts) != 24 || len(tags) != 24 {
			t.Errorf("%d envelopes of %d tags in 24 ticks", len(posts), len(tags))
		}
		if trades {
			if orders, err := p.client.Orders(soon(t)); err != nil || len(orders) != 0 {
				t.Errorf("orders: %v, %v", orders, err)
			}
			if fills, err := p.client.Fills(soon(t), 0, 0); err != nil || len(fills) != 1 || fills[0].Quantity != 1000 {
				t.Errorf("fills: %v, %v", fills, err)
			}
		}
		return seen, p.client
	}
	quiet, _ := transcript(false)
	busy, _ := transcript(true)
	if !reflect.DeepEqual(quiet, busy) {
		for i := range quiet {
			if quiet[i] != busy[i] {
				t.Errorf("without commands: %s; with: %s", quiet[i], busy[i])
			}
		}
	}
	t.Log(quiet[0])
}

// TestPaceOfASlowRelay: a tick that finds the one before at work passes; nothing is made up for.
func TestPaceOfASlowRelay(t *testing.T) {
	n := newNetwork(t)
	p := n.paced(time.Minute)
	stall := make(chan struct{})
	p.set(func() { p.stall = stall })
	for range 5 {
		p.send()
		time.Sleep(10 * time.Millisecond)
	}
	p.set(func() { p.stall = nil })
	close(stall)
	for deadline := time.Now().Add(timeout); !p.Idle() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if posts, _ := p.seen(); len(posts) != 1 {
		t.Errorf("%d envelopes", len(posts))
	}
	if count, missed := p.Ticks(); count != 5 || missed != 4 {
		t.Errorf("%d of %d ticks were missed", missed, count)
	}
}

// lossPatience is longer than some ticks take on a busy machine.
const lossPatience = 1500 * time.Millisecond

// TestPaceOfALosingRelay: what could not be handed over is the next tick's envelope; what does not arrive goes to the next relay, dummies
// like commands, in a tick of its own.
func TestPaceOfALosingRelay(t *testing.T) {
	n := newNetwork(t)
	second := &observer{carrier: n.carrier("Eve"), worker: n}
	p := n.paced(lossPatience, second)
	both := func() int {
		first, _ := p.seen()
		other, _ := second.seen()
		return len(first) + len(other)
	}
	step := func() {
		t.Helper()
		before := both()
		p.send()
		for deadline := time.Now().Add(timeout); both() == before || !p.Idle(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("a tick without an envelope")
			}
		}
		if both() != before+1 {
			t.Fatal("two envelopes at one tick")
		}
	}
	p.set(func() { p.fail = 1 })
	step()
	step()
	first, _ := p.seen()
	if other, _ := second.seen(); len(other) != 1 || !reflect.DeepEqual(other[0], first[0]) {
		t.Error("what could not be handed over was not the next")
	}
	p.mutex.Lock()
	p.withhold = true
	p.mutex.Unlock()
	ticket, err := p.Place(soon(t), n.order(p.client, wire.Buy, 2400, 100))
	if err != nil {
		t.Fatal(err)
	}
	step() // the command
	step() // a dummy
	held, _ := p.seen()
	time.Sleep(lossPatience + 100*time.Millisecond)
	step()
	step()
	other, _ := second.seen()
	if len(other) != 3 || !reflect.DeepEqual(other[1:], held[len(held)-2:]) {
		t.Error("lost envelopes, a command and a dummy, did not go to the other relay in their order")
	}
	for range 4 { // ticks that ask
		step()
	}
	if err := ticket.Placed(soon(t)); err != nil {
		t.Error(err)
	}
}

// TestPaceStaysInTheWindow: a relay that swallows everything does not make a session run out of sequences.
func TestPaceStaysInTheWindow(t *testing.T) {
	n := newNetwork(t)
	p := n.paced(time.Minute)
	p.mutex.Lock()
	p.withhold = true
	p.mutex.Unlock()
	for range 80 {
		p.tick()
	}
	posts, _ := p.seen()
	distinct := map[wire.Tag]bool{}
	for _, envelope := range posts {
		distinct[wire.EnvelopeTag(envelope)] = true
	}
	if len(posts) != 80 || len(distinct) > 48 {
		t.Errorf("%d envelopes of %d tags", len(posts), len(distinct))
	}
	p.mutex.Lock()
	p.withhold = false
	p.mutex.Unlock()
	ticket, err := p.Place(soon(t), n.order(p.client, wire.Buy, 2400, 100))
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		p.tick()
	}
	if err := ticket.Placed(soon(t)); err != nil {
		t.Errorf("after the relay is well again: %v", err)
	}
}

func TestPacesAreBounded(t *testing.T) {
	n := newNetwork(t)
	if _, err := n.client("Alice").GoPaced(soon(t), wallet.Pace{Every: time.Millisecond}); err == nil {
		t.Error("a thousand envelopes a second")
	}
}
