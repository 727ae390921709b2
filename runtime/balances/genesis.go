package balances

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Genesis is the pallet's part of a chain spec.
type Genesis struct {
	Balances []Endowment `json:"balances"`
}

// Endowment is what an account starts with.
type Endowment struct {
	Account frame.Address `json:"account"`
	Free    scale.U128    `json:"free"` // base units, decimal
}

// Errors of a chain spec.
var (
	ErrGenesisTwice  = errors.New("balances: an account is endowed twice; merge the two entries")
	ErrGenesisAmount = errors.New("balances: an endowment is below the existential deposit or the sum exceeds 128 bits; change the amount")
)

// Build writes the genesis state. I1: the issuance starts as the sum of the endowments.
func (g *Genesis) Build(c *frame.Context) error {
	issuance := scale.U128{}
	for _, e := range g.Balances {
		who := e.Account.Account()
		old := system.Account(c, who)
		if !old.Data.Free.IsZero() {
			return ErrGenesisTwice
		}
		endowed := old
		sum, ok := issuance.Add(e.Free)
		if !ok || e.Free.IsZero() || credit(&endowed, e.Free) != nil {
			return ErrGenesisAmount
		}
		issuance = sum
		system.ReplaceAccount(c, who, &old, &endowed)
	}
	totalIssuance.Set(c, issuance)
	return nil
}
