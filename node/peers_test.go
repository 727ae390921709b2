package node

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/blocksync"
	cmtconfig "github.com/cometbft/cometbft/config"

	"github.com/bitcloak/bitcloak/node/snapshot"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	somebody = "0123456789abcdef0123456789abcdef01234567"
	another  = "76543210fedcba9876543210fedcba9876543210"
)

// What hostile peers can do is bounded, and peers do not tell of each other unless that is asked for.
func TestPeerSettings(t *testing.T) {
	for name, test := range map[string]struct {
		config    P2PConfig
		duplicate bool
		filter    bool
	}{
		"on loopback":    {P2PConfig{Address: "127.0.0.1:0"}, true, false},
		"in the open":    {P2PConfig{Address: "0.0.0.0:26656"}, false, false},
		"of known peers": {P2PConfig{Address: "0.0.0.0:26656", OnlyKnown: true, Known: []string{another}}, true, true},
	} {
		test.config.Peers = []string{somebody + "@127.0.0.1:1", somebody + "@127.0.0.1:2"}
		c := cmtconfig.DefaultConfig()
		test.config.apply(c)
		if err := errors.Join(test.config.complete(), c.ValidateBasic()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if p := c.P2P; p.PexReactor || p.MaxNumInboundPeers != maxInbound || p.AllowDuplicateIP != test.duplicate || c.FilterPeers != test.filter {
			t.Errorf("%s: %+v", name, p)
		}
		if strings.Count(c.P2P.UnconditionalPeerIDs, somebody) != 1 {
			t.Errorf("%s: there is no room for a named peer: %q", name, c.P2P.UnconditionalPeerIDs)
		}
		if only := test.config.only(); (only != nil) != test.filter || test.filter && (!only[somebody] || !only[another] || len(only) != 2) {
			t.Errorf("%s: known are %v", name, only)
		}
	}
	c := cmtconfig.DefaultConfig()
	open := P2PConfig{Address: "0.0.0.0:1", Exchange: true, Seeds: []string{somebody + "@127.0.0.1:1"}}
	if open.apply(c); !c.P2P.PexReactor || c.P2P.Seeds == "" {
		t.Error("peers are not exchanged though that is asked for")
	}
	for _, wrong := range []P2PConfig{{Peers: []string{"127.0.0.1:1"}}, {Peers: []string{"xyz@127.0.0.1:1"}}, {Known: []string{"xyz"}}, {Seeds: []string{somebody}}} {
		if err := wrong.complete(); !errors.Is(err, ErrPeer) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// The configuration of a node says what is wrong with it.
func TestStateSyncSettings(t *testing.T) {
	c := cmtconfig.DefaultConfig()
	off := StateSync{}
	if off.apply(c.StateSync, snapshot.MaxChunks); c.StateSync.Enable || c.StateSync.MaxSnapshotChunks != snapshot.MaxChunks {
		t.Errorf("without servers: %+v", c.StateSync)
	}
	on := StateSync{Servers: []string{"ws://a", "ws://b"}, Height: 5, Hash: scale.Hash{1}}
	if err := on.complete(); err != nil {
		t.Fatal(err)
	}
	on.apply(c.StateSync, snapshot.MaxChunks)
	if err := c.ValidateBasic(); err != nil || !c.StateSync.Enable || on.TrustingPeriod != defaultTrustingPeriod {
		t.Errorf("with servers: %+v, %v", c.StateSync, err)
	}
	config := testConfig(t, t.TempDir())
	config.SnapshotInterval = minSnapshotInterval - 1
	if _, err := Start(context.Background(), config); !errors.Is(err, ErrInterval) {
		t.Errorf("a snapshot every other height: %v", err)
	}
}

// Peers may send no larger messages than the network's blocks need, a peer that is not known is not kept, and one that is away
// is dialed again by the node itself.
func TestPeersOfANode(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1)
	configs := validators(t, 1, c)
	configs[0].P2P.OnlyKnown = true
	friend, stranger := joiner(t, configs), joiner(t, configs)
	id, err := PeerID(friend.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	configs[0].P2P.Known = []string{id}
	n := startNode(t, configs[0])
	reactor, _ := n.comet.node.Switch().Reactor("BLOCKSYNC")
	for _, channel := range reactor.GetChannels() {
		if limit := int(configs[0].Spec.CometBFT.Params.MaxBlockBytes) + blockMargin; channel.RecvMessageCapacity > limit || channel.RecvMessageCapacity >= blocksync.MaxMsgSize {
			t.Errorf("peers may send %d bytes about blocks of %d", channel.RecvMessageCapacity, limit)
		}
	}
	address := friend.P2P.Peers
	friend.P2P.Peers = nil // so that CometBFT does not dial
	a, b := startNode(t, friend), startNode(t, stranger)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go redial(ctx, a.comet.node.Switch(), address)
	awaitNumber(t, a, 2, "a known node")
	if time.Sleep(redialInterval); b.Chain().Head().Number != 0 || len(n.comet.Network().Peers) != 1 {
		t.Errorf("a stranger is kept: peers %+v, block %d", n.comet.Network().Peers, b.Chain().Head().Number)
	}
}
