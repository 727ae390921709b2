package wire

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Kinds of Command.
const (
	CommandDummy uint8 = iota
	CommandPlace
	CommandAmend
	CommandCancel
	CommandCancelAll
	CommandWithdraw
	CommandTransfer
	CommandCloseSession

	// CommandUnreadable stands, in a history, for a command that was sealed by
	// its owner and still is none of the above.
	CommandUnreadable uint8 = 255
)

// Sides of an order.
const (
	Buy  uint8 = 0
	Sell uint8 = 1
)

// Times in force of an order.
const (
	GoodTillCancelled uint8 = iota
	ImmediateOrCancel
	GoodTillDate
	FillOrKill
	PostOnly
)

// Command is one instruction of an account; Kind says which fields count.
type Command struct {
	// Relay may be refunded for the envelope, by the account, if it is who sends it;
	// zeros: nobody. It lies beside the command in the plaintext, not in its codec.
	Relay       AccountID
	Kind        uint8
	Order       uint64 // Place, Amend, Cancel: the client's own number
	Market      uint32 // Place
	Side        uint8  // Place
	Price       uint64 // Place, Amend: ticks
	Quantity    uint64 // Place: lots; Amend: new remaining lots
	TimeInForce uint8  // Place
	ExpiresAt   uint64 // Place: ms since 1970, 0 but for GoodTillDate
	Markets     scale.Optional[uint32]
	Asset       uint32    // Withdraw, Transfer
	Amount      U128      // Withdraw, Transfer
	To          AccountID // Withdraw, Transfer
}

// CommandCodec is the codec of Command. CancelAll's market is Markets.
var CommandCodec = scale.Enum("bitcloak_wire::Command", func(v *Command) *uint8 { return &v.Kind },
	scale.Variant[Command](CommandDummy, "Dummy", "Does nothing, and looks like the others."),
	scale.Variant(CommandPlace, "Place", "Places an order.",
		scale.Field("order", scale.U64, func(v *Command) *uint64 { return &v.Order }),
		scale.Field("market", scale.U32, func(v *Command) *uint32 { return &v.Market }),
		scale.Field("side", scale.U8, func(v *Command) *uint8 { return &v.Side }),
		scale.Field("price", scale.U64, func(v *Command) *uint64 { return &v.Price }),
		scale.Field("quantity", scale.U64, func(v *Command) *uint64 { return &v.Quantity }),
		scale.Field("time_in_force", scale.U8, func(v *Command) *uint8 { return &v.TimeInForce }),
		scale.Field("expires_at", scale.U64, func(v *Command) *uint64 { return &v.ExpiresAt })),
	scale.Variant(CommandAmend, "Amend", "Changes an open order's price and remaining lots.",
		scale.Field("order", scale.U64, func(v *Command) *uint64 { return &v.Order }),
		scale.Field("price", scale.U64, func(v *Command) *uint64 { return &v.Price }),
		scale.Field("quantity", scale.U64, func(v *Command) *uint64 { return &v.Quantity })),
	scale.Variant(CommandCancel, "Cancel", "Takes an open order out of its book.",
		scale.Field("order", scale.U64, func(v *Command) *uint64 { return &v.Order })),
	scale.Variant(CommandCancelAll, "CancelAll", "Cancels all open orders, or those of one market.",
		scale.Field("market", scale.Option(scale.U32), func(v *Command) *scale.Optional[uint32] { return &v.Markets })),
	scale.Variant(CommandWithdraw, "Withdraw", "Pays out of the ledger to an account on the chain.", amountFields()...),
	scale.Variant(CommandTransfer, "Transfer", "Moves an amount to another account of the ledger.", amountFields()...),
	scale.Variant[Command](CommandCloseSession, "CloseSession", "Ends the session it was sent in."),
)

func amountFields() []scale.FieldOf[Command] {
	return []scale.FieldOf[Command]{
		scale.Field("asset", scale.U32, func(v *Command) *uint32 { return &v.Asset }),
		scale.Field("amount", scale.U128Codec, func(v *Command) *U128 { return &v.Amount }),
		scale.Field("to", scale.AccountIDCodec, func(v *Command) *AccountID { return &v.To }),
	}
}

// ErrPadding says that what follows a padded structure is not all zeros.
var ErrPadding = errors.New("the padding is not all zeros; pad with zeros only")

// EncodeCommand writes the plaintext of a command envelope to dst.
func EncodeCommand(dst *[CommandPlaintextSize]byte, sequence uint64, command *Command) error {
	e := scale.NewEncoder(dst[:0])
	e.U64(sequence)
	e.Raw(command.Relay[:])
	CommandCodec.Encode(e, command)
	if e.Err() != nil {
		return e.Err()
	}
	clear(dst[e.Len():]) // the longest command takes 93 bytes of 223
	return nil
}

// DecodeCommand reads the plaintext of a command envelope into command.
func DecodeCommand(plaintext []byte, command *Command) (sequence uint64, err error) {
	var d scale.Decoder
	d.Reset(plaintext)
	sequence = d.U64()
	var relay AccountID
	d.Fill(relay[:])
	decodeCommand(&d, command)
	command.Relay = relay
	return sequence, finishPadded(&d, CommandPlaintextSize)
}

// finishPadded ends the decoding of a structure that is padded with zeros to size.
func finishPadded(d *scale.Decoder, size int) error {
	if d.Err() == nil && d.Offset()+d.Remaining() != size {
		d.Fail(scale.ErrShort)
	}
	padding := byte(0)
	for _, b := range d.Rest() {
		padding |= b
	}
	if padding != 0 {
		d.Fail(ErrPadding)
	}
	return d.Err()
}

// decodeCommand is CommandCodec.Decode written out: the hot path of a worker.
// A test holds the two together.
func decodeCommand(d *scale.Decoder, v *Command) {
	*v = Command{Kind: d.U8()}
	switch v.Kind {
	case CommandDummy, CommandCloseSession:
	case CommandPlace:
		v.Order, v.Market, v.Side = d.U64(), d.U32(), d.U8()
		v.Price, v.Quantity = d.U64(), d.U64()
		v.TimeInForce, v.ExpiresAt = d.U8(), d.U64()
	case CommandAmend:
		v.Order, v.Price, v.Quantity = d.U64(), d.U64(), d.U64()
	case CommandCancel:
		v.Order = d.U64()
	case CommandCancelAll:
		switch d.U8() {
		case 0:
		case 1:
			v.Markets = scale.Some(d.U32())
		default:
			d.Fail(scale.ErrOption)
		}
	case CommandWithdraw, CommandTransfer:
		v.Asset, v.Amount = d.U32(), d.U128()
		d.Fill(v.To[:])
	default:
		d.Fail(scale.ErrVariant)
	}
}
