package node

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/cometbft/cometbft/blocksync"
	cmtconfig "github.com/cometbft/cometbft/config"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
)

const (
	// maxInbound bounds the peers that connect to this node uninvited, beside those that are named. What one of them can
	// make the node hold in memory is a block and a half, and some 26 MiB of CometBFT's other channels.
	maxInbound = 32
	// maxOutbound bounds the peers that peer exchange finds.
	maxOutbound = 8
	// blockMargin is what CometBFT's message about a block has beside the block, in bytes: a commit of 1,000 validators.
	blockMargin = 1 << 20
)

// ErrPeer refuses the name of a peer.
var ErrPeer = errors.New("node: write a peer as ID@HOST:PORT, its ID as 40 hexadecimal digits; a node shows its own as 'peers' when it starts")

// known are the identifiers of the peers that are named, by address or alone.
func (c *P2PConfig) known() []string {
	ids := slices.Clone(c.Known)
	for _, peer := range slices.Concat(c.Peers, c.Seeds) {
		id, _, _ := strings.Cut(peer, "@")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// only are the only peers that may be kept; nil: any.
func (c *P2PConfig) only() map[string]bool {
	if !c.OnlyKnown {
		return nil
	}
	only := map[string]bool{}
	for _, id := range c.known() {
		only[id] = true
	}
	return only
}

func (c *P2PConfig) complete() error {
	for _, peer := range slices.Concat(c.Peers, c.Seeds) {
		if _, err := p2p.NewNetAddressString(peer); err != nil {
			return fmt.Errorf("%w (%q: %w)", ErrPeer, peer, err)
		}
	}
	for _, id := range c.Known {
		if _, err := p2p.NewNetAddressString(id + "@127.0.0.1:1"); err != nil {
			return fmt.Errorf("%w (%q: %w)", ErrPeer, id, err)
		}
	}
	return nil
}

// apply sets CometBFT's configuration.
func (c *P2PConfig) apply(to *cmtconfig.Config) {
	p := to.P2P
	p.ListenAddress = "tcp://" + c.Address
	p.ExternalAddress = c.External
	p.PersistentPeers = strings.Join(c.Peers, ",")
	p.Seeds = strings.Join(c.Seeds, ",")
	p.PexReactor = c.Exchange
	p.UnconditionalPeerIDs = strings.Join(c.known(), ",") // there is always room for them
	p.MaxNumInboundPeers, p.MaxNumOutboundPeers = maxInbound, maxOutbound
	// From one address one peer may connect, so that one machine does not take all the room; but a test network is all on
	// one machine, and known nodes may share an address.
	local := isLoopback(c.Address)
	p.AllowDuplicateIP = local || c.OnlyKnown
	p.AddrBookStrict = !local
	to.FilterPeers = c.OnlyKnown
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// boundMessages lowers the size of the messages that peers may send when the node catches up with their blocks: CometBFT
// holds up to 100 MiB of each peer's, this network's blocks are smaller.
func boundMessages(maxBlockBytes int64) cmtnode.Option {
	return func(n *cmtnode.Node) {
		const name = "BLOCKSYNC"
		reactor, _ := n.Switch().Reactor(name)
		if own, ok := reactor.(*blocksync.Reactor); ok {
			bounded := boundedReactor{Reactor: own, size: int(maxBlockBytes) + blockMargin}
			cmtnode.CustomReactors(map[string]p2p.Reactor{name: bounded})(n)
		}
	}
}

// boundedReactor is a reactor whose peers may send smaller messages only.
type boundedReactor struct {
	*blocksync.Reactor
	size int
}

// GetChannels implements p2p.Reactor.
func (r boundedReactor) GetChannels() []*conn.ChannelDescriptor {
	channels := r.Reactor.GetChannels()
	for _, channel := range channels {
		channel.RecvMessageCapacity = min(channel.RecvMessageCapacity, r.size)
	}
	return channels
}
