package node

import (
	"errors"
	"log/slog"
	"time"

	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/mempool"
)

// Config configures a node. Spec and DataDir are required; the zero value of the others means the default.
type Config struct {
	Spec    *chainspec.Spec
	DataDir string

	RPC     RPCConfig
	P2P     P2PConfig
	Metrics MetricsConfig

	// StateSync begins a new node with a recent state; without, it syncs from the first block.
	StateSync StateSync
	// SnapshotInterval is after how many CometBFT heights a snapshot is taken, for others' state sync; 0 takes none. Nodes
	// with the same interval offer the same snapshots, so that a joining node can ask all of them.
	SnapshotInterval uint64

	Pool *mempool.Limits

	// StateWindow is how many of the latest states are kept; Archive keeps all.
	StateWindow uint32
	Archive     bool
	// RetainHeights is how many of CometBFT's latest blocks are kept, 0 for all. Substrate's blocks are always kept.
	RetainHeights uint64
	// CacheBytes is for decoded trie nodes, and as much again for the database.
	CacheBytes int
	// ProposalTime bounds how long candidates are executed for one proposal.
	ProposalTime time.Duration
	// OnStep hears how far the node is with each height, for measurements; it must not block.
	OnStep func(step app.Step, height uint64)

	Log *slog.Logger
}

// RPCConfig is about Substrate's JSON-RPC.
type RPCConfig struct {
	Address string // default 127.0.0.1:9944; port 0 picks a free one
	Limits  *jsonrpc.Limits
	Access  *jsonrpc.Access
}

// P2PConfig is about CometBFT's network.
type P2PConfig struct {
	Address string // default 127.0.0.1 and a free port: nobody is expected
	// External is the address that other nodes dial, if it is another.
	External string
	// Peers are persistent peers, each as "id@host:port". Of two nodes, name the other at one only: CometBFT's nodes that
	// dial each other at the same moment can each hang up on the other, again and again.
	Peers []string
	// Known are identifiers of nodes, beside Peers, for which there is always room. With OnlyKnown no other peer is kept.
	Known     []string
	OnlyKnown bool
	// Exchange lets the node learn of peers from its peers, and tell them. It is off in a network whose nodes name each
	// other. Seeds are asked first, each as "id@host:port".
	Exchange bool
	Seeds    []string
}

// MetricsConfig is about Prometheus.
type MetricsConfig struct {
	Address string // "" serves none
}

// Defaults.
const (
	DefaultRPCAddress = "127.0.0.1:9944"
	DefaultP2PAddress = "127.0.0.1:0"
)

// heartbeat is the longest block time without a Substrate block: a rule of the network, to which its genesis commits.
func (c *Config) heartbeat() time.Duration {
	return time.Duration(c.Spec.Genesis.Confidential.Heartbeat) * time.Millisecond
}

// ErrConfig refuses a configuration.
var ErrConfig = errors.New("node: the chain spec and the data folder are required")

func (c *Config) complete() error {
	if c.Spec == nil || c.DataDir == "" {
		return ErrConfig
	}
	if c.RPC.Address == "" {
		c.RPC.Address = DefaultRPCAddress
	}
	if c.P2P.Address == "" {
		c.P2P.Address = DefaultP2PAddress
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.SnapshotInterval != 0 && c.SnapshotInterval < minSnapshotInterval {
		return ErrInterval
	}
	return errors.Join(c.StateSync.complete(), c.P2P.complete(), c.Spec.Validate())
}
