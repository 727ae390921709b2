package node

import (
	"fmt"
	"strings"

	"github.com/cometbft/cometbft/p2p"

	"github.com/bitcloak/bitcloak/node/rpc"
)

// Network says how the node stands in CometBFT's network.
func (c *comet) Network() rpc.Network {
	network := rpc.Network{PeerID: c.peerID, Listening: []string{}, Syncing: c.node.ConsensusReactor().WaitSync(),
		Validator: c.validator, Alone: c.alone}
	if address := c.peerAddress(); address != "" {
		network.Listening = append(network.Listening, address)
	}
	for _, peer := range c.node.Switch().Peers().Copy() {
		network.Peers = append(network.Peers, rpc.Peer{ID: string(peer.ID()), Address: peer.RemoteAddr().String()})
	}
	return network
}

// peerAddress is where peers reach this node, "" if no port was chosen for them.
func (c *comet) peerAddress() string {
	info, ok := c.node.NodeInfo().(p2p.DefaultNodeInfo)
	if !ok || strings.HasSuffix(info.ListenAddr, ":0") {
		return ""
	}
	return fmt.Sprintf("%s@%s", c.peerID, strings.TrimPrefix(info.ListenAddr, "tcp://"))
}
