package network

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// snapshotInterval lasts longer than a node looks around for snapshots.
const snapshotInterval = "20"

// Nodes join a running network: one executes every block, one begins with a recent state. A worker goes on at the latter.
func TestNodesJoin(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2, "--workers", "1", "--snapshot-interval", snapshotInterval)
	n.start(0, 1)
	w := n.worker(n.nodes[0].client)
	bob := newTrader(t, "Bob")
	told := []*sent{bob.send(n.nodes[0].client, n.genesis).final()}
	first := n.nodes[0].client
	first.await("commit", func() bool { return lastCommit(first) >= 3 })

	_, blocks := n.join("by-blocks", "--snapshot-interval", "0")
	trusted := strings.TrimSpace(run(t, "node", "trusted-header", "ws://"+first.address, "--chain-spec", filepath.Join(n.folder, "chain-spec.json")))
	first.await("snapshot", func() bool { return first.height() > 22 })
	servers := []string{"--state-sync", "ws://" + first.address, "--state-sync", "ws://" + n.nodes[1].address, "--trusted-header", trusted}
	process, state := n.join("by-state", append(servers, "--snapshot-interval", "0")...)
	blocks.reach(first.head())
	state.reach(first.head())
	told = append(told, bob.send(state, n.genesis).final(), bob.send(blocks, n.genesis).final())

	origin := n.checkOrigin(state)
	agree(t, 0, first, n.nodes[1].client, blocks)
	agree(t, origin, first, state)
	for _, s := range told {
		s.at(blocks)
	}
	for _, s := range told[1:] {
		s.at(state)
	}
	var block any
	refusedForAge(t, state.ask(&block, "bitcloak_headers", 1, 1))
	refusedForAge(t, state.ask(&block, "chain_getBlockHash", origin-1))
	refusedForAge(t, state.ask(&block, "bitcloak_checkpoints", 0, 1))

	w.stop(t)
	before := lastCommit(first)
	w = n.worker(state)
	first.await("commit of a worker at the joined node", func() bool { return lastCommit(first) > before+2 })
	w.stop(t)

	process.stop(t) // it goes on from its own data, and without the servers
	_, state = n.join("by-state", "--snapshot-interval", "0")
	bob.send(state, n.genesis).final()
	agree(t, origin, first, state)
}

// checkOrigin is the first block of a node that began with a state.
func (n *network) checkOrigin(state *client) uint32 {
	n.t.Helper()
	for number := uint32(1); number < state.head(); number++ {
		var hash *scale.Hash
		if state.ask(&hash, "chain_getBlockHash", number) == nil {
			if number < 3 {
				n.t.Errorf("the node has block %d: it did not begin with a state", number)
			}
			return number
		}
	}
	n.t.Fatal("the node has no block")
	return 0
}

// worker starts the network's worker, which follows a node.
func (n *network) worker(follow *client) *process {
	n.t.Helper()
	at := func(name string) string { return filepath.Join(n.folder, "worker-0", name) }
	return start(n.t, "worker", "--chain-spec", filepath.Join(n.folder, "chain-spec.json"), "--node", "ws://"+follow.address,
		"--data", at("data"), "--listen", freePort(n.t), "--operator-file", at("operator"), "--seed-file", at("seed"))
}

// lastCommit is how many checkpoints are committed.
func lastCommit(c *client) uint64 {
	c.t.Helper()
	value := call[*scale.HexBytes](c, "state_getStorage", scale.HexBytes(wire.StorageLastCommit()))
	if value == nil {
		return 0
	}
	last, err := wire.LastCommitCodec.Unmarshal(*value)
	if err != nil {
		c.t.Fatal(err)
	}
	return last.Checkpoint + 1
}
