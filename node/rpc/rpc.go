package rpc

import (
	"github.com/bitcloak/bitcloak/node/blobs"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/mempool"
)

// Comet is what the methods ask of CometBFT.
type Comet interface {
	// LightBlock is the encoded light block of a height, 0 for the latest, and its height.
	LightBlock(height uint64) (found uint64, block []byte, err error)
	// Genesis is CometBFT's chain id and genesis document.
	Genesis() (chainID string, document []byte, err error)
	// Network says how the node stands in its network.
	Network() Network
}

// Network is how a node stands among others.
type Network struct {
	PeerID    string
	Listening []string // addresses
	Peers     []Peer
	Syncing   bool
	Validator bool
	// Alone: the network has no other validators, so no peers are expected.
	Alone bool
}

// Peer is another node.
type Peer struct {
	ID      string
	Address string
}

// Services are what the methods work on.
type Services struct {
	Chain   *chain.Chain
	Pool    *mempool.Pool
	Spec    *chainspec.Spec
	Comet   Comet
	Blobs   *blobs.Store // nil: published snapshots are not kept
	Version string       // of the node's program
}

// methods holds the services; each file adds the methods of one kind.
type methods struct{ Services }

// Register puts every method into the registry.
func Register(registry *jsonrpc.Registry, services Services) {
	m := &methods{services}
	m.registerSystem(registry)
	m.registerChain(registry)
	m.registerState(registry)
	m.registerStateStreams(registry)
	m.registerAuthor(registry)
	m.registerPayment(registry)
	m.registerBlobs(registry)
	m.registerFollowers(registry)
	registerUnsafe(registry)
}
