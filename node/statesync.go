package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	cmtconfig "github.com/cometbft/cometbft/config"
	cmtnode "github.com/cometbft/cometbft/node"

	"github.com/bitcloak/bitcloak/node/snapshot"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// StateSync lets a node that has nothing yet begin with the state of a recent block instead of the first block. The state
// comes from peers, and is checked against a header that CometBFT's light client proves from one the operator trusts.
type StateSync struct {
	// Servers are JSON-RPC endpoints of at least two nodes. One is asked for headers, the others are witnesses: they must
	// show the same. No servers: no state sync.
	Servers []string
	// Height and Hash are of a recent CometBFT header that the operator vouches for.
	Height uint64
	Hash   scale.Hash
	// TrustingPeriod is for how long that header can be trusted; by default what package light takes.
	TrustingPeriod time.Duration
}

const (
	// defaultTrustingPeriod is that of package light.
	defaultTrustingPeriod = 14 * 24 * time.Hour
	// discoveryTime is how long peers are asked what they offer before the best is chosen, and again if they have none.
	// CometBFT takes no less.
	discoveryTime = 5 * time.Second
	// chunkPatience is how long a peer may take to send a chunk before another is asked. CometBFT takes no less.
	chunkPatience = 5 * time.Second
	// minSnapshotInterval is the least number of heights between snapshots, to be above what making one takes.
	minSnapshotInterval = 5
)

// Errors of state sync; test with errors.Is.
var (
	ErrStateSyncConfig = errors.New("node: state sync needs the JSON-RPC endpoints of at least two nodes, and the height and hash of a recent header that you trust")
	ErrStateSync       = errors.New("node: state sync has failed; the log says why. Start again, perhaps with other servers or a more recent trusted header, or without state sync to sync from the first block")
	ErrInterval        = errors.New("node: snapshots are taken every 5 heights at most")
)

func (s *StateSync) enabled() bool { return len(s.Servers) > 0 }

func (s *StateSync) complete() error {
	if !s.enabled() {
		return nil
	}
	if len(s.Servers) < 2 || s.Height == 0 || s.Hash == (scale.Hash{}) {
		return ErrStateSyncConfig
	}
	if s.TrustingPeriod == 0 {
		s.TrustingPeriod = defaultTrustingPeriod
	}
	return nil
}

// apply sets CometBFT's configuration.
func (s *StateSync) apply(c *cmtconfig.StateSyncConfig, maxChunks uint32) {
	c.MaxSnapshotChunks = maxChunks
	if !s.enabled() {
		return
	}
	c.Enable = true
	c.RPCServers = s.Servers // it only counts them: stateProvider asks
	c.TrustHeight, c.TrustHash, c.TrustPeriod = int64(s.Height), hex.EncodeToString(s.Hash[:]), s.TrustingPeriod
	c.DiscoveryTime, c.ChunkRequestTimeout = discoveryTime, chunkPatience
}

// stateSyncFailures are CometBFT's log lines after which a node that syncs by state does nothing any more, and says nothing
// either.
var stateSyncFailures = map[string]bool{
	"State sync failed":                       true,
	"Failed to bootstrap node with new state": true,
	"Failed to store last seen commit":        true,
	"Failed to switch to block sync":          true,
}

// stateSync is a node's state sync: whom CometBFT asks, and whether it has failed.
type stateSync struct {
	provider *stateProvider // nil: none
	failed   chan struct{}  // closed with the error known

	mutex sync.Mutex
	err   error
}

func newStateSync() *stateSync { return &stateSync{failed: make(chan struct{})} }

// option makes CometBFT ask the provider.
func (f *stateSync) option() cmtnode.Option {
	return func(n *cmtnode.Node) {
		if f.provider != nil {
			cmtnode.StateProvider(f.provider)(n)
		}
	}
}

// watch looks at an error that CometBFT logs.
func (f *stateSync) watch(message string, pairs []any) {
	if !stateSyncFailures[message] {
		return
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.err != nil {
		return
	}
	f.err = ErrStateSync
	for i := 0; i+1 < len(pairs); i += 2 {
		if cause, ok := pairs[i+1].(error); ok {
			f.err = fmt.Errorf("%w (%s: %w)", ErrStateSync, message, cause)
		}
	}
	close(f.failed)
}

// explain gives the failure as the reason, where there is one, of what happened.
func (f *stateSync) explain(err error) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.err != nil {
		return f.err
	}
	return err
}

// connectServers makes the provider, if there is to be a state sync. A node that has nothing yet asks the servers at once, so that
// a wrong address or hash shows at the start.
func (n *Node) connectServers(ctx context.Context) error {
	if !n.config.StateSync.enabled() {
		return nil
	}
	n.syncing.provider = &stateProvider{config: n.config.StateSync, comet: &n.config.Spec.CometBFT, log: n.config.Log}
	if n.chain.Head().Height > 0 {
		return nil // CometBFT will hardly ask
	}
	_, err := n.syncing.provider.connected(ctx)
	return err
}

// openSnapshots opens the folder of snapshots, if any are to be taken.
func (n *Node) openSnapshots() (err error) {
	if n.config.SnapshotInterval > 0 {
		n.snapshots, err = snapshot.OpenFolder(filepath.Join(n.config.DataDir, "snapshots"), n.config.Log.With("part", "snapshots"))
	}
	return err
}
