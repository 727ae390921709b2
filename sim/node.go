package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// node is one node: its application over its own store on its own simulated disk, driven as CometBFT drives it.
type node struct {
	world *World
	index int
	fs    *vfs.MemFS
	up    bool

	store *store.Store
	chain *chain.Chain
	pool  *mempool.Pool
	app   *app.App

	downUntil time.Time
	slow      int64 // how many heights it lags in what it serves, when it is hostile
}

// nodeCache is for decoded trie nodes and for the database's blocks, in bytes.
const nodeCache = 1 << 20

// open opens the store as it is on the disk, and has the application catch up with what was decided.
func (n *node) open() error {
	w := n.world
	s, err := store.Open("db", store.Options{FS: n.fs, CacheBytes: nodeCache, StateWindow: w.plan.stateWindow})
	if err != nil {
		return err
	}
	n.store = s
	n.chain, err = chain.Open(s, w.spec.Genesis, uint64(w.start.UnixMilli()), chain.Options{CacheBytes: nodeCache, Signatures: 4096})
	if err != nil {
		return err
	}
	if n.pool, err = mempool.New(mempool.Options{Validator: n.chain, Now: w.now}); err != nil {
		return err
	}
	consensus := w.spec.Genesis.Consensus
	n.app, err = app.New(app.Options{Chain: n.chain, Pool: n.pool, Heartbeat: w.plan.heartbeat, Now: w.now,
		Genesis: app.Genesis{ChainID: consensus.ChainID, ValidatorsHash: consensus.ValidatorsHash, ParamsHash: consensus.ParamsHash}})
	if err != nil {
		return err
	}
	n.up = true
	return n.catchUp()
}

// initialize is CometBFT's InitChain.
func (n *node) initialize() error {
	doc := n.world.spec.CometBFT.GenesisDoc()
	validators := make([]*types.Validator, len(doc.Validators))
	for i, v := range doc.Validators {
		validators[i] = types.NewValidator(v.PubKey, v.Power)
	}
	params := doc.ConsensusParams.ToProto()
	_, err := n.app.InitChain(context.Background(), &abci.RequestInitChain{Time: doc.GenesisTime, ChainId: doc.ChainID,
		InitialHeight: doc.InitialHeight, ConsensusParams: &params, Validators: types.TM2PB.ValidatorUpdates(types.NewValidatorSet(validators))})
	return err
}

// catchUp executes the heights that were decided without this node, as CometBFT's handshake does.
func (n *node) catchUp() error {
	for height := int64(n.chain.Head().Height) + 1; height <= n.world.consensus.height(); height++ {
		d := n.world.consensus.decided[height-1]
		after, err := n.finalize(d)
		if err != nil {
			return err
		}
		if height < n.world.consensus.height() && after != scale.Hash(n.world.consensus.decided[height].header.AppHash) {
			return fmt.Errorf("I5: node %d gives another AppHash at height %d when it replays", n.index, height)
		}
		if err := n.commit(); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) prepare(height int64, at time.Time) ([][]byte, error) {
	response, err := n.app.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{MaxTxBytes: 1 << 20, Height: height, Time: at})
	if err != nil {
		return nil, err
	}
	return response.Txs, nil
}

// accepts asks for the node's vote on a proposal.
func (n *node) accepts(d *decision) (bool, error) {
	response, err := n.app.ProcessProposal(context.Background(), &abci.RequestProcessProposal{
		Hash: d.header.Hash(), Height: d.height, Time: d.time, Txs: d.txs})
	return err == nil && response.IsAccepted(), err
}

// finalize executes a decided height and gives the AppHash after it.
func (n *node) finalize(d *decision) (scale.Hash, error) {
	response, err := n.app.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{
		Hash: d.header.Hash(), Height: d.height, Time: d.time, Txs: d.txs})
	if err != nil {
		return scale.Hash{}, err
	}
	return scale.Hash(response.AppHash), nil
}

func (n *node) commit() error {
	_, err := n.app.Commit(context.Background(), &abci.RequestCommit{})
	return err
}

// crash ends the node as a loss of power would: of what was not synced to the disk, each block and each name stays with
// a probability of percent.
func (n *node) crash(percent int) error {
	config := vfs.CrashCloneCfg{UnsyncedDataPercent: percent}
	if percent > 0 {
		config.RNG = rand.New(rand.NewPCG(n.world.chance.Uint64(), 1))
	}
	survived := n.fs.CrashClone(config)
	err := n.close() // on the disk that is thrown away
	n.fs = survived
	return err
}

func (n *node) close() error {
	if n.store == nil {
		return nil
	}
	err := n.store.Close()
	n.up, n.store, n.chain, n.pool, n.app = false, nil, nil, nil, nil
	return err
}

// submit is an extrinsic that reaches the node.
func (n *node) submit(encoded []byte) error {
	_, err := n.pool.Submit(mempool.SourceExternal, slices.Clone(encoded))
	return err
}

// errDown is what a node that does not run answers.
var errDown = errors.New("sim: the node is down")

// get reads a storage value at the head.
func (n *node) get(key []byte) []byte {
	value, found, err := n.chain.Best().Get(key)
	if err != nil {
		panic(failure{fmt.Sprintf("node %d cannot read its own state: %v", n.index, err)})
	}
	if !found {
		return nil
	}
	return value
}

// reap is what the pool has taken in since the last time, for other nodes.
func (n *node) reap() [][]byte { return n.pool.Reap(1 << 20) }
