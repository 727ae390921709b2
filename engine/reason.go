package engine

// Reason says why a command was rejected or an order cancelled. The numbers are part of receipts and never change.
type Reason uint8

const (
	accepted Reason = 0 // not rejected

	// Reasons of Cancelled events.
	CancelledByOwner   Reason = 1 // a Cancellation
	CancelledWithAll   Reason = 2 // a MassCancellation
	CancelledImmediate Reason = 3 // what an IOC order could not trade
	CancelledSelfTrade Reason = 4 // self-trade prevention

	// Reasons of Rejected events. NotOwner tells that another trader's order exists: show traders UnknownOrder instead (I8).
	UnknownMarket      Reason = 32 // no market of that id is listed
	InvalidMarket      Reason = 33 // market id at or above Limits.Markets, or no such state
	MarketHalted       Reason = 34
	InvalidSide        Reason = 35
	UnsupportedKind    Reason = 36
	UnsupportedTime    Reason = 37 // no such time in force
	InvalidSelfTrade   Reason = 38 // no such self-trade policy
	InvalidOwner       Reason = 39 // owner handle at or above Limits.Owners
	ZeroPrice          Reason = 40
	ZeroQuantity       Reason = 41
	NotionalOverflow   Reason = 42 // price times quantity exceeds 64 bits
	ExpiryPassed       Reason = 43 // the expiry of a GTD order is not after the block time
	UnexpectedExpiry   Reason = 44 // an expiry on an order that is not GTD
	PostOnlyImmediate  Reason = 45 // a post-only order that may not rest
	DuplicateOrder     Reason = 46 // an open order has that id
	PostOnlyWouldTrade Reason = 47
	BookFull           Reason = 48 // Limits.Orders are open
	UnknownOrder       Reason = 49 // no open order has that id
	NotOwner           Reason = 50 // the open order of that id has another owner
	TimeBackwards      Reason = 51 // earlier than the block time
)

var reasonNames = [TimeBackwards + 1]string{
	CancelledByOwner:   "by owner",
	CancelledWithAll:   "with all",
	CancelledImmediate: "immediate or cancel",
	CancelledSelfTrade: "self-trade",
	UnknownMarket:      "unknown market",
	InvalidMarket:      "invalid market",
	MarketHalted:       "market halted",
	InvalidSide:        "invalid side",
	UnsupportedKind:    "unsupported kind",
	UnsupportedTime:    "unsupported time in force",
	InvalidSelfTrade:   "invalid self-trade policy",
	InvalidOwner:       "invalid owner",
	ZeroPrice:          "zero price",
	ZeroQuantity:       "zero quantity",
	NotionalOverflow:   "notional overflow",
	ExpiryPassed:       "expiry passed",
	UnexpectedExpiry:   "unexpected expiry",
	PostOnlyImmediate:  "post-only but immediate",
	DuplicateOrder:     "duplicate order",
	PostOnlyWouldTrade: "post-only would trade",
	BookFull:           "book full",
	UnknownOrder:       "unknown order",
	NotOwner:           "not owner",
	TimeBackwards:      "time backwards",
}

// String names the reason as spec/engine.md does.
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "unknown reason"
}
