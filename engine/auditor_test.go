package engine_test

import (
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/engine"
)

// auditor follows a book by its events alone. It holds every trade against I6 and counts quantities by itself; that
// it can do so shows that events carry what a ledger needs.
type auditor struct {
	open     map[engine.OrderID]*audited
	incoming *audited // the order that is being placed or amended
	trades   map[engine.MarketID]uint64
	arrivals int
	// Quantities: what came in is still there or went out.
	entered, traded, withdrawn engine.Quantity
}

type audited struct {
	id        engine.OrderID
	market    engine.MarketID
	owner     engine.Owner
	side      engine.Side
	price     engine.Price
	remaining engine.Quantity
	arrival   int // since when it rests
}

func newAuditor() *auditor {
	return &auditor{open: map[engine.OrderID]*audited{}, trades: map[engine.MarketID]uint64{}}
}

// observe follows the events of one command.
func (a *auditor) observe(events engine.Events) error {
	for i := range events {
		if err := a.observeOne(&events[i]); err != nil {
			return fmt.Errorf("event %v: %w", events[i], err)
		}
	}
	if a.incoming != nil && a.incoming.remaining != 0 {
		return fmt.Errorf("%d lots of order %d are unaccounted for", a.incoming.remaining, a.incoming.id)
	}
	a.incoming = nil
	resting := engine.Quantity(0)
	for _, o := range a.open {
		resting += o.remaining
	}
	if a.entered != 2*a.traded+a.withdrawn+resting {
		return fmt.Errorf("quantity is not conserved: %d in, %d traded, %d withdrawn, %d resting",
			a.entered, a.traded, a.withdrawn, resting)
	}
	return nil
}

func (a *auditor) observeOne(e *engine.Event) error {
	switch e.Type {
	case engine.Accepted:
		a.incoming = &audited{
			id: e.Order, market: e.Market, owner: e.Owner, side: e.Side, price: e.Price, remaining: e.Quantity,
		}
		a.entered += e.Quantity
		return a.absent(e.Order)
	case engine.Fill:
		return a.fill(e)
	case engine.Rested:
		return a.rest(e)
	case engine.Amended:
		return a.amend(e)
	case engine.Reduced:
		return a.withdraw(e, e.Quantity+e.Remaining)
	case engine.Cancelled, engine.Expired:
		return a.withdraw(e, e.Quantity)
	}
	return nil
}

func (a *auditor) absent(id engine.OrderID) error {
	if a.open[id] != nil {
		return fmt.Errorf("order %d is open already", id)
	}
	return nil
}

// fill checks a trade: no resting order was better placed than the maker, and both limits hold (I6).
func (a *auditor) fill(e *engine.Event) error {
	taker, maker := a.incoming, a.open[e.Maker]
	if taker == nil || maker == nil || taker.id != e.Order || taker.market != e.Market || maker.market != e.Market {
		return errors.New("taker or maker is not there")
	}
	if taker.side == maker.side || taker.side != e.Side || taker.price != e.Limit || maker.price != e.Price {
		return errors.New("wrong side or price")
	}
	if worse(taker.side, e.Price, taker.price) {
		return errors.New("beyond the taker's limit")
	}
	if taker.owner == maker.owner || taker.owner != e.Owner || maker.owner != e.MakerOwner {
		return errors.New("wrong owners")
	}
	for _, o := range a.open {
		if o.market != maker.market || o.side != maker.side || o == maker {
			continue
		}
		if worse(taker.side, maker.price, o.price) || o.price == maker.price && o.arrival < maker.arrival {
			return fmt.Errorf("trades through the better-placed order %d", o.id)
		}
	}
	a.trades[e.Market]++
	taker.remaining -= e.Quantity
	maker.remaining -= e.Quantity
	a.traded += e.Quantity
	if e.Quantity == 0 || taker.remaining != e.Remaining || maker.remaining != e.MakerRemaining || e.Trade != a.trades[e.Market] {
		return errors.New("wrong quantities or number")
	}
	if maker.remaining != 0 && taker.remaining != 0 {
		return errors.New("neither order is filled")
	}
	if maker.remaining == 0 {
		delete(a.open, maker.id)
	}
	return nil
}

// worse tells whether a price is worse than another for an incoming order of a side.
func worse(side engine.Side, price, than engine.Price) bool {
	if side == engine.Buy {
		return price > than
	}
	return price < than
}

func (a *auditor) rest(e *engine.Event) error {
	o := a.incoming
	if o == nil || o.id != e.Order || o.remaining != e.Quantity || o.price != e.Price || o.owner != e.Owner || o.side != e.Side {
		return errors.New("another order or quantity rests")
	}
	a.arrivals++
	o.arrival = a.arrivals
	a.open[o.id] = o
	a.incoming = nil
	return nil
}

func (a *auditor) amend(e *engine.Event) error {
	o := a.open[e.Order]
	if o == nil || o.price != e.PriorPrice || o.remaining != e.PriorQuantity || o.owner != e.Owner {
		return errors.New("the order was not so before")
	}
	if kept := e.Price == o.price && e.Quantity <= o.remaining; kept != e.KeptPriority {
		return errors.New("wrong priority")
	}
	a.entered += e.Quantity
	a.withdrawn += o.remaining
	o.price, o.remaining = e.Price, e.Quantity
	if !e.KeptPriority {
		delete(a.open, o.id)
		a.incoming = o
	}
	return nil
}

// withdraw takes the event's quantity off an order that has that much remaining.
func (a *auditor) withdraw(e *engine.Event, remaining engine.Quantity) error {
	o := a.open[e.Order]
	if o == nil {
		o = a.incoming
	}
	if o == nil || o.id != e.Order || o.remaining != remaining || o.price != e.Price || o.side != e.Side || o.owner != e.Owner {
		return errors.New("the order was not so before")
	}
	o.remaining -= e.Quantity
	a.withdrawn += e.Quantity
	if o.remaining == 0 && o != a.incoming {
		delete(a.open, o.id)
	}
	return nil
}

// compare holds the orders that the auditor knows against the book's.
func (a *auditor) compare(book engine.Book) error {
	if int(book.OpenOrders()) != len(a.open) {
		return fmt.Errorf("%d orders are open, by the events %d", book.OpenOrders(), len(a.open))
	}
	listed := 0
	for owner := range engine.Owner(owners) {
		for _, o := range book.AppendOrdersOf(owner, nil) {
			listed++
			known := a.open[o.ID]
			found, ok := book.Lookup(o.ID)
			if known == nil || !ok || found != o || known.market != o.Market || known.owner != o.Owner ||
				known.side != o.Side || known.price != o.Price || known.remaining != o.Quantity {
				return fmt.Errorf("order %+v is not as the events say", o)
			}
		}
	}
	if listed != len(a.open) {
		return fmt.Errorf("owners have %d orders, by the events %d", listed, len(a.open))
	}
	return nil
}
