package balances

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// What tryState finds.
var (
	ErrIssuance = errors.New("balances: I1 is broken: the total issuance is not the sum of balances")
	ErrProvider = errors.New("balances: an account's provider does not match its balance")
	ErrReserved = errors.New("balances: an account has reserved or frozen funds, which nothing makes")
)

// tryState recounts I1 and that balance and existence agree.
func tryState(c *frame.Context) error {
	sum := scale.U128{}
	for _, account := range system.Accounts(c) {
		data := &account.Data
		if !data.Reserved.IsZero() || !data.Frozen.IsZero() {
			return ErrReserved
		}
		provides := !data.Free.IsZero()
		if provides != (account.Providers == 1) || account.Providers > 1 || provides && data.Free.Less(ExistentialDeposit) {
			return ErrProvider
		}
		var ok bool
		if sum, ok = sum.Add(data.Free); !ok {
			return ErrIssuance
		}
	}
	if sum != TotalIssuance(c) {
		return ErrIssuance
	}
	return nil
}
