package privateassets

import (
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Inbox is where deposits become messages to the contract. Pallet confidential
// keeps it; it is handed in because confidential itself imports this package.
type Inbox interface {
	// HasRoom reports whether the block takes one more message.
	HasRoom(c *frame.Context) bool
	// Push adds the message and gives its number: the inbox's count with it.
	Push(c *frame.Context, message *wire.InboxMessage) (number uint64)
}

// Pallet is the pallet as a runtime composes it.
func Pallet(inbox Inbox) frame.Pallet {
	return frame.Pallet{
		Module: module,
		Calls: []frame.Call{
			frame.NewCall(0, "deposit", "Take an amount into custody for a beneficiary of the private ledger.",
				depositCodec, weightDeposit, func(c *frame.Context, origin frame.Origin, args *depositArguments) error {
					return deposit(c, inbox, origin, args)
				}),
			frame.NewCall(1, "claim", "Receive the payouts of an asset that could not be made, at the signer's own or another account.",
				claimCodec, weightClaim, claim),
			frame.NewCall(10, "set_paused", "Root: refuse deposits, or take them again. Nothing else stops.",
				pauseCodec, weightPause, setPaused),
		},
		TryState: tryState,
	}
}

type depositArguments struct {
	Asset       uint32
	Amount      scale.U128
	Beneficiary wire.Beneficiary
}

type claimArguments struct {
	Asset uint32
	To    scale.Optional[extrinsic.MultiAddress]
}

var (
	depositCodec = scale.Struct("", "",
		scale.Field("asset", scale.U32, func(a *depositArguments) *uint32 { return &a.Asset }),
		scale.Field("amount", scale.CompactU128, func(a *depositArguments) *scale.U128 { return &a.Amount }),
		scale.Field("beneficiary", wire.BeneficiaryCodec, func(a *depositArguments) *wire.Beneficiary { return &a.Beneficiary }))
	claimCodec = scale.Struct("", "",
		scale.Field("asset", scale.U32, func(a *claimArguments) *uint32 { return &a.Asset }),
		scale.Field("to", scale.Option(extrinsic.AddressCodec), func(a *claimArguments) *scale.Optional[extrinsic.MultiAddress] { return &a.To }))
	pauseCodec = scale.Struct("", "",
		scale.Field("paused", scale.Bool, func(paused *bool) *bool { return paused }))
)

func deposit(c *frame.Context, inbox Inbox, origin frame.Origin, args *depositArguments) error {
	depositor, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	next, err := checkDeposit(c, inbox, args)
	if err != nil {
		return err
	}
	// The native account lives on: it keeps the nonce that guards against replay.
	existence := balances.AllowDeath
	if assets.IsNative(c, args.Asset) {
		existence = balances.KeepAlive
	}
	if err := assets.Transfer(c, args.Asset, depositor, wire.CustodyAccount, args.Amount, existence); err != nil {
		return err
	}
	counters.Set(c, args.Asset, next)
	id := nextDeposit.Get(c)
	nextDeposit.Set(c, id+1)
	number := inbox.Push(c, &wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{
		ID: id, Depositor: depositor, Asset: args.Asset, Amount: args.Amount, Beneficiary: args.Beneficiary,
	}})
	deposits.Set(c, id, wire.PendingDeposit{Depositor: depositor, Asset: args.Asset, Amount: args.Amount, Message: number})
	deposited.Deposit(c, depositEvent{ID: id, Depositor: depositor, Asset: args.Asset, Amount: args.Amount})
	return nil
}

// checkDeposit refuses what custody cannot take, and gives the asset's counters
// after the deposit. It counts the deposit; dispatch undoes that if the transfer fails.
func checkDeposit(c *frame.Context, inbox Inbox, args *depositArguments) (next wire.Counters, err error) {
	if paused.Get(c) {
		return next, ErrPaused
	}
	minimum, err := assets.MinBalance(c, args.Asset)
	if err != nil {
		return next, err
	}
	if args.Amount.IsZero() || args.Amount.Less(minimum) {
		return next, ErrBelowMinimum
	}
	// What cannot be one is refused here: the contract would have to pay it back.
	if args.Beneficiary.Kind == wire.BeneficiarySealed && len(args.Beneficiary.Sealed) != wire.SealedBeneficiarySize {
		return next, ErrBeneficiary
	}
	if !inbox.HasRoom(c) {
		return next, ErrInboxFull
	}
	current := counters.Get(c, args.Asset)
	next, ok := afterDeposit(current, args.Amount)
	if !ok {
		return next, ErrOverflow
	}
	if !covered(c, args.Asset, &current) {
		return next, ErrSuspended
	}
	return next, countDeposit(c)
}

// countDeposit keeps the bound on deposits of one block.
func countDeposit(c *frame.Context) error {
	number := system.Number(c)
	count := depositsOfBlock.Get(c)
	if count.Number != number {
		count = blockDeposits{Number: number}
	}
	if count.Count == maxBlockDeposits {
		return ErrTooManyDeposits
	}
	count.Count++
	depositsOfBlock.Set(c, count)
	return nil
}

func claim(c *frame.Context, origin frame.Origin, args *claimArguments) error {
	who, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	to := who
	if args.To.Some {
		if to, err = frame.Lookup(&args.To.Value); err != nil {
			return err
		}
	}
	amount := claimable.Get(c, who, args.Asset)
	if amount.IsZero() {
		return ErrNothingToClaim
	}
	current := counters.Get(c, args.Asset)
	if !covered(c, args.Asset, &current) {
		return ErrSuspended
	}
	if err := payOut(c, args.Asset, to, amount, current); err != nil {
		return err
	}
	claimable.Remove(c, who, args.Asset)
	claimed.Deposit(c, claimEvent{Who: who, To: to, Asset: args.Asset, Amount: amount})
	return nil
}

func setPaused(c *frame.Context, origin frame.Origin, args *bool) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	paused.Set(c, *args) // I10: deposit alone looks at it
	pausedSet.Deposit(c, *args)
	return nil
}
