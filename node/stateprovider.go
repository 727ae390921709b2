package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	cmtconfig "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/light/provider"
	lightdb "github.com/cometbft/cometbft/light/store/db"
	cmtstate "github.com/cometbft/cometbft/proto/tendermint/state"
	"github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/statesync"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Errors of what the servers say.
var (
	ErrServers       = errors.New("node: the servers for state sync do not prove the trusted header; check their addresses, and its height and hash")
	ErrOtherNetwork  = errors.New("node: the header is of a network with other validators or consensus parameters than the chain spec's first; sync from the first block")
	errBehindServers = errors.New("the servers do not have the headers above the snapshot's yet")
)

// stateProvider answers CometBFT's state sync from headers that its light client has verified. Validators and consensus
// parameters are the chain spec's, which the headers must name: this way nobody has to be believed about the turns in which
// the validators propose, which headers do not commit to.
type stateProvider struct {
	config StateSync
	comet  *chainspec.CometBFT
	log    *slog.Logger

	mutex   sync.Mutex // the light client is not made for several at once
	client  *light.Client
	servers []*server
}

var _ statesync.StateProvider = (*stateProvider)(nil)

// connected is the light client, made when it is first needed.
func (p *stateProvider) connected(ctx context.Context) (*light.Client, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.client != nil {
		return p.client, nil
	}
	if p.servers == nil {
		for _, endpoint := range p.config.Servers {
			p.servers = append(p.servers, newServer(endpoint, p.comet.ChainID, p.log))
		}
	}
	settings := cmtconfig.DefaultConfig()
	settings.DBBackend = "memdb"
	memory, err := cmtconfig.DefaultDBProvider(&cmtconfig.DBContext{ID: "light", Config: settings})
	if err != nil {
		return nil, err
	}
	witnesses := make([]provider.Provider, 0, len(p.servers)-1)
	for _, s := range p.servers[1:] {
		witnesses = append(witnesses, s)
	}
	trusted := light.TrustOptions{Period: p.config.TrustingPeriod, Height: int64(p.config.Height), Hash: p.config.Hash[:]}
	if err := p.checkServers(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrServers, err)
	}
	client, err := light.NewClient(ctx, p.comet.ChainID, trusted, p.servers[0], witnesses, lightdb.New(memory, ""),
		light.Logger(cometLogger{log: p.log.With("part", "light"), stopping: new(atomic.Bool)}))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrServers, err)
	}
	p.client = client
	return client, nil
}

// checkServers asks all servers for the trusted header: the light client asks witnesses only when it is too late to choose
// others.
func (p *stateProvider) checkServers(ctx context.Context) error {
	for _, s := range p.servers {
		block, err := s.lightBlockSoon(ctx, int64(p.config.Height)) //nolint:gosec // CometBFT counts heights in int64
		if err != nil {
			return err
		}
		if scale.Hash(block.Hash()) != p.config.Hash {
			return fmt.Errorf("%s shows the header %v at height %d", s.endpoint, block.Hash(), p.config.Height)
		}
		if age := time.Since(block.Time); age > p.config.TrustingPeriod {
			return fmt.Errorf("the trusted header is %v old; choose one younger than %v", age.Round(time.Second), p.config.TrustingPeriod)
		}
	}
	return nil
}

