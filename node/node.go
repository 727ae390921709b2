package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/node/blobs"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/metrics"
	"github.com/bitcloak/bitcloak/node/rpc"
	"github.com/bitcloak/bitcloak/node/snapshot"
	"github.com/bitcloak/bitcloak/node/store"
)

// Version of the node's program, as system_version tells it.
const Version = "0.1.0"

// closeGrace is how long Close waits for RPC calls under way.
const closeGrace = 5 * time.Second

// ErrHalted is why a node stopped that was not asked to: consensus failed, and going on could break the chain.
var ErrHalted = errors.New("node: consensus has stopped; the log says why. The data are as of the last committed block: correct the cause and start again")

// Node is a running node.
type Node struct {
	config  Config
	lock    io.Closer
	store   *store.Store
	blobs   *blobs.Store
	chain   *chain.Chain
	pool    *mempool.Pool
	signer  *signer
	comet   *comet
	rpc     *jsonrpc.Server
	metrics *metrics.Metrics
	figures *metrics.Server

	stop       context.CancelFunc
	background sync.WaitGroup
	upgrade    upgrade
	syncing    *stateSync
	snapshots  *snapshot.Folder // nil: none are taken
	disk       *diskWatch
	halted     chan struct{}
	closing    sync.Once
	closed     error
}

// Start opens the data folder, replays what CometBFT has and the store does not, and serves. The context ends the start
// alone; Close ends the node.
func Start(ctx context.Context, config Config) (_ *Node, err error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	n := &Node{config: config, metrics: metrics.New(), syncing: newStateSync(), disk: newDiskWatch(), halted: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if n.lock, err = lockDataDir(config.DataDir); err != nil {
		return nil, err
	}
	if err := n.open(); err != nil {
		return nil, err
	}
	if err := n.run(ctx); err != nil {
		return nil, err
	}
	if err := n.serve(); err != nil {
		return nil, err
	}
	head := n.chain.Head()
	config.Log.Info("node started", "chain", config.Spec.Name, "genesis", n.chain.Genesis().String(),
		"best", head.Number, "height", head.Height, "rpc", n.RPCAddress())
	return n, nil
}

// open opens the store and stands the chain on it.
func (n *Node) open() (err error) {
	cache := n.config.CacheBytes
	n.store, err = store.Open(filepath.Join(n.config.DataDir, "chain"), store.Options{
		StateWindow: n.config.StateWindow, Archive: n.config.Archive, CacheBytes: int64(cache), Log: n.config.Log})
	if err != nil {
		return err
	}
	if n.blobs, err = blobs.Open(filepath.Join(n.config.DataDir, "blobs"), n.config.Log); err != nil {
		return err
	}
	genesisTime := uint64(n.config.Spec.CometBFT.GenesisTime.UnixMilli())
	n.chain, err = chain.Open(n.store, n.config.Spec.Genesis, genesisTime, chain.Options{CacheBytes: cache, Log: n.config.Log, OnVersion: n.upgrade.refuse})
	if err != nil {
		return err
	}
	if err := n.openSnapshots(); err != nil || n.config.StateSync.enabled() && n.chain.Head().Height == 0 {
		return err // of state sync: whoever made genesis, the next block is much later
	}
	return n.chain.CheckVersion()
}

// run starts pool, application and CometBFT.
func (n *Node) run(ctx context.Context) (err error) {
	bell := newDoorbell(n.config.Log)
	ready := make(chan struct{}, 1)
	onReady := func() {
		signal(ready)
		bell.Ring()
	}
	n.pool, err = mempool.New(mempool.Options{Validator: n.chain, Limits: n.config.Pool, OnReady: onReady, Log: n.config.Log})
	if err != nil {
		return err
	}
	revalidate := make(chan struct{}, 1)
	consensus := n.config.Spec.Genesis.Consensus
	application, err := app.New(app.Options{
		Chain: n.chain, Pool: n.pool, Log: n.config.Log, Ring: bell.Ring, ProposalTime: n.config.ProposalTime, Ready: ready, OnStep: n.config.OnStep,
		RetainHeights: n.config.RetainHeights, Heartbeat: n.config.heartbeat(), KnownPeers: n.config.P2P.only(),
		Snapshots: app.Snapshots{Folder: n.snapshots, Interval: n.config.SnapshotInterval},
		Genesis:   app.Genesis{ChainID: consensus.ChainID, ValidatorsHash: consensus.ValidatorsHash, ParamsHash: consensus.ParamsHash},
		OnCommit: func(_ uint64, built *chain.Built) {
			if built == nil {
				return
			}
			n.metrics.BlockCommitted(len(built.Block.Body)-1, built.Block.Checkpoint != nil)
			signal(revalidate)
		}})
	if err != nil {
		return err
	}
	if n.signer, err = openValidator(n.config.DataDir); err != nil {
		return err
	}
	identity, err := nodeKey(n.config.DataDir)
	if err != nil {
		return err
	}
	if err := checkKeys(n.signer, identity); err != nil {
		return err
	}
	if err := n.connectServers(ctx); err != nil {
		return err
	}
	n.comet, err = startSoundly(func() (*comet, error) {
		return startComet(ctx, &n.config, application, n.signer, identity, &n.upgrade, n.syncing, n.disk)
	})
	if err != nil {
		return n.upgrade.explain(err)
	}
	running, stop := context.WithCancel(context.Background())
	n.stop = stop
	n.background.Go(func() { bell.run(running, n.comet.node.Mempool()) })
	n.background.Go(func() { n.revalidate(running, revalidate) })
	n.background.Go(func() { n.watchConsensus(running) })
	n.background.Go(func() { n.watchUpgrade(running) })
	n.background.Go(func() { redial(running, n.comet.node.Switch(), n.config.P2P.Peers) })
	return nil
}

// signal leaves a token in a channel that holds one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// revalidateBudget is how many transactions are asked about after a block: at most this share of the node's work goes to
// what would be found out when a block is made anyway.
const revalidateBudget = 64

// revalidate looks through the pool after blocks.
func (n *Node) revalidate(ctx context.Context, after <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-after:
			n.pool.Revalidate(revalidateBudget)
		}
	}
}

