package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// Reason says why a command was rejected or an order left its book.
type Reason uint8

// Reasons of rejections.
const (
	ReasonNone Reason = iota
	ReasonUnreadable
	ReasonUnknownMarket
	ReasonMarketHalted
	ReasonSide
	ReasonPrice
	ReasonQuantity
	ReasonTimeInForce
	ReasonExpiry
	ReasonOrderExists
	ReasonOrderUnknown
	ReasonTooManyOrders
	ReasonBalance
	ReasonAmount
	ReasonLedgerFull
	ReasonWouldTake
	ReasonOrderNumber
	ReasonSameAccount
	ReasonOutboxFull
	ReasonRelayFee
	ReasonCustody
)

// Reasons for which an order is cancelled.
const (
	ReasonOwner     Reason = 64 // the owner's Cancel or CancelAll
	ReasonRemainder Reason = 65 // ImmediateOrCancel: what did not fill at once
	ReasonSelfMatch Reason = 66 // it would have traded with its owner's other order
)

var reasonTexts = [...]string{
	ReasonNone:          "no reason",
	ReasonUnreadable:    "the envelope held no command; update the wallet",
	ReasonUnknownMarket: "no such market; list the markets",
	ReasonMarketHalted:  "the market is halted; cancelling is possible, wait to place or amend",
	ReasonSide:          "the side is neither buy nor sell",
	ReasonPrice:         "the price is zero or above the market's maximum",
	ReasonQuantity:      "the quantity is outside the market's minimum and maximum",
	ReasonTimeInForce:   "no such time in force, or none that is offered yet",
	ReasonExpiry:        "the expiry is past, or given without good-till-date",
	ReasonOrderExists:   "an open order has this number; use another",
	ReasonOrderUnknown:  "no open order has this number; it filled, expired or was cancelled",
	ReasonTooManyOrders: "too many open orders; cancel some",
	ReasonBalance:       "not enough available; deposit or cancel orders",
	ReasonAmount:        "the amount is zero or too large",
	ReasonLedgerFull:    "the ledger has no room for a new account or asset",
	ReasonWouldTake:     "a post-only order would have traded at once; lower a buy, raise a sell",
	ReasonOrderNumber:   "an order's number starts at 1",
	ReasonSameAccount:   "sender and receiver are one account",
	ReasonOutboxFull:    "too many payouts are waiting, of this account or in all; try again in a few blocks",
	ReasonRelayFee:      "not enough CLOAK available to refund the relay; deposit some, or submit without a relay",
	ReasonCustody:       "the receiver is the chain's custody account, which gives nothing back; withdraw to an account of yours",
	ReasonOwner:         "cancelled by its owner",
	ReasonRemainder:     "what an immediate-or-cancel order could not fill",
	ReasonSelfMatch:     "it would have traded with its owner's other order",
}

// String says the reason and the remedy.
func (r Reason) String() string {
	if int(r) < len(reasonTexts) && reasonTexts[r] != "" {
		return reasonTexts[r]
	}
	return "unknown reason; update the wallet"
}

var reasonCodec = scale.Wrap(scale.U8, func(v *Reason) *uint8 { return (*uint8)(v) })

// Kinds of HistoryEvent.
const (
	EventDeposited uint8 = iota
	EventSessionOpened
	EventSessionClosed
	EventPlaced
	EventRejected
	EventAmended
	EventCancelled
	EventExpired
	EventFilled
	EventWithdrawn
	EventTransferIn
	EventTransferOut
	EventRelayFee
	EventWithdrawalWaiting
)

// HistoryEvent is what happened to an account; Kind says which fields count.
type HistoryEvent struct {
	Kind      uint8
	Command   uint8     // Rejected: kind of the command
	Reason    Reason    // Rejected, Cancelled
	Asset     uint32    // Deposited, Withdrawn, WithdrawalWaiting, TransferIn, TransferOut
	Market    uint32    // Placed
	Order     uint64    // Placed, Rejected (0 if none), Amended, Cancelled, Expired
	Quantity  uint64    // lots: resting (Placed), remaining (Amended, Cancelled, Expired)
	Number    uint64    // of the deposit, of the account's fill, of the outbox message
	ExpiresAt uint64    // SessionOpened
	Amount    U128      // of Asset; RelayFee: of CLOAK
	Account   AccountID // TransferIn: from, TransferOut: to, RelayFee: the relay
}

