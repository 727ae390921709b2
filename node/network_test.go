package node

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// freePort is a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// validators are the configurations of a network of equal validators, each knowing those before it.
func validators(t *testing.T, count int, c *crowd) []Config {
	t.Helper()
	configs := make([]Config, count)
	spec := &chainspec.Spec{}
	for i := range configs {
		dir := t.TempDir()
		if i == 0 {
			*spec = *c.spec(t, dir)
			spec.CometBFT.Validators = nil
		}
		public, err := ValidatorPublicKey(dir)
		if err != nil {
			t.Fatal(err)
		}
		spec.CometBFT.Validators = append(spec.CometBFT.Validators, chainspec.Validator{Name: fmt.Sprint(i), PublicKey: public, Power: 10})
		configs[i] = Config{Spec: spec, DataDir: dir, CacheBytes: 16 << 20, Log: testLog()}
		configs[i].RPC.Address = "127.0.0.1:0"
		configs[i].P2P.Address = freePort(t)
	}
	spec.Bind()
	for i := range configs {
		for j := range configs {
			key, err := nodeKey(configs[j].DataDir)
			if err != nil {
				t.Fatal(err)
			}
			if j < i { // one of each two dials
				configs[i].P2P.Peers = append(configs[i].P2P.Peers, peerID(key)+"@"+configs[j].P2P.Address)
			}
		}
	}
	return configs
}

// Four validators agree on one chain; three go on without the fourth, which catches up.
func TestValidators(t *testing.T) {
	c := newCrowd(t, 2)
	configs := validators(t, 4, c)
	nodes := make([]*Node, len(configs))
	for i := range configs {
		nodes[i] = startNode(t, configs[i])
	}
	c.join(nodes[0])
	first := include(t, nodes[0], c.sign(t, 0, 0, transferCall(scale.AccountID{1}, cloak)))
	for i, n := range nodes {
		awaitBlock(t, n, first, fmt.Sprint("validator ", i))
	}
	if network := nodes[0].comet.Network(); len(network.Peers) == 0 || network.Alone || !network.Validator || network.Syncing {
		t.Errorf("network %+v", network)
	}
	if err := nodes[3].Close(); err != nil {
		t.Fatal(err)
	}
	second := include(t, nodes[1], c.sign(t, 0, 1, transferCall(scale.AccountID{1}, cloak)))
	awaitBlock(t, nodes[0], second, "validator 0, of three")
	nodes[3] = startNode(t, configs[3])
	awaitBlock(t, nodes[3], second, "the fourth validator, again")
	third := include(t, nodes[3], c.sign(t, 1, 0, transferCall(scale.AccountID{1}, cloak)))
	awaitBlock(t, nodes[0], third, "validator 0, of four again")
}

func awaitBlock(t *testing.T, n *Node, hash scale.Hash, who string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := n.Chain().Header(hash); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not have block %v", who, hash)
		}
	}
}

// validatorSpec is a genesis document of validators with these powers.
func validatorSpec(powers []int64) *types.GenesisDoc {
	c := chainspec.CometBFT{ChainID: "test", Params: chainspec.DefaultParams()}
	for i, power := range powers {
		c.Validators = append(c.Validators, chainspec.Validator{PublicKey: scale.Hash{byte(i + 1)}, Power: power})
	}
	return c.GenesisDoc()
}
