package engine

// MarketState says what a market accepts.
type MarketState uint8

// The market states.
const (
	Open   MarketState = iota // everything
	Halted                    // cancellations and expiries only
)

// Market is the command that lists a market or changes a listed one.
type Market struct {
	ID    MarketID
	State MarketState
}

// Amendment is the command that changes an open order. Quantity is the new remaining quantity, whatever was filled
// before. At the same price and with no greater quantity the order keeps its priority; any other amendment takes it
// from the book and enters it anew under the same id, and it may trade.
type Amendment struct {
	Order    OrderID
	Owner    Owner
	Price    Price
	Quantity Quantity
}

// Cancellation is the command that cancels an open order.
type Cancellation struct {
	Order OrderID
	Owner Owner
}

// MassCancellation is the command that cancels the open orders of an owner, in ascending order of their ids.
type MassCancellation struct {
	Owner      Owner
	AllMarkets bool     // of every market; Market is then ignored
	Market     MarketID // of this one alone
}
