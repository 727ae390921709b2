package assets

import (
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Exists reports whether the asset is registered.
func Exists(c *frame.Context, asset uint32) bool { return assets.Exists(c, asset) }

// Balance is what who holds of the asset, whatever its kind; zero if there is none.
func Balance(c *frame.Context, asset uint32, who scale.AccountID) scale.U128 {
	details, exists := assets.Find(c, asset)
	switch {
	case !exists:
		return scale.U128{}
	case details.Kind.Kind == KindNative:
		return balances.Free(c, who)
	default:
		return holdings.Get(c, asset, who).Balance
	}
}

// IsNative reports whether the asset is the chain's own currency.
func IsNative(c *frame.Context, asset uint32) bool {
	details, exists := assets.Find(c, asset)
	return exists && details.Kind.Kind == KindNative
}

// HasNative reports whether the native currency is registered, under any identifier.
// It reads all assets: for genesis.
func HasNative(c *frame.Context) bool {
	for _, details := range assets.All(c) {
		if details.Kind.Kind == KindNative {
			return true
		}
	}
	return false
}

// Supply is how much of the asset exists here, whatever its kind.
func Supply(c *frame.Context, asset uint32) scale.U128 {
	details, exists := assets.Find(c, asset)
	if exists && details.Kind.Kind == KindNative {
		return balances.TotalIssuance(c)
	}
	return details.Supply
}

// MinBalance is the least that an account may hold of the asset, or ErrUnknownAsset.
func MinBalance(c *frame.Context, asset uint32) (scale.U128, error) {
	details, exists := assets.Find(c, asset)
	if !exists {
		return scale.U128{}, ErrUnknownAsset
	}
	return details.MinBalance, nil
}

// Transfer moves amount of an asset of any kind. It checks, then writes: after an
// error nothing has changed. Unlike the calls, it may pay into custody and out of it.
func Transfer(c *frame.Context, asset uint32, from, to scale.AccountID, amount scale.U128, existence balances.Existence) error {
	details, exists := assets.Find(c, asset)
	if !exists {
		return ErrUnknownAsset
	}
	if amount.IsZero() {
		return ErrZeroAmount
	}
	if details.Kind.Kind == KindNative {
		return balances.Transfer(c, from, to, amount, existence)
	}
	if details.Status == StatusFrozen {
		return ErrAssetFrozen
	}
	payer := holdings.Get(c, asset, from)
	if payer.Frozen {
		return ErrAccountFrozen
	}
	debited, err := debit(&details, from, payer, amount, existence)
	if err != nil || from == to {
		return err
	}
	receiver := holdings.Get(c, asset, to)
	credited, err := credit(&details, to, receiver, amount)
	if err != nil {
		return err
	}
	// I1: what leaves one account enters the other.
	accounts := details.Accounts
	put(c, asset, &details, from, payer, debited)
	put(c, asset, &details, to, receiver, credited)
	if details.Accounts != accounts {
		assets.Set(c, asset, details)
	}
	transferred.Deposit(c, record{Asset: asset, Who: from, Second: to, Amount: amount})
	return nil
}

// debit is the holding after amount has left it.
func debit(details *Details, who scale.AccountID, h Holding, amount scale.U128, existence balances.Existence) (Holding, error) {
	rest, ok := h.Balance.Sub(amount)
	switch {
	case !ok:
		return h, ErrBalanceLow
	case exempt(who):
	case rest.IsZero() && existence == balances.KeepAlive:
		return h, ErrDust
	case !rest.IsZero() && rest.Less(details.MinBalance):
		return h, ErrDust
	}
	h.Balance = rest
	return h, nil
}

// credit is the holding after amount has come to it.
func credit(details *Details, who scale.AccountID, h Holding, amount scale.U128) (Holding, error) {
	sum, ok := h.Balance.Add(amount)
	switch {
	case !ok:
		return h, ErrSupply
	case sum.Less(details.MinBalance) && !exempt(who):
		return h, ErrBelowMinimum
	}
	h.Balance = sum
	return h, nil
}

// exempt reports whether an account may hold less than the minimum balance: custody
// does, so that it can always pay out to the last unit (I2).
func exempt(who scale.AccountID) bool { return who == wire.CustodyAccount }

// put stores what has become of a holding that was old, and keeps count of accounts.
// The caller stores the details if their count has changed.
func put(c *frame.Context, asset uint32, details *Details, who scale.AccountID, old, next Holding) {
	switch {
	case next.Balance.IsZero():
		holdings.Remove(c, asset, who)
		if !old.Balance.IsZero() {
			details.Accounts--
			system.DecrementSufficients(c, who)
		}
		return
	case old.Balance.IsZero():
		details.Accounts++
		system.IncrementSufficients(c, who)
	}
	holdings.Set(c, asset, who, next)
}
