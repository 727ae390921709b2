package governance

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Genesis is the pallet's part of a chain spec. Without members nothing can ever be
// decided.
type Genesis struct {
	Members   []frame.Address `json:"members"`
	Threshold uint32          `json:"threshold"`
	Delay     uint64          `json:"delay"` // milliseconds
}

// Errors of a chain spec.
var (
	ErrGenesisMembers = errors.New("governance: members are 32 at most, each once, and the threshold lies between 1 and their number")
	ErrGenesisDelay   = errors.New("governance: the delay is at most 30 days, in milliseconds")
)

// Build writes the genesis state.
func (g *Genesis) Build(c *frame.Context) error {
	if g.Delay > maxDelay {
		return ErrGenesisDelay
	}
	delay.Set(c, g.Delay)
	if len(g.Members) == 0 && g.Threshold == 0 {
		return nil
	}
	first := membership{Threshold: g.Threshold}
	for _, member := range g.Members {
		first.Members = append(first.Members, scale.AccountID(member))
	}
	if putMembers(c, &first) != nil {
		return ErrGenesisMembers
	}
	return nil
}