// watchConsensus notices that CometBFT's consensus has ended without having been asked to.
func (n *Node) watchConsensus(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		n.comet.consensus.Wait()
		close(ended)
	}()
	select {
	case <-ctx.Done():
	case <-n.upgrade.reached():
		n.config.Log.Error("the node stops for an upgrade", "error", n.Err())
		n.stayForPeers(ctx)
		close(n.halted)
	case <-n.syncing.failed:
		n.config.Log.Error("state sync has failed", "error", n.Err())
		close(n.halted)
	case <-n.disk.failed:
		n.config.Log.Error("the node stops", "error", n.Err())
		close(n.halted)
	case <-ended:
		if ctx.Err() == nil {
			n.config.Log.Error("consensus has stopped", "error", n.Err())
			close(n.halted)
		}
	}
}

// serve starts RPC and metrics.
func (n *Node) serve() (err error) {
	registry := jsonrpc.NewRegistry()
	rpc.Register(registry, rpc.Services{Chain: n.chain, Pool: n.pool, Spec: n.config.Spec, Comet: n.comet, Blobs: n.blobs, Version: Version})
	server, err := jsonrpc.NewServer(jsonrpc.Options{Registry: registry, Limits: n.config.RPC.Limits, Access: n.config.RPC.Access,
		Observer: n.metrics, Log: n.config.Log})
	if err != nil {
		return err
	}
	if err := server.Start(n.config.RPC.Address); err != nil {
		return fmt.Errorf("serve RPC: %w (is another node running? choose another address with --rpc)", err)
	}
	n.rpc = server
	n.watchFigures()
	if n.config.Metrics.Address == "" {
		return nil
	}
	n.figures, err = n.metrics.Serve(n.config.Metrics.Address)
	return err
}

// Halted is closed when the node makes no more blocks by itself; see Err. It still answers RPC until it is closed.
func (n *Node) Halted() <-chan struct{} { return n.halted }

// Err is why the node halted: a *runtime.VersionError where an upgrade is due, ErrStateSync, ErrDisk, or ErrHalted.
func (n *Node) Err() error { return n.upgrade.explain(n.syncing.explain(n.disk.explain(ErrHalted))) }

// RPCAddress is where JSON-RPC is served, as host:port.
func (n *Node) RPCAddress() string { return n.rpc.Address() }

// MetricsAddress is where metrics are served, "" if they are not.
func (n *Node) MetricsAddress() string {
	if n.figures == nil {
		return ""
	}
	return n.figures.Address()
}

// P2PAddress is the node's address for the peers of its network, as id@host:port; "" if no port was chosen for them.
func (n *Node) P2PAddress() string { return n.comet.peerAddress() }

// Chain is the node's chain, to read.
func (n *Node) Chain() *chain.Chain { return n.chain }

// Pool is where transactions are submitted in process.
func (n *Node) Pool() *mempool.Pool { return n.pool }

// Close ends the node: first what brings in work, then consensus, which finishes the block it is at, then the store. It
// may be called more than once.
func (n *Node) Close() error {
	n.closing.Do(func() { n.closed = n.shutDown() })
	return n.closed
}

func (n *Node) shutDown() (err error) {
	if n.rpc != nil {
		err = errors.Join(err, n.rpc.Close(closeGrace))
	}
	if n.figures != nil {
		err = errors.Join(err, n.figures.Close())
	}
	if n.stop != nil {
		n.stop()
	}
	if n.comet != nil {
		err = errors.Join(err, n.comet.stop())
	}
	n.background.Wait()
	if n.snapshots != nil {
		err = errors.Join(err, n.snapshots.Close()) // before the store that it reads
	}
	err = errors.Join(err, n.syncing.provider.Close())
	if n.signer != nil {
		err = errors.Join(err, n.signer.Close())
	}
	if n.store != nil {
		err = errors.Join(err, n.store.Close())
	}
	if n.lock != nil {
		err = errors.Join(err, n.lock.Close())
	}
	return err
}
