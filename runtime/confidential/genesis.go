package confidential

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Genesis is the pallet's part of a chain spec. Times are in milliseconds.
type Genesis struct {
	Threshold     uint32   `json:"threshold"`     // votes that a commit needs
	Heartbeat     uint64   `json:"heartbeat"`     // 1,000 by default of the development chain
	EpochDuration uint64   `json:"epochDuration"` // from a second to a year
	Markets       []Market `json:"markets"`       // ascending

	// SimulatedVendor is the key that signs simulated evidence. A chain spec with
	// one is a development network's: anyone can make such evidence.
	SimulatedVendor scale.HexBytes `json:"simulatedVendor,omitempty"`
	Measurements    []scale.Hash   `json:"measurements"`
	Platforms       []scale.Hash   `json:"platforms"`
}

// Market is wire.Market in a chain spec.
type Market struct {
	ID          uint32     `json:"id"`
	Base        uint32     `json:"base"`
	Quote       uint32     `json:"quote"`
	LotSize     scale.U128 `json:"lotSize"`
	TickValue   uint64     `json:"tickValue"`
	MinQuantity uint64     `json:"minQuantity"`
	MaxQuantity uint64     `json:"maxQuantity"`
	MaxPrice    uint64     `json:"maxPrice"`
	MakerFeePPM uint32     `json:"makerFeePpm"`
	TakerFeePPM uint32     `json:"takerFeePpm"`
	Status      uint8      `json:"status,omitempty"` // 0 open, 1 halted
}

// Bounds of the heartbeat, in milliseconds: a tenth of a second, an hour.
const (
	minHeartbeat = 100
	maxHeartbeat = 3_600_000
)

// Errors of a chain spec; those of markets are the pallet's own.
var (
	ErrGenesisThreshold = errors.New("confidential: the threshold lies between 1 and 32 workers")
	ErrGenesisTimes     = errors.New("confidential: the heartbeat lies between 100 ms and an hour, an epoch between a second and a year")
	ErrGenesisMarkets   = errors.New("confidential: markets are given in ascending order of their identifiers, each once, 1,024 at most")
	ErrGenesisVendor    = errors.New("confidential: the key of the simulated vendor is 32 bytes of ed25519")
)

// Build writes the genesis state. It comes after assets.
func (g *Genesis) Build(c *frame.Context) error {
	switch {
	case g.Threshold == 0 || g.Threshold > maxWorkers:
		return ErrGenesisThreshold
	case g.Heartbeat < minHeartbeat || g.Heartbeat > maxHeartbeat,
		g.EpochDuration < minEpochDuration || g.EpochDuration > maxEpochDuration:
		return ErrGenesisTimes
	case len(g.SimulatedVendor) != 0 && len(g.SimulatedVendor) != 32:
		return ErrGenesisVendor
	}
	threshold.Set(c, g.Threshold)
	heartbeat.Set(c, g.Heartbeat)
	epochDuration.Set(c, g.EpochDuration)
	if len(g.SimulatedVendor) != 0 {
		simulatedVendor.Set(c, [32]byte(g.SimulatedVendor))
	}
	for _, measurement := range g.Measurements {
		measurements.Set(c, measurement, true)
	}
	for _, platform := range g.Platforms {
		platforms.Set(c, platform, true)
	}
	return g.buildMarkets(c)
}

// buildMarkets lists the markets; the first checkpoint will tell the contract.
func (g *Genesis) buildMarkets(c *frame.Context) error {
	if len(g.Markets) > int(maxMarkets) {
		return ErrGenesisMarkets
	}
	var listed []uint32
	for i, m := range g.Markets {
		if i > 0 && m.ID <= g.Markets[i-1].ID {
			return ErrGenesisMarkets
		}
		if err := putMarket(c, (*wire.Market)(&m)); err != nil {
			return err
		}
		listed = append(listed, m.ID)
	}
	if len(listed) > 0 {
		genesisMarkets.Set(c, listed)
	}
	return nil
}
