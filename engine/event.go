package engine

// EventType says what an Event reports. The numbers never change.
type EventType uint8

// The event types.
const (
	MarketSet EventType = iota + 1 // a market was listed or changed
	Accepted                       // a new order passed its checks; Price, Quantity as ordered
	Rested                         // the order is in the book; Quantity is what rests
	Fill                           // two orders traded
	Amended                        // Price and Quantity are new, PriorPrice and PriorQuantity were before
	Reduced                        // Decrement took Quantity off the order, Remaining is left
	Cancelled                      // the order is closed; Quantity is what was cancelled, Reason why
	Expired                        // the order is closed; Quantity is what was left
	Rejected                       // the command changed nothing; Reason why
)

// Event reports one effect of a command, with everything that a receipt and a ledger posting need. Fields that an
// event type does not use are zero.
//
// A Fill tells the incoming order, the taker, in Order, Owner, Side, Limit and Remaining, and the resting one, the
// maker, in Maker, MakerOwner and MakerRemaining. It executes at the maker's price, so any improvement on Limit is
// the taker's. A Remaining of zero closes the order without a further event.
//
// Price times a quantity never exceeds 64 bits; sums of such products can. The caller computes money from ticks and
// lots in 128 bits.
//
// Trade numbers count the trades of a market: shown to a trader they would tell the volume of others (I7).
type Event struct {
	Type         EventType
	Reason       Reason
	Side         Side
	KeptPriority bool // of Amended
	Market       MarketID
	Owner        Owner
	MakerOwner   Owner
	Order        OrderID
	Maker        OrderID
	Price        Price
	Limit        Price // of Fill: the taker's limit price
	PriorPrice   Price
	Quantity     Quantity
	Remaining    Quantity
	// MakerRemaining is of Fill: what the maker has left.
	MakerRemaining Quantity
	PriorQuantity  Quantity
	Trade          uint64 // of Fill: 1 for the first trade of the market
}

// Events is a reusable buffer of events. Commands append to it; the caller resets it. Once it has grown to the
// largest command there is no further allocation.
type Events []Event

// Reset empties the buffer and keeps its memory.
func (e *Events) Reset() { *e = (*e)[:0] }

// add appends an event of that type, all else zero, and returns it. Fields are written through the pointer: an Event
// built elsewhere and copied in costs a stall of the processor, since wide loads must wait for the narrow stores.
func (e *Events) add(kind EventType) *Event {
	n := len(*e)
	if n < cap(*e) {
		*e = (*e)[:n+1]
		(*e)[n] = Event{}
	} else {
		*e = append(*e, Event{})
	}
	event := &(*e)[n]
	event.Type = kind
	return event
}

// ofOrder appends an event about an order.
func (e *Events) ofOrder(
	kind EventType, m MarketID, side Side, owner Owner, id OrderID, price Price, quantity Quantity,
) *Event {
	event := e.add(kind)
	event.Market, event.Side, event.Owner, event.Order = m, side, owner, id
	event.Price, event.Quantity = price, quantity
	return event
}

func (e *Events) reject(reason Reason, id OrderID, owner Owner) *Event {
	event := e.add(Rejected)
	event.Reason, event.Order, event.Owner = reason, id, owner
	return event
}
