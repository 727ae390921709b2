package engine

import "io"

// Book is the order books of all markets. Each command either applies as a whole or appends one Rejected event and
// changes nothing. Events are appended to the caller's buffer, which is never reset here.
type Book interface {
	SetMarket(Market, *Events)
	Place(*Order, *Events)
	Amend(*Amendment, *Events)
	Cancel(Cancellation, *Events)
	CancelAll(MassCancellation, *Events)
	// AdvanceTime sets the block time, in ms, and expires the orders whose time it reaches, earliest expiry first,
	// then lowest id. Time never goes backwards.
	AdvanceTime(milliseconds uint64, events *Events)

	// Time is the block time last set, in ms.
	Time() uint64
	// Market describes a listed market.
	Market(MarketID) (Market, bool)
	// Lookup describes an open order; its Quantity is what remains.
	Lookup(OrderID) (Order, bool)
	// AppendOrdersOf appends the open orders of an owner, in ascending order of their ids.
	AppendOrdersOf(Owner, []Order) []Order
	// OpenOrders counts the open orders of all markets.
	OpenOrders() uint32

	// StateHash identifies the whole state: equal states, and they alone, have equal hashes.
	StateHash() [32]byte
	// Snapshot writes the whole state in its one canonical encoding, which Restore reads.
	Snapshot(io.Writer) error
	// CheckInvariants looks through the whole state for a broken rule.
	CheckInvariants() error
}
