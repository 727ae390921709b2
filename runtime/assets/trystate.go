package assets

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// What tryState finds.
var (
	ErrIssuance = errors.New("assets: I1 is broken: a supply is not the sum of balances")
	ErrAccounts = errors.New("assets: a count of accounts is wrong")
	ErrOrphan   = errors.New("assets: a balance belongs to no asset")
	ErrHolding  = errors.New("assets: a balance is zero or below the minimum, or custody is frozen")
	ErrNative   = errors.New("assets: there are two native assets, or one has holdings here")
)

// tryState recounts I1, and that no role has reached custody (I2).
func tryState(c *frame.Context) error {
	natives, counted := 0, uint64(0)
	for id, details := range assets.All(c) {
		sum, accounts, err := count(c, id, &details)
		switch {
		case err != nil:
			return err
		case sum != details.Supply:
			return ErrIssuance
		case accounts != details.Accounts:
			return ErrAccounts
		}
		counted += uint64(accounts)
		if details.Kind.Kind == KindNative {
			natives++
			if natives > 1 || accounts != 0 {
				return ErrNative
			}
		}
	}
	all := uint64(0)
	for range holdings.All(c) {
		all++
	}
	if all != counted {
		return ErrOrphan
	}
	return nil
}

// count adds up the holdings of one asset.
func count(c *frame.Context, id uint32, details *Details) (sum scale.U128, accounts uint32, err error) {
	for who, holding := range holdings.Prefix(c, id) {
		small := holding.Balance.Less(details.MinBalance) && !exempt(who)
		if holding.Balance.IsZero() || small || holding.Frozen && exempt(who) {
			return sum, accounts, ErrHolding
		}
		var ok bool
		if sum, ok = sum.Add(holding.Balance); !ok {
			return sum, accounts, ErrIssuance
		}
		accounts++
	}
	return sum, accounts, nil
}
