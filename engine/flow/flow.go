// Package flow reads order flows of the format shared by benchmarks of matching engines and drives a book with them.
//
// A flow is a sequence of 14-byte records, little endian, without a header: operation u8 (0 limit order, 1 cancel),
// side u8 (0 buy, 1 sell), price u32 (ticks), quantity u32 (lots), order id u32. Orders are good till cancelled. A
// cancel names the order by its id alone, its other fields are zero; of an order that is filled or unknown it does
// nothing. A flow knows no accounts: every order gets an owner of its own, whose handle is the order's id, so no
// order ever meets one of its own owner.
package flow

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/bitcloak/bitcloak/engine"
)

const (
	// RecordBytes is the length of a record.
	RecordBytes = 14
	// MaxRecords bounds a flow.
	MaxRecords = 1 << 26
	// MaxOrderID bounds the ids, which serve as owner handles too.
	MaxOrderID = engine.MaxOwners - 1

	opLimit  = 0
	opCancel = 1
	market   = engine.MarketID(0)
)

// What is wrong with a flow.
var (
	ErrLength  = errors.New("flow is not a whole number of 14-byte records: it was cut off or is no flow")
	ErrTooLong = fmt.Errorf("flow has more than %d records: split it", MaxRecords)
	ErrRecord  = errors.New("flow has a record that the format does not allow")
	ErrRefused = errors.New("flow has an order that the book refuses")
)

// Limits are those that a book needs for any flow.
func Limits() engine.Limits {
	return engine.Limits{Markets: 1, Owners: engine.MaxOwners, Orders: MaxRecords}
}

// Result is what a flow does to a book.
type Result struct {
	Records uint64
	Trades  uint64
	Volume  uint64 // lots traded
}

// Flow is a flow in memory, undecoded.
type Flow struct {
	records []byte
}

// Read reads a flow to the end of the reader.
func Read(from io.Reader) (*Flow, error) {
	records, err := io.ReadAll(io.LimitReader(from, MaxRecords*RecordBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(records) > MaxRecords*RecordBytes:
		return nil, ErrTooLong
	case len(records)%RecordBytes != 0:
		return nil, ErrLength
	}
	return &Flow{records: records}, nil
}

// Len is the number of records.
func (f *Flow) Len() int { return len(f.records) / RecordBytes }

// Player plays a flow into a book, record by record.
type Player struct {
	Result
	flow   *Flow
	book   engine.Book
	order  engine.Order
	events engine.Events
}

// NewPlayer lists the flow's market in an empty book with the limits of Limits.
func NewPlayer(flow *Flow, book engine.Book) *Player {
	p := &Player{flow: flow, book: book, events: make(engine.Events, 0, 1024)}
	book.SetMarket(engine.Market{ID: market}, &p.events)
	return p
}

// Run plays all records that are left.
func (p *Player) Run() (Result, error) {
	for p.Records < uint64(p.flow.Len()) {
		if err := p.Step(); err != nil {
			return p.Result, err
		}
	}
	return p.Result, nil
}

// Step decodes and plays the next record. After the last one it fails with io.EOF.
func (p *Player) Step() error {
	at := p.Records * RecordBytes
	if at >= uint64(len(p.flow.records)) {
		return io.EOF
	}
	r := p.flow.records[at : at+RecordBytes]
	op, side := r[0], r[1]
	price, quantity := binary.LittleEndian.Uint32(r[2:]), binary.LittleEndian.Uint32(r[6:])
	id := binary.LittleEndian.Uint32(r[10:])
	if op > opCancel || side > 1 || id > MaxOrderID || op == opCancel && (side != 0 || price != 0 || quantity != 0) {
		return fmt.Errorf("%w: record %d is % x", ErrRecord, p.Records, r)
	}
	p.Records++
	p.events.Reset()
	if op == opCancel {
		p.book.Cancel(engine.Cancellation{Order: engine.OrderID(id), Owner: engine.Owner(id)}, &p.events)
		return nil
	}
	p.order.ID, p.order.Owner, p.order.Side = engine.OrderID(id), engine.Owner(id), engine.Side(side)
	p.order.Price, p.order.Quantity = engine.Price(price), engine.Quantity(quantity)
	p.book.Place(&p.order, &p.events)
	return p.count()
}

// count counts the trades among the events of an order.
func (p *Player) count() error {
	for i := range p.events {
		switch event := &p.events[i]; event.Type {
		case engine.Fill:
			p.Trades++
			p.Volume += uint64(event.Quantity)
		case engine.Rejected:
			return fmt.Errorf("%w: record %d, order %d: %s", ErrRefused, p.Records-1, event.Order, event.Reason)
		}
	}
	return nil
}
