package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	cmtconfig "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/consensus"
	cmtmempool "github.com/cometbft/cometbft/mempool"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/snapshot"
)

// comet is CometBFT in this process.
type comet struct {
	node        *cmtnode.Node
	application *app.App
	light       lightBlocks
	stopping    *atomic.Bool
	states      state.Store
	consensus   *consensus.State
	document    *types.GenesisDoc
	peerID      string
	validator   bool // this node is one
	alone       bool // and the only one
}

// bytesPerSeen is how many bytes of the cache's size allow for one transaction that is remembered as seen, beside the cache.
const bytesPerSeen = 2 << 10

// cometConfig is CometBFT's configuration: no RPC, no indexers, blocks only when there is something to say.
func cometConfig(config *Config) *cmtconfig.Config {
	c := cmtconfig.DefaultConfig()
	c.SetRoot(filepath.Join(config.DataDir, cometFolder))
	c.Moniker = "bitcloak"
	c.RPC.ListenAddress, c.RPC.GRPCListenAddress = "", ""
	c.TxIndex.Indexer = "null"
	c.Storage.DiscardABCIResponses = true
	config.P2P.apply(c)
	config.StateSync.apply(c.StateSync, snapshot.MaxChunks)
	// A single validator commits as soon as it has voted; several wait for no one once two thirds have.
	c.Consensus.TimeoutCommit = 0
	c.Consensus.SkipTimeoutCommit = true
	c.Consensus.CreateEmptyBlocks = false
	c.Consensus.CreateEmptyBlocksInterval = config.heartbeat()
	c.Consensus.PeerGossipSleepDuration = 10 * time.Millisecond
	c.Consensus.PeerQueryMaj23SleepDuration = peerQueryInterval
	// The ordinary mempool, for the doorbell alone; see the package's documentation.
	c.Mempool.Type = cmtconfig.MempoolTypeFlood
	c.Mempool.Recheck = true
	c.Mempool.Size = 1
	c.Mempool.CacheSize = 1
	limits := mempool.DefaultLimits()
	if config.Pool != nil {
		limits = *config.Pool
	}
	c.Mempool.MaxTxBytes = limits.MaxTransactionBytes
	c.Mempool.MaxBatchBytes = limits.MaxTransactionBytes + 64
	c.Mempool.ReapMaxBytes = uint64(limits.MaxTransactionBytes)
	if config.CacheBytes > 0 { // a small node remembers fewer transactions that it has seen
		c.Mempool.SeenCacheSize = min(c.Mempool.SeenCacheSize, config.CacheBytes/bytesPerSeen)
	}
	c.Mempool.ReapInterval = 10 * time.Millisecond
	return c
}

// poolClient is how the app mempool's reactor reaches the pool.
type poolClient struct{ *app.App }

// Flush has nothing to flush.
func (poolClient) Flush(context.Context) error { return nil }

var _ cmtmempool.AppMempoolClient = poolClient{}

// startComet makes CometBFT catch up with its own blocks, and starts it.
func startComet(ctx context.Context, config *Config, application *app.App, key *signer, identity *p2p.NodeKey, changing *upgrade,
	syncing *stateSync, disk *diskWatch) (*comet, error) {
	settings := cometConfig(config)
	if err := settings.ValidateBasic(); err != nil {
		return nil, fmt.Errorf("CometBFT's configuration: %w", err)
	}
	document := config.Spec.CometBFT.GenesisDoc()
	stopping := new(atomic.Bool)
	log := cometLogger{log: config.Log.With(slog.String("part", "cometbft")), stopping: stopping, failed: func(message string, pairs []any) {
		syncing.watch(message, pairs)
		disk.watch(message, pairs)
	}}
	gossip := cmtmempool.NewAppReactor(settings.Mempool,
		cmtmempool.NewAppMempool(settings.Mempool, poolClient{application}, cmtmempool.WithAMLogger(log)), !onlyValidator(document, key))
	gossip.SetLogger(log)
	node, err := cmtnode.NewNodeWithContext(ctx, settings, key, identity,
		proxy.NewConnSyncLocalClientCreator(application),
		func() (*types.GenesisDoc, error) { return document, nil },
		cmtconfig.DefaultDBProvider, cmtnode.DefaultMetricsProvider(settings.Instrumentation), log,
		cmtnode.CustomReactors(map[string]p2p.Reactor{"MEMPOOL": gossip}), boundMessages(document.ConsensusParams.Block.MaxBytes),
		syncing.option())
	if err != nil {
		return nil, fmt.Errorf("CometBFT: %w", err)
	}
	c := &comet{node: node, application: application, stopping: stopping, document: document, peerID: peerID(identity),
		validator: isValidator(document, key), alone: onlyValidator(document, key)}
	if err := c.reach(); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	changing.watch(node.ConsensusReactor())
	if err := awaitGenesis(ctx, document.GenesisTime, config.Log); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	if err := node.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("CometBFT: %w", err), c.stop())
	}
	return c, nil
}

// isValidator reports that the key is one of the first validators'.
func isValidator(document *types.GenesisDoc, key *signer) bool {
	for _, v := range document.Validators {
		if v.PubKey.Equals(key.public()) {
			return true
		}
	}
	return false
}

// onlyValidator reports a network that nobody else is needed for.
func onlyValidator(document *types.GenesisDoc, key *signer) bool {
	return len(document.Validators) == 1 && isValidator(document, key)
}

// reach finds the parts of CometBFT that it hands to its own RPC.
func (c *comet) reach() error {
	environment, err := c.node.ConfigureRPC()
	if err != nil {
		return err
	}
	c.states = environment.StateStore
	consensusState, ok := environment.ConsensusState.(*consensus.State)
	if !ok {
		return errors.New("node: CometBFT's consensus state is not of the expected type")
	}
	c.consensus = consensusState
	return nil
}

const (
	// peerQueryInterval is how long CometBFT's routine for a peer sleeps, up to three times, before it reads the block store.
	peerQueryInterval = 200 * time.Millisecond
	// peerGrace is how long such routines may outlive their peer: CometBFT closes its databases without waiting for them,
	// and reading a closed one would end the process.
	peerGrace = 6 * peerQueryInterval
)

// stop ends CometBFT and waits until it has written its last.
func (c *comet) stop() error {
	c.stopping.Store(true)
	if !c.node.IsRunning() {
		c.node.OnStop() // it was never started, but its databases are open
		return nil
	}
	if err := c.node.Switch().Stop(); err != nil {
		return err
	}
	if !c.alone {
		time.Sleep(peerGrace)
	}
	if err := c.node.Stop(); err != nil {
		return err
	}
	c.node.Wait()
	return nil
}
