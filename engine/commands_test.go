package engine_test

import (
	"fmt"
	"math"

	"github.com/bitcloak/bitcloak/engine"
)

// command is any command to a book.
type command struct {
	op     op
	market engine.Market
	order  engine.Order
	amend  engine.Amendment
	cancel engine.Cancellation
	all    engine.MassCancellation
	time   uint64
}

type op int

const (
	opSetMarket op = iota
	opPlace
	opAmend
	opCancel
	opCancelAll
	opTime
)

func (c command) apply(book engine.Book, events *engine.Events) {
	switch c.op {
	case opSetMarket:
		book.SetMarket(c.market, events)
	case opPlace:
		book.Place(&c.order, events)
	case opAmend:
		book.Amend(&c.amend, events)
	case opCancel:
		book.Cancel(c.cancel, events)
	case opCancelAll:
		book.CancelAll(c.all, events)
	case opTime:
		book.AdvanceTime(c.time, events)
	}
}

func (c command) String() string {
	switch c.op {
	case opSetMarket:
		return fmt.Sprintf("SetMarket%+v", c.market)
	case opPlace:
		return fmt.Sprintf("Place%+v", c.order)
	case opAmend:
		return fmt.Sprintf("Amend%+v", c.amend)
	case opCancel:
		return fmt.Sprintf("Cancel%+v", c.cancel)
	case opCancelAll:
		return fmt.Sprintf("CancelAll%+v", c.all)
	}
	return fmt.Sprintf("AdvanceTime(%d)", c.time)
}

// generator makes commands of every kind, most of them good, out of choices: a choice below n comes from a seed, from
// fuzzed bytes or from rapid.
type generator struct {
	choose func(n int) int
	nextID engine.OrderID
	placed []engine.Order // the latest, open or not
	time   uint64
}

const (
	markets  = 3
	owners   = 5
	remember = 64
)

func (g *generator) one(in int) bool { return g.choose(in) == 0 }

func (g *generator) next() command {
	switch n := g.choose(100); {
	case n < 2:
		return command{op: opSetMarket, market: engine.Market{
			ID: engine.MarketID(g.choose(markets + 2)), State: engine.MarketState(max(g.choose(8)-5, 0)),
		}}
	case n < 7:
		g.time += uint64(g.choose(12))
		now := g.time
		if g.one(20) {
			now -= min(now, 5)
		}
		return command{op: opTime, time: now}
	case n < 9:
		return command{op: opCancelAll, all: engine.MassCancellation{
			Owner: g.owner(), AllMarkets: g.one(2), Market: engine.MarketID(g.choose(markets + 1)),
		}}
	case n < 25 && len(g.placed) > 0:
		o := g.known()
		return command{op: opCancel, cancel: engine.Cancellation{Order: o.ID, Owner: o.Owner}}
	case n < 42 && len(g.placed) > 0:
		return command{op: opAmend, amend: g.amendment()}
	}
	return command{op: opPlace, order: g.order()}
}

func (g *generator) order() engine.Order {
	o := engine.Order{
		ID: g.id(), Owner: g.owner(), Market: engine.MarketID(g.choose(markets)), Side: engine.Side(g.choose(2)),
		Price: g.price(), Quantity: g.quantity(), SelfTrade: engine.SelfTrade(g.choose(4)), PostOnly: g.one(10),
	}
	switch n := g.choose(20); {
	case n < 3:
		o.TimeInForce = engine.IOC
	case n < 8:
		o.TimeInForce, o.Expiry = engine.GTD, g.time+uint64(g.choose(60))
	}
	if g.one(25) {
		g.spoil(&o)
	}
	if len(g.placed) == remember {
		g.placed = g.placed[1:]
	}
	g.placed = append(g.placed, o)
	return o
}

// spoil makes an order bad in one way, or at least odd.
func (g *generator) spoil(o *engine.Order) {
	switch g.choose(9) {
	case 0:
		o.Market = markets + 1
	case 1:
		o.Side = engine.Side(2 + g.choose(254))
	case 2:
		o.Kind = engine.Kind(1 + g.choose(255))
	case 3:
		o.TimeInForce = engine.TimeInForce(3 + g.choose(253))
	case 4:
		o.SelfTrade = engine.SelfTrade(4 + g.choose(252))
	case 5:
		o.Owner = math.MaxUint32
	case 6:
		o.Expiry = g.time + 5
	case 7:
		o.Price, o.Quantity = math.MaxUint64, 2
	case 8:
		o.Price, o.Quantity = 0, 0
	}
}

func (g *generator) amendment() engine.Amendment {
	o := g.known()
	a := engine.Amendment{Order: o.ID, Owner: o.Owner, Price: o.Price, Quantity: g.quantity()}
	if g.one(2) {
		a.Price = g.price()
	}
	if g.one(30) {
		a.Quantity = 0
	}
	return a
}

// known returns a recent order, rarely with another owner or an id that was never placed.
func (g *generator) known() engine.Order {
	o := g.placed[g.choose(len(g.placed))]
	if g.one(25) {
		o.Owner = g.owner()
	}
	if g.one(25) {
		o.ID += 1000
	}
	return o
}

// id is mostly the next one, else one that was used, or one far away.
func (g *generator) id() engine.OrderID {
	switch n := g.choose(40); {
	case n == 0 && len(g.placed) > 0:
		return g.known().ID
	case n == 1:
		return engine.OrderID(g.choose(4)) << 32
	case n == 2:
		return engine.OrderID(g.choose(50)) * 1024
	}
	g.nextID++
	return g.nextID
}

func (g *generator) owner() engine.Owner { return engine.Owner(g.choose(owners)) }

// price is mostly near 100, where orders meet.
func (g *generator) price() engine.Price {
	switch g.choose(30) {
	case 0:
		return engine.Price(1) << g.choose(64)
	case 1:
		return engine.Price(g.choose(200) * 64)
	}
	return engine.Price(94 + g.choose(12))
}

func (g *generator) quantity() engine.Quantity {
	if g.one(50) {
		return engine.Quantity(1) << g.choose(64)
	}
	return engine.Quantity(1 + g.choose(20))
}

// seeded returns choices from a seed (splitmix64).
func seeded(seed uint64) func(n int) int {
	return func(n int) int {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return int((z ^ z>>31) >> 1 % uint64(n))
	}
}
