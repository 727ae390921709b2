package privateassets

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
)

// Errors.
var (
	ErrPaused = frame.NewError(module, 0, "Paused",
		"Governance has paused deposits; withdrawals and claims go on. Try again later.")
	ErrBelowMinimum = frame.NewError(module, 1, "BelowMinimum",
		"A deposit takes at least the asset's minimum balance, so that it can be paid out again; deposit more.")
	ErrSuspended = frame.NewError(module, 2, "Suspended",
		"Custody holds less of this asset than it must; deposits and claims of it wait until it is made whole.")
	ErrTooManyDeposits = frame.NewError(module, 3, "TooManyDeposits",
		"The block takes no more deposits; submit again for the next one.")
	ErrInboxFull = frame.NewError(module, 4, "InboxFull",
		"The block takes no more messages for the contract; submit again for the next one.")
	ErrNothingToClaim = frame.NewError(module, 5, "NothingToClaim",
		"The signer has no failed payout of this asset; see PrivateAssets.Claimable.")
	ErrOverflow = frame.NewError(module, 6, "Overflow",
		"All deposits of this asset together would exceed 2^128 - 1; deposit less.")
	ErrBeneficiary = frame.NewError(module, 7, "Beneficiary",
		"A sealed beneficiary has one length, that of what a wallet seals; seal it anew.")
	ErrToCustody = frame.NewError(module, 8, "ToCustody",
		"Nobody could take it out of the custody account again; name another account.")
)

// ErrInsolvent is Settle's refusal: the contract would pay out more of an asset
// than it holds (I2).
var ErrInsolvent = errors.New("privateassets: the commit pays out more of an asset than the contract's ledger holds")

// ErrPayout is Settle's refusal of an outbox whose amounts are zero or overflow.
var ErrPayout = errors.New("privateassets: the outbox pays nothing, or more than 128 bits")
