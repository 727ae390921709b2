package balances

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// change is an amount that an account gained or lost.
type change struct {
	Who    scale.AccountID
	Amount scale.U128
}

// transferred is the fields of Transfer.
type transferred struct {
	From, To scale.AccountID
	Amount   scale.U128
}

func changeFields(who, amount string) scale.Codec[change] {
	return scale.Struct("", "",
		scale.Field(who, scale.AccountIDCodec, func(ch *change) *scale.AccountID { return &ch.Who }).TypeNamed("T::AccountId"),
		scale.Field(amount, scale.U128Codec, func(ch *change) *scale.U128 { return &ch.Amount }).TypeNamed("T::Balance"))
}

var (
	endowed = frame.NewEvent(module, 0, "Endowed",
		"An account was created with some free balance.", changeFields("account", "free_balance"))
	dustLost = frame.NewEvent(module, 1, "DustLost",
		"An account was removed with less than the existential deposit, which is burned.", changeFields("account", "amount"))
	transfer = frame.NewEvent(module, 2, "Transfer", "Transfer succeeded.", scale.Struct("", "",
		scale.Field("from", scale.AccountIDCodec, func(t *transferred) *scale.AccountID { return &t.From }).TypeNamed("T::AccountId"),
		scale.Field("to", scale.AccountIDCodec, func(t *transferred) *scale.AccountID { return &t.To }).TypeNamed("T::AccountId"),
		scale.Field("amount", scale.U128Codec, func(t *transferred) *scale.U128 { return &t.Amount }).TypeNamed("T::Balance")))
	deposit = frame.NewEvent(module, 7, "Deposit",
		"Some amount was deposited, e.g. a fee for the treasury.", changeFields("who", "amount"))
	withdraw = frame.NewEvent(module, 8, "Withdraw",
		"Some amount was withdrawn from the account, e.g. for a fee.", changeFields("who", "amount"))
)
