package engine_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/engine/naive"
)

// TestSpecExamples executes the tables of examples in spec/engine.md on both books.
func TestSpecExamples(t *testing.T) {
	page, err := os.ReadFile("../spec/engine.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := parseExamples(t, string(page))
	if len(examples) < 15 {
		t.Fatalf("only %d examples found", len(examples))
	}
	books := map[string]func() engine.Book{
		"fast":  func() engine.Book { return engine.New(engine.DefaultLimits()) },
		"naive": func() engine.Book { return naive.New(engine.DefaultLimits()) },
	}
	for _, name := range []string{"fast", "naive"} {
		for _, e := range examples {
			t.Run(name+"/"+e.title, func(t *testing.T) { e.run(t, books[name]()) })
		}
	}
}

type example struct {
	title string
	lines []exampleLine
}

type exampleLine struct {
	command string
	events  string
}

// parseExamples reads the tables below the heading Examples.
func parseExamples(t *testing.T, page string) []example {
	_, section, _ := strings.Cut(page, "\n## Examples\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var examples []example
	for _, part := range strings.Split(section, "\n### ")[1:] {
		title, table, _ := strings.Cut(part, "\n")
		e := example{title: title}
		for _, row := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
			cells := strings.Split(row, "|")
			if len(cells) != 4 {
				t.Fatalf("%s: %q is not a row of two cells", title, row)
			}
			e.lines = append(e.lines, exampleLine{strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])})
		}
		examples = append(examples, e)
	}
	return examples
}

func (e example) run(t *testing.T, book engine.Book) {
	var events engine.Events
	book.SetMarket(engine.Market{ID: 1}, &events)
	for _, line := range e.lines {
		c, err := parseCommand(line.command)
		if err != nil {
			t.Fatalf("%q: %v", line.command, err)
		}
		events.Reset()
		c.apply(book, &events)
		var got []string
		for _, event := range events {
			got = append(got, event.String())
		}
		if text := strings.Join(got, "; "); text != line.events {
			t.Fatalf("%q yields\n%s\nshould be\n%s", line.command, text, line.events)
		}
	}
	if err := book.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
}

// words reads a command word by word; the first error stays.
type words struct {
	left []string
	err  error
}

func (w *words) next() string {
	if len(w.left) == 0 {
		w.fail("ends early")
		return ""
	}
	word := w.left[0]
	w.left = w.left[1:]
	return word
}

func (w *words) fail(format string, values ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, values...)
	}
}

func (w *words) number() uint64 {
	word := strings.TrimPrefix(w.next(), "#")
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		w.fail("%q is no number", word)
	}
	return n
}

func parseCommand(text string) (command, error) {
	w := &words{left: strings.Fields(text)}
	c := w.command()
	if len(w.left) > 0 {
		w.fail("%q is not understood", strings.Join(w.left, " "))
	}
	return c, w.err
}

func (w *words) command() command {
	switch subject := w.next(); subject {
	case "time":
		return command{op: opTime, time: w.number()}
	case "market":
		id := engine.MarketID(w.number())
		state := engine.MarketState(slices.Index([]string{"open", "halted"}, w.next()))
		return command{op: opSetMarket, market: engine.Market{ID: id, State: state}}
	default:
		owner := slices.Index([]string{"ann", "bob", "cat", "dan"}, subject)
		if owner < 0 {
			w.fail("who is %q?", subject)
		}
		return w.ownersCommand(engine.Owner(owner))
	}
}

func (w *words) ownersCommand(owner engine.Owner) command {
	verb := w.next()
	if verb == "cancels" && len(w.left) > 0 && w.left[0] == "all" {
		w.next()
		all := engine.MassCancellation{Owner: owner, AllMarkets: len(w.left) == 0}
		if !all.AllMarkets && w.next() == "in" {
			all.Market = engine.MarketID(w.number())
		}
		return command{op: opCancelAll, all: all}
	}
	id := engine.OrderID(w.number())
	if verb == "cancels" {
		return command{op: opCancel, cancel: engine.Cancellation{Order: id, Owner: owner}}
	}
	quantity := engine.Quantity(w.number())
	if w.next() != "@" {
		w.fail("no @ between quantity and price")
	}
	price := engine.Price(w.number())
	if verb == "amends" {
		return command{op: opAmend, amend: engine.Amendment{Order: id, Owner: owner, Price: price, Quantity: quantity}}
	}
	side := slices.Index([]string{"buys", "sells"}, verb)
	if side < 0 {
		w.fail("%q is no verb", verb)
	}
	o := engine.Order{ID: id, Owner: owner, Market: 1, Side: engine.Side(side), Price: price, Quantity: quantity}
	w.options(&o)
	return command{op: opPlace, order: o}
}

func (w *words) options(o *engine.Order) {
	for len(w.left) > 0 && w.err == nil {
		switch option := w.next(); option {
		case "ioc":
			o.TimeInForce = engine.IOC
		case "gtd":
			o.TimeInForce, o.Expiry = engine.GTD, w.number()
		case "post-only":
			o.PostOnly = true
		case "in":
			o.Market = engine.MarketID(w.number())
		case "oldest":
			o.SelfTrade = engine.CancelOldest
		case "both":
			o.SelfTrade = engine.CancelBoth
		case "decrement":
			o.SelfTrade = engine.Decrement
		default:
			w.fail("%q is no option", option)
		}
	}
}
