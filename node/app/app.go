package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// DefaultHeartbeat is the longest block time without a Substrate block.
const DefaultHeartbeat = time.Second

// Options configure an application. Chain, Pool and Genesis are required.
type Options struct {
	Chain   *chain.Chain
	Pool    *mempool.Pool
	Genesis Genesis
	// Heartbeat is a rule of consensus: the same on every node of a network.
	Heartbeat time.Duration
	// ProposalTime bounds how long this node executes candidates for a proposal; the rest waits for the next one.
	ProposalTime time.Duration
	// Ready tells that the pool may have a transaction to offer. Without it a proposal waits for none.
	Ready <-chan struct{}
	// IdleWait is how long an otherwise empty proposal waits for one.
	IdleWait time.Duration
	// Workers is how many goroutines check signatures of others' proposals.
	Workers int
	// RetainHeights is how many of CometBFT's latest blocks it shall keep, 0 for all.
	RetainHeights uint64
	// OnCommit is called after each height, with what it made (nil if nothing).
	OnCommit func(height uint64, built *chain.Built)
	// OnStep hears of every step of every height, without delay: it must not block.
	OnStep func(step Step, height uint64)
	// Ring asks for a CometBFT block soon.
	Ring func()
	// KnownPeers are the only ones that CometBFT may keep, by identifier; nil: any.
	KnownPeers map[string]bool
	// Snapshots are offered to nodes that join.
	Snapshots Snapshots
	// Now is this machine's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Genesis is what CometBFT's InitChain must agree with.
type Genesis struct {
	ChainID        string
	ValidatorsHash scale.Hash
	ParamsHash     scale.Hash
}

// App implements abci.Application. CometBFT calls the methods of one connection one after another; those of different
// connections, and InsertTx and ReapTxs, concurrently.
type App struct {
	abci.BaseApplication
	options   Options
	chain     *chain.Chain
	pool      *mempool.Pool
	heartbeat uint64 // ms
	log       *slog.Logger

	results     results
	latest      latest
	decided     *result // of the height between FinalizeBlock and Commit
	restoration restoration
	implicit    implicitData
	executions  uint64 // blocks begun, for tests of executing once
}

var _ abci.Application = (*App)(nil)

// New makes an application.
func New(options Options) (*App, error) {
	if options.Chain == nil || options.Pool == nil || options.Genesis.ChainID == "" {
		return nil, errors.New("app: chain, pool and genesis are required")
	}
	if options.Heartbeat == 0 {
		options.Heartbeat = DefaultHeartbeat
	}
	if options.Heartbeat < time.Millisecond {
		return nil, errors.New("app: the heartbeat must be at least a millisecond")
	}
	if options.ProposalTime == 0 {
		options.ProposalTime = DefaultProposalTime
	}
	if options.IdleWait == 0 {
		options.IdleWait = DefaultIdleWait
	}
	if options.Workers == 0 {
		options.Workers = 2
	}
	if options.OnCommit == nil {
		options.OnCommit = func(uint64, *chain.Built) {}
	}
	if options.Ring == nil {
		options.Ring = func() {}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{options: options, chain: options.Chain, pool: options.Pool,
		heartbeat: uint64(options.Heartbeat.Milliseconds()), log: options.Log}
	a.implicit = newImplicitData(a.chain)
	return a, nil
}

// Info says at which height the store stands; CometBFT replays what comes after.
func (a *App) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	head := a.chain.Head()
	response := &abci.ResponseInfo{Data: "bitcloak", LastBlockHeight: int64(head.Height)}
	if head.Height > 0 {
		response.LastBlockAppHash = head.Hash[:]
	}
	return response, nil
}

// ErrNetwork stops a node whose CometBFT starts from something else than its chain spec says.
var ErrNetwork = errors.New("app: CometBFT's genesis is not the one of the chain spec; remove CometBFT's data folder, or use the chain spec that it was made with")

// InitChain gives the hash of Substrate header 0, which the chain wrote when it was opened.
func (a *App) InitChain(_ context.Context, request *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	want := a.options.Genesis
	validators, params, err := hashesOf(request)
	if err != nil {
		return nil, err
	}
	if request.ChainId != want.ChainID || validators != want.ValidatorsHash || params != want.ParamsHash || request.InitialHeight != 1 {
		return nil, fmt.Errorf("%w (chain id %q, first height %d)", ErrNetwork, request.ChainId, request.InitialHeight)
	}
	if head := a.chain.Head(); head.Height != 0 {
		return nil, fmt.Errorf("%w (it starts anew, the chain stands at height %d)", ErrNetwork, head.Height)
	}
	genesis := a.chain.Genesis()
	return &abci.ResponseInitChain{AppHash: genesis[:]}, nil
}

// Commit stores what the decided block made, and tells pool and followers.
func (a *App) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	decided := a.decided
	if decided == nil {
		return nil, errors.New("app: Commit without FinalizeBlock")
	}
	if err := a.chain.Commit(decided.height, decided.built); err != nil {
		return nil, fmt.Errorf("store height %d: %w", decided.height, err)
	}
	a.decided = nil
	a.latest.set(decided.height, decided.proposed)
	a.results.forget()
	if err := a.tellPool(decided); err != nil {
		return nil, err
	}
	a.chain.Announce()
	a.at(StepStored, decided.height)
	a.options.OnCommit(decided.height, decided.built)
	a.takeSnapshot(decided.height)
	if decided.built == nil && a.heartbeatOverdue() {
		a.options.Ring()
	}
	response := &abci.ResponseCommit{}
	if keep := a.options.RetainHeights; keep > 0 && decided.height > keep {
		response.RetainHeight = int64(decided.height - keep)
	}
	return response, nil
}

// tellPool passes on the committed block, which is final.
func (a *App) tellPool(decided *result) error {
	if decided.built == nil {
		return nil
	}
	head := a.chain.Head()
	block := mempool.Block{Hash: head.Hash, Number: uint64(head.Number), Changed: decided.built.Changed, Included: decided.included}
	if err := a.pool.Committed(block); err != nil {
		return err
	}
	a.pool.Finalized(head.Hash)
	return nil
}

// heartbeatOverdue reports that a heartbeat is due by this machine's clock though the block's time said otherwise: a
// block's time is when its predecessor was voted for, which was long ago if nothing happened since. The next block's
// time is now.
func (a *App) heartbeatOverdue() bool {
	return a.heartbeatDue(uint64(a.options.Now().UnixMilli()))
}

// heartbeatDue reports whether a block at this time, in milliseconds, is a heartbeat.
func (a *App) heartbeatDue(timestamp uint64) bool {
	last := a.chain.Head().Timestamp
	return timestamp > last && timestamp-last >= a.heartbeat
}

// sameTransactions compares two lists.
func sameTransactions(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
