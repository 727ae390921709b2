package system

import (
	"iter"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// AccountInfo is what the chain knows of an account.
type AccountInfo struct {
	Nonce       uint32 // extrinsics signed so far
	Consumers   uint32
	Providers   uint32
	Sufficients uint32
	Data        AccountData
}

// AccountData is the native balance; pallet balances governs it. Nothing reserves
// or freezes native funds yet: both fields are there for clients, and zero.
type AccountData struct {
	Free     scale.U128
	Reserved scale.U128
	Frozen   scale.U128
	Flags    scale.U128
}

var accountDataCodec = scale.Struct("pallet_balances::types::AccountData", "",
	scale.Field("free", scale.U128Codec, func(d *AccountData) *scale.U128 { return &d.Free }).TypeNamed("Balance"),
	scale.Field("reserved", scale.U128Codec, func(d *AccountData) *scale.U128 { return &d.Reserved }).TypeNamed("Balance"),
	scale.Field("frozen", scale.U128Codec, func(d *AccountData) *scale.U128 { return &d.Frozen }).TypeNamed("Balance"),
	scale.Field("flags", extraFlagsCodec, func(d *AccountData) *scale.U128 { return &d.Flags }).TypeNamed("ExtraFlags"),
).WithParams(scale.TypeParam{Name: "Balance", Type: scale.U128Codec.Type})

var extraFlagsCodec = scale.Newtype("pallet_balances::types::ExtraFlags", "", scale.U128Codec,
	func(v *scale.U128) *scale.U128 { return v })

var accountInfoCodec = scale.Struct("frame_system::AccountInfo", "",
	scale.Field("nonce", scale.U32, func(a *AccountInfo) *uint32 { return &a.Nonce }).TypeNamed("Nonce"),
	scale.Field("consumers", scale.U32, func(a *AccountInfo) *uint32 { return &a.Consumers }).TypeNamed("RefCount"),
	scale.Field("providers", scale.U32, func(a *AccountInfo) *uint32 { return &a.Providers }).TypeNamed("RefCount"),
	scale.Field("sufficients", scale.U32, func(a *AccountInfo) *uint32 { return &a.Sufficients }).TypeNamed("RefCount"),
	scale.Field("data", accountDataCodec, func(a *AccountInfo) *AccountData { return &a.Data }).TypeNamed("AccountData"),
).WithParams(
	scale.TypeParam{Name: "Nonce", Type: scale.U32.Type},
	scale.TypeParam{Name: "AccountData", Type: accountDataCodec.Type})

// Exists reports whether something provides for the account.
func (a *AccountInfo) Exists() bool { return a.Providers > 0 || a.Sufficients > 0 }

// Account is what is known of who; the zero value if it does not exist.
func Account(c *frame.Context, who scale.AccountID) AccountInfo { return accounts.Get(c, who) }

// ReplaceAccount stores what has become of an account that was old, and removes it
// when nothing provides for it any more.
func ReplaceAccount(c *frame.Context, who scale.AccountID, old, new *AccountInfo) {
	switch {
	case new.Exists():
		accounts.Set(c, who, *new)
		if !old.Exists() {
			newAccount.Deposit(c, who)
		}
	case old.Exists():
		accounts.Remove(c, who)
		killedAccount.Deposit(c, who)
	}
}

// IncrementSufficients adds a reason for the account to exist, creating it if need be.
func IncrementSufficients(c *frame.Context, who scale.AccountID) {
	old := Account(c, who)
	next := old
	next.Sufficients++
	ReplaceAccount(c, who, &old, &next)
}

// DecrementSufficients takes back what IncrementSufficients added; the account is
// removed if that was the last reason for it.
func DecrementSufficients(c *frame.Context, who scale.AccountID) {
	old := Account(c, who)
	if old.Sufficients == 0 {
		panic("system: an account's sufficients are decremented more often than incremented")
	}
	next := old
	next.Sufficients--
	ReplaceAccount(c, who, &old, &next)
}

// Accounts walks all accounts, for checks of the whole state.
func Accounts(c *frame.Context) iter.Seq2[scale.AccountID, AccountInfo] { return accounts.All(c) }