// Close ends the connections to the servers.
func (p *stateProvider) Close() (err error) {
	if p == nil {
		return nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, s := range p.servers {
		err = errors.Join(err, s.close())
	}
	return err
}

// blocks verifies the light blocks of some heights.
func (p *stateProvider) blocks(ctx context.Context, heights ...uint64) ([]*types.LightBlock, error) {
	client, err := p.connected(ctx)
	if err != nil {
		return nil, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	out := make([]*types.LightBlock, len(heights))
	for i, height := range heights {
		if height > math.MaxInt64 {
			return nil, fmt.Errorf("%w (height %d)", provider.ErrHeightTooHigh, height)
		}
		if out[i], err = client.VerifyLightBlockAtHeight(ctx, int64(height), time.Now()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// newsInterval is how often the servers are asked for headers that they do not have yet.
const newsInterval = 200 * time.Millisecond

// await waits until every server has the header of a height: the light client would give up the ones that do not.
func (p *stateProvider) await(ctx context.Context, height uint64) error {
	if _, err := p.connected(ctx); err != nil {
		return err
	}
	for _, s := range p.servers {
		for {
			latest, err := s.LightBlock(ctx, 0)
			if err == nil && uint64(latest.Height) >= height {
				break
			}
			select {
			case <-ctx.Done():
				return errors.Join(errBehindServers, err, ctx.Err())
			case <-time.After(newsInterval):
			}
		}
	}
	return nil
}

// AppHash implements statesync.StateProvider: it is in the header above. The one above that is needed in the end too.
func (p *stateProvider) AppHash(ctx context.Context, height uint64) ([]byte, error) {
	blocks, err := p.awaited(ctx, height)
	if err != nil {
		p.log.Warn("a snapshot is passed over: the servers for state sync do not prove its header", "height", height, "error", err)
		return nil, err
	}
	return blocks[0].AppHash, nil
}

func (p *stateProvider) awaited(ctx context.Context, height uint64) ([]*types.LightBlock, error) {
	if err := p.await(ctx, height+2); err != nil {
		return nil, err
	}
	return p.blocks(ctx, height+1, height+2)
}

// Commit implements statesync.StateProvider.
func (p *stateProvider) Commit(ctx context.Context, height uint64) (*types.Commit, error) {
	blocks, err := p.blocks(ctx, height)
	if err != nil {
		return nil, err
	}
	return blocks[0].Commit, nil
}

// State implements statesync.StateProvider: CometBFT's own state after a height, as its NewLightClientStateProvider
// makes it.
func (p *stateProvider) State(ctx context.Context, height uint64) (state.State, error) {
	blocks, err := p.blocks(ctx, height, height+1, height+2)
	if err != nil {
		return state.State{}, err
	}
	document := p.comet.GenesisDoc()
	for _, block := range blocks {
		if err := sameNetwork(document, block.Header); err != nil {
			return state.State{}, err
		}
	}
	last, current := blocks[0], blocks[1]
	return state.State{
		ChainID:         p.comet.ChainID,
		InitialHeight:   document.InitialHeight,
		Version:         cmtstate.Version{Consensus: current.Version, Software: version.TMCoreSemVer},
		LastBlockHeight: last.Height,
		LastBlockTime:   last.Time,
		LastBlockID:     last.Commit.BlockID,
		AppHash:         current.AppHash,
		LastResultsHash: current.LastResultsHash,

		LastValidators:                   validatorsAt(document, last.Height),
		Validators:                       validatorsAt(document, last.Height+1),
		NextValidators:                   validatorsAt(document, last.Height+2),
		LastHeightValidatorsChanged:      last.Height + 2,
		ConsensusParams:                  *document.ConsensusParams,
		LastHeightConsensusParamsChanged: last.Height + 1,
	}, nil
}

// sameNetwork finds a header that names other validators or parameters than the genesis.
func sameNetwork(document *types.GenesisDoc, h *types.Header) error {
	validators, params := document.ValidatorHash(), document.ConsensusParams.Hash()
	if string(h.ValidatorsHash) != string(validators) || string(h.ConsensusHash) != string(params) {
		return fmt.Errorf("%w (height %d)", ErrOtherNetwork, h.Height)
	}
	return nil
}

// validatorsAt is the genesis' validator set at a height, with the priorities that decide whose turn it is: CometBFT raises
// them once a height. The turns come round again after as many heights as there are votes in all, counted in the largest
// unit that divides every validator's.
func validatorsAt(document *types.GenesisDoc, height int64) *types.ValidatorSet {
	validators := make([]*types.Validator, len(document.Validators))
	unit, total := int64(0), int64(0)
	for i, v := range document.Validators {
		validators[i] = types.NewValidator(v.PubKey, v.Power)
		unit, total = greatestDivisor(unit, v.Power), total+v.Power
	}
	set := types.NewValidatorSet(validators)
	for steps := (height - 1) % (total / unit); steps > 0; {
		some := min(steps, math.MaxInt32)
		set.IncrementProposerPriority(int32(some))
		steps -= some
	}
	return set
}

func greatestDivisor(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
