package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

var sweepCodec = scale.Struct("", "",
	scale.Field("asset", scale.U32, func(f *wire.Fees) *uint32 { return &f.Asset }),
	scale.Field("to", scale.AccountIDCodec, func(f *wire.Fees) *scale.AccountID { return &f.To }))

// sweepFees has the contract pay out what trading has brought in fees of an asset. How
// much that is, the contract alone knows; it comes through the outbox as all payouts do,
// and takes nothing that is a trader's.
func sweepFees(c *frame.Context, origin frame.Origin, args *wire.Fees) error {
	switch err := origin.EnsureRoot(); {
	case err != nil:
		return err
	case !assets.Exists(c, args.Asset):
		return ErrFeeAsset
	case args.To == wire.CustodyAccount:
		return ErrFeesToCustody
	case room(c) == 0:
		return ErrInboxFull
	}
	Inbox{}.Push(c, &wire.InboxMessage{Kind: wire.MessageFees, Fees: *args})
	feesSwept.Deposit(c, *args)
	return nil
}
