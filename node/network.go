package node

import (
	"fmt"

	"github.com/cometbft/cometbft/p2p"

	"github.com/bitcloak/bitcloak/node/rpc"
)

// Network says how the node stands in CometBFT's network.
func (c *comet) Network() rpc.Network {
	network := rpc.Network{PeerID: c.peerID, Listening: []string{c.peerAddress()}, Syncing: c.node.ConsensusReactor().WaitSync(),
		Validator: c.validator, Alone: c.alone}
	for _, peer := range c.node.Switch().Peers().Copy() {
		network.Peers = append(network.Peers, rpc.Peer{ID: string(peer.ID()), Address: peer.RemoteAddr().String()})
	}
	return network
}

// peerAddress is where peers reach this node.
func (c *comet) peerAddress() string {
	info, ok := c.node.NodeInfo().(p2p.DefaultNodeInfo)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s@%s", c.peerID, info.ListenAddr)
}
