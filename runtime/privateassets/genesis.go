package privateassets

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/wire"
)

// Genesis is the pallet's part of a chain spec.
type Genesis struct {
	Paused bool `json:"paused"` // deposits are refused from the start
}

// ErrGenesisCustody refuses a chain spec in which the last unit could not be paid out.
var ErrGenesisCustody = errors.New("privateassets: the custody account, modlbtc/cust, holds less than the existential deposit; endow it in balances")

// Build writes the genesis state. It comes after balances and assets.
func (g *Genesis) Build(c *frame.Context) error {
	if assets.HasNative(c) && balances.Free(c, wire.CustodyAccount).Less(balances.ExistentialDeposit) {
		return ErrGenesisCustody
	}
	if g.Paused {
		paused.Set(c, true)
	}
	return nil
}
