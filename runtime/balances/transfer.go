package balances

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Existence says whether an account that pays must live on.
type Existence bool

// The two answers.
const (
	AllowDeath Existence = false
	KeepAlive  Existence = true
)

// newLogic is the flag that pallet_balances sets on the accounts it has written;
// clients then read `frozen` as a limit on free and reserved together.
var newLogic = scale.U128{Hi: 1 << 63}

// Transfer moves amount from one account to another.
func Transfer(c *frame.Context, from, to scale.AccountID, amount scale.U128, existence Existence) error {
	payer := system.Account(c, from)
	debited := payer
	dust, err := debit(&debited, amount, existence)
	if err != nil {
		return err
	}
	if from == to {
		return nil
	}
	receiver := system.Account(c, to)
	credited := receiver
	if err := credit(&credited, amount); err != nil {
		return err
	}
	// I1: what leaves one account enters the other.
	putCredited(c, to, &receiver, &credited)
	putDebited(c, from, &payer, &debited, dust)
	transfer.Deposit(c, transferred{From: from, To: to, Amount: amount})
	return nil
}

// PayFee moves a fee from who, who must live on, to the beneficiary. If that account
// cannot take it, because it does not exist and the fee is below the existential
// deposit, the fee is burned.
func PayFee(c *frame.Context, who, beneficiary scale.AccountID, fee scale.U128) error {
	payer := system.Account(c, who)
	debited := payer
	if _, err := debit(&debited, fee, KeepAlive); err != nil {
		return err
	}
	system.ReplaceAccount(c, who, &payer, &debited)
	withdraw.Deposit(c, change{Who: who, Amount: fee})
	receiver := system.Account(c, beneficiary)
	credited := receiver
	if credit(&credited, fee) != nil {
		burn(c, fee)
		return nil
	}
	putCredited(c, beneficiary, &receiver, &credited)
	deposit.Deposit(c, change{Who: beneficiary, Amount: fee})
	return nil
}

// spendable is what the account can pay.
func spendable(account *system.AccountInfo, existence Existence) scale.U128 {
	if existence == AllowDeath && account.Consumers == 0 {
		return account.Data.Free
	}
	rest, _ := account.Data.Free.Sub(ExistentialDeposit)
	return rest
}

// debit takes amount from the account. If less than the existential deposit is left,
// all of it is, the account loses its provider and the rest is dust.
func debit(account *system.AccountInfo, amount scale.U128, existence Existence) (dust scale.U128, err error) {
	rest, ok := account.Data.Free.Sub(amount)
	if !ok {
		return scale.U128{}, frame.ErrFundsUnavailable
	}
	if amount.IsZero() {
		return scale.U128{}, nil
	}
	if !rest.Less(ExistentialDeposit) {
		account.Data.Free = rest
		return scale.U128{}, nil
	}
	if spendable(account, existence).Less(amount) {
		return scale.U128{}, frame.ErrNotExpendable
	}
	account.Data = system.AccountData{}
	account.Providers--
	return rest, nil
}

// credit adds amount to the account, which gains a provider with its first.
func credit(account *system.AccountInfo, amount scale.U128) error {
	if amount.IsZero() {
		return nil
	}
	sum, ok := account.Data.Free.Add(amount)
	if !ok {
		return frame.ErrOverflow
	}
	if sum.Less(ExistentialDeposit) {
		return frame.ErrBelowMinimum
	}
	if account.Data.Free.IsZero() {
		account.Providers++
		account.Data.Flags = newLogic
	}
	account.Data.Free = sum
	return nil
}

func putDebited(c *frame.Context, who scale.AccountID, old, debited *system.AccountInfo, dust scale.U128) {
	system.ReplaceAccount(c, who, old, debited)
	if !dust.IsZero() {
		burn(c, dust)
		dustLost.Deposit(c, change{Who: who, Amount: dust})
	}
}

func putCredited(c *frame.Context, who scale.AccountID, old, credited *system.AccountInfo) {
	system.ReplaceAccount(c, who, old, credited)
	if old.Data.Free.IsZero() && !credited.Data.Free.IsZero() {
		endowed.Deposit(c, change{Who: who, Amount: credited.Data.Free})
	}
}

// burn takes what has already left an account out of the issuance. I1: the account
// and the issuance lose the same.
func burn(c *frame.Context, amount scale.U128) {
	issuance, ok := TotalIssuance(c).Sub(amount)
	if !ok {
		panic("balances: I1 is broken: an account held more than the total issuance")
	}
	totalIssuance.Set(c, issuance)
}
