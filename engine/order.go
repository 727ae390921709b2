package engine

// MarketID names a market; ids are small, see Limits.Markets.
type MarketID uint32

// OrderID names an order. The caller assigns it; no two open orders share one. The book does not remember the ids of
// closed orders. Consecutive ids are found fastest.
type OrderID uint64

// Owner is the caller's dense handle of an account, see Limits.Owners.
type Owner uint32

// Price is in ticks of the market, Quantity in its lots: tick and lot size (I6) hold by construction.
type (
	Price    uint64
	Quantity uint64
)

// Side of an order.
type Side uint8

// The two sides.
const (
	Buy Side = iota
	Sell
)

// Opposite is the side that an order of side s trades with.
func (s Side) Opposite() Side { return s ^ 1 }

// Kind of an order: how its price is determined.
type Kind uint8

// Limit trades at its limit price or better.
const Limit Kind = 0

// TimeInForce says how long an order stays.
type TimeInForce uint8

// The times in force.
const (
	GTC TimeInForce = iota // good till cancelled
	IOC                    // immediate or cancel: what does not trade at once is cancelled
	GTD                    // good till date: expires when the block time reaches Order.Expiry
)

// SelfTrade says what happens when an incoming order meets a resting order of its own owner. They never trade. The
// policy of the incoming order decides.
type SelfTrade uint8

// The self-trade policies.
const (
	CancelNewest SelfTrade = iota // cancel what is left of the incoming order: the default
	CancelOldest                  // cancel the resting order and go on
	CancelBoth                    // cancel the resting order and what is left of the incoming one
	Decrement                     // take the smaller quantity off both; what reaches zero is cancelled
)

// Order is the command that places an order, and how a Book describes an open one (Quantity is then what remains).
type Order struct {
	ID          OrderID
	Price       Price
	Quantity    Quantity
	Expiry      uint64 // block time in ms at which a GTD order expires; zero for others
	Market      MarketID
	Owner       Owner
	Side        Side
	Kind        Kind
	TimeInForce TimeInForce
	SelfTrade   SelfTrade
	PostOnly    bool // refused when it would trade on arrival
}
