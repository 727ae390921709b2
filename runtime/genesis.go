package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/confidential"
	"github.com/bitcloak/bitcloak/runtime/consensus"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/governance"
	"github.com/bitcloak/bitcloak/runtime/privateassets"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/header"
)

// Genesis is the state that a chain starts from: the "genesis" object of its chain
// spec, a part for each pallet that has one.
type Genesis struct {
	// SpecVersion is that of the runtime which makes block 1; 0 stands for the first there was.
	// Later runtimes build the same state 0 of it.
	SpecVersion   uint32                `json:"specVersion,omitempty"`
	Consensus     consensus.Genesis     `json:"consensus"`
	Balances      balances.Genesis      `json:"balances"`
	Assets        assets.Genesis        `json:"assets"`
	PrivateAssets privateassets.Genesis `json:"privateAssets"`
	Confidential  confidential.Genesis  `json:"confidential"`
	Governance    governance.Genesis    `json:"governance"`
}

// Errors of a chain spec.
var (
	ErrGenesisJSON    = errors.New("runtime: the genesis is not valid; correct the chain spec")
	ErrGenesisVersion = errors.New("runtime: the genesis names a spec version beyond this program's; install the release that it is made for")
	ErrGenesisState   = errors.New("runtime: the state is not empty; build a genesis into a new database")
)

// ParseGenesis reads JSON strictly: unknown fields and what follows the object are
// refused.
func ParseGenesis(text []byte) (Genesis, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var genesis Genesis
	if err := decoder.Decode(&genesis); err != nil {
		return Genesis{}, errors.Join(ErrGenesisJSON, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Genesis{}, ErrGenesisJSON
	}
	return genesis, nil
}

// BuildGenesis writes the state of block 0 and checks its invariants.
func (r *Runtime) BuildGenesis(genesis Genesis) error {
	c := r.context
	if _, exists := c.Host.NextKey(nil); exists {
		return ErrGenesisState
	}
	c.SetPhase(frame.Phase{})
	builders := []func(*frame.Context) error{
		genesis.noteVersion,
		genesis.Consensus.Build,
		genesis.Balances.Build,
		genesis.Assets.Build,
		genesis.PrivateAssets.Build,
		genesis.Confidential.Build,
		genesis.Governance.Build,
	}
	return c.Transaction(func() error {
		for _, build := range builders {
			if err := build(c); err != nil {
				return err
			}
		}
		return r.TryState()
	})
}

func (g *Genesis) noteVersion(c *frame.Context) error {
	if g.SpecVersion > specVersion {
		return ErrGenesisVersion
	}
	system.NoteGenesisVersion(c, max(g.SpecVersion, firstSpecVersion), specName)
	return nil
}

// GenesisHeader is header 0, of the state that BuildGenesis wrote.
func (r *Runtime) GenesisHeader() header.Header {
	return header.Header{
		StateRoot:      r.context.Host.StorageRoot(),
		ExtrinsicsRoot: r.context.Host.OrderedRoot(nil),
	}
}