func eventAmount() []scale.FieldOf[HistoryEvent] {
	return []scale.FieldOf[HistoryEvent]{
		scale.Field("asset", scale.U32, func(v *HistoryEvent) *uint32 { return &v.Asset }),
		scale.Field("amount", scale.U128Codec, func(v *HistoryEvent) *U128 { return &v.Amount }),
	}
}

func eventNumber(name string) scale.FieldOf[HistoryEvent] {
	return scale.Field(name, scale.U64, func(v *HistoryEvent) *uint64 { return &v.Number })
}

func eventQuantity(name string) scale.FieldOf[HistoryEvent] {
	return scale.Field(name, scale.U64, func(v *HistoryEvent) *uint64 { return &v.Quantity })
}

func eventAccount(name string) scale.FieldOf[HistoryEvent] {
	return scale.Field(name, scale.AccountIDCodec, func(v *HistoryEvent) *AccountID { return &v.Account })
}

var (
	eventOrder  = scale.Field("order", scale.U64, func(v *HistoryEvent) *uint64 { return &v.Order })
	eventReason = scale.Field("reason", reasonCodec, func(v *HistoryEvent) *Reason { return &v.Reason })
)

// HistoryEventCodec is the codec of HistoryEvent.
var HistoryEventCodec = scale.Enum("bitcloak_wire::HistoryEvent", func(v *HistoryEvent) *uint8 { return &v.Kind },
	scale.Variant(EventDeposited, "Deposited", "", append(eventAmount(), eventNumber("deposit"))...),
	scale.Variant(EventSessionOpened, "SessionOpened", "",
		scale.Field("expires_at", scale.U64, func(v *HistoryEvent) *uint64 { return &v.ExpiresAt })),
	scale.Variant[HistoryEvent](EventSessionClosed, "SessionClosed", ""),
	scale.Variant(EventPlaced, "Placed", "", eventOrder,
		scale.Field("market", scale.U32, func(v *HistoryEvent) *uint32 { return &v.Market }), eventQuantity("resting")),
	scale.Variant(EventRejected, "Rejected", "",
		scale.Field("command", scale.U8, func(v *HistoryEvent) *uint8 { return &v.Command }), eventOrder, eventReason),
	scale.Variant(EventAmended, "Amended", "", eventOrder, eventQuantity("remaining")),
	scale.Variant(EventCancelled, "Cancelled", "", eventOrder, eventQuantity("remaining"), eventReason),
	scale.Variant(EventExpired, "Expired", "", eventOrder, eventQuantity("remaining")),
	scale.Variant(EventFilled, "Filled", "", eventNumber("fill")),
	scale.Variant(EventWithdrawn, "Withdrawn", "", append(eventAmount(), eventNumber("outbox"))...),
	scale.Variant(EventTransferIn, "TransferIn", "", append(eventAmount(), eventAccount("from"))...),
	scale.Variant(EventTransferOut, "TransferOut", "", append(eventAmount(), eventAccount("to"))...),
	scale.Variant(EventRelayFee, "RelayFee", "", eventAccount("relay"),
		scale.Field("amount", scale.U128Codec, func(v *HistoryEvent) *U128 { return &v.Amount })),
	scale.Variant(EventWithdrawalWaiting, "WithdrawalWaiting", "", eventAmount()...),
)

// HistoryEntry is one event of an account's own history.
type HistoryEntry struct {
	Index      uint64 // of the account, from 1
	Checkpoint uint64
	Timestamp  uint64 // ms since 1970
	Event      HistoryEvent
}

// HistoryEntryCodec is the codec of HistoryEntry.
var HistoryEntryCodec = scale.Struct("bitcloak_wire::HistoryEntry", "One event of an account's own history.",
	scale.Field("index", scale.U64, func(v *HistoryEntry) *uint64 { return &v.Index }),
	scale.Field("checkpoint", scale.U64, func(v *HistoryEntry) *uint64 { return &v.Checkpoint }),
	scale.Field("timestamp", scale.U64, func(v *HistoryEntry) *uint64 { return &v.Timestamp }),
	scale.Field("event", HistoryEventCodec, func(v *HistoryEntry) *HistoryEvent { return &v.Event }),
)
