package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/engine/naive"
)

// smallLimits are reached now and then.
var smallLimits = engine.Limits{Markets: markets + 1, Owners: owners, Orders: 60}

// duel drives the fast and the naive book with the same commands, and an auditor that sees events only.
type duel struct {
	fast         *engine.Engine
	naive        *naive.Book
	auditor      *auditor
	events       engine.Events
	expected     engine.Events
	hash         [32]byte
	applied      int
	rejections   [256]int
	eventsOfType [16]int
}

func newDuel() *duel {
	d := &duel{fast: engine.New(smallLimits), naive: naive.New(smallLimits), auditor: newAuditor()}
	d.hash = d.fast.StateHash()
	return d
}

// step applies a command to both books and reports the first difference.
func (d *duel) step(c command) error {
	d.events.Reset()
	d.expected.Reset()
	c.apply(d.fast, &d.events)
	c.apply(d.naive, &d.expected)
	d.applied++
	if !slices.Equal(d.events, d.expected) {
		return fmt.Errorf("command %d, %v: events are\n%v, should be\n%v", d.applied, c, d.events, d.expected)
	}
	hash := d.fast.StateHash()
	if expected := d.naive.StateHash(); hash != expected {
		return fmt.Errorf("command %d, %v: state hash is %x, should be %x", d.applied, c, hash, expected)
	}
	for i := range d.events {
		d.eventsOfType[d.events[i].Type]++
		if d.events[i].Type == engine.Rejected {
			d.rejections[d.events[i].Reason]++
			if len(d.events) > 1 || hash != d.hash {
				return fmt.Errorf("command %d, %v: rejected, yet it changed something", d.applied, c)
			}
		}
	}
	d.hash = hash
	if err := d.auditor.observe(d.events); err != nil {
		return fmt.Errorf("command %d, %v: %w", d.applied, c, err)
	}
	return nil
}

// check looks through both books, and goes on with a fast book restored from a snapshot.
func (d *duel) check() error {
	if err := d.fast.CheckInvariants(); err != nil {
		return err
	}
	if err := d.naive.CheckInvariants(); err != nil {
		return err
	}
	if err := d.auditor.compare(d.fast); err != nil {
		return err
	}
	var snapshot, expected bytes.Buffer
	if err := d.fast.Snapshot(&snapshot); err != nil {
		return err
	}
	if err := d.naive.Snapshot(&expected); err != nil {
		return err
	}
	if !bytes.Equal(snapshot.Bytes(), expected.Bytes()) {
		return fmt.Errorf("after command %d: snapshots differ", d.applied)
	}
	restored, err := engine.Restore(&snapshot, smallLimits)
	if err != nil {
		return fmt.Errorf("after command %d: %w", d.applied, err)
	}
	if d.applied%2 == 0 {
		d.fast = restored
	}
	return restored.CheckInvariants()
}

func TestBooksAgree(t *testing.T) {
	const seeds, commands = 6, 40_000
	var total duel
	for seed := range uint64(seeds) {
		d := newDuel()
		g := generator{choose: seeded(seed)}
		for i := range commands {
			if err := d.step(g.next()); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if i%97 == 0 {
				if err := d.check(); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		}
		for i, count := range d.rejections {
			total.rejections[i] += count
		}
		for i, count := range d.eventsOfType {
			total.eventsOfType[i] += count
		}
	}
	// The commands must have reached every event and every rejection, or agreement says little.
	for kind := engine.MarketSet; kind <= engine.Rejected; kind++ {
		if total.eventsOfType[kind] < 50 {
			t.Errorf("only %d events of type %d", total.eventsOfType[kind], kind)
		}
	}
	for reason := engine.UnknownMarket; reason <= engine.TimeBackwards; reason++ {
		if total.rejections[reason] < 10 {
			t.Errorf("only %d rejections: %s", total.rejections[reason], reason)
		}
	}
}

func TestBooksAgreeRapid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDuel()
		g := generator{choose: func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }}
		for range rapid.IntRange(1, 150).Draw(t, "commands") {
			if err := d.step(g.next()); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.check(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzBooksAgree(f *testing.F) {
	for seed := range uint64(4) {
		choose := seeded(seed)
		data := make([]byte, 600)
		for i := range data {
			data[i] = byte(choose(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := newDuel()
		g := generator{choose: func(n int) int {
			if len(data) == 0 {
				return 0
			}
			choice := int(data[0]) % n
			data = data[1:]
			return choice
		}}
		for len(data) > 0 && d.applied < 1000 {
			if err := d.step(g.next()); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.check(); err != nil {
			t.Fatal(err)
		}
	})
}
