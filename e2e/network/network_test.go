package network

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// network is what `bitcloak testnet` wrote, with links between the peers.
type network struct {
	t       *testing.T
	folder  string
	genesis scale.Hash
	nodes   []*validator
	links   map[[2]int]*link // from the dialing peer to the dialed
}

// validator is one node of it.
type validator struct {
	*process
	*client
	config string
	p2p    string
	id     string
}

// newNetwork writes a network and gives every node addresses and links of its own. It starts nothing.
func newNetwork(t *testing.T, validators int, args ...string) *network {
	t.Helper()
	n := &network{t: t, folder: filepath.Join(t.TempDir(), "net"), links: map[[2]int]*link{}}
	run(t, append([]string{"testnet", "--validators", strconv.Itoa(validators), "--output", n.folder}, args...)...)
	for i := range validators {
		v := &validator{config: filepath.Join(n.folder, fmt.Sprintf("validator-%d", i), "node.json"), p2p: freePort(t)}
		id, err := node.PeerID(filepath.Dir(v.config))
		if err != nil {
			t.Fatal(err)
		}
		v.id, v.client = id, newClient(t, freePort(t))
		peers := []string{}
		for j, other := range n.nodes {
			l := newLink(t, other.p2p)
			n.links[[2]int{i, j}] = l
			peers = append(peers, other.id+"@"+l.address())
		}
		change(t, v.config, map[string]any{"rpc": v.address, "p2p": v.p2p, "metrics": freePort(t), "peers": peers})
		n.nodes = append(n.nodes, v)
	}
	return n
}

// start starts some of the nodes and waits until they answer.
func (n *network) start(which ...int) {
	n.t.Helper()
	for _, i := range which {
		n.nodes[i].process = start(n.t, "node", "--config", n.nodes[i].config)
	}
	for _, i := range which {
		n.nodes[i].await("an answer", func() bool { return n.nodes[i].reachable() })
		n.genesis = n.nodes[i].hashAt(0)
	}
}

// cut parts a node from all others, heal joins it again.
func (n *network) cut(which int)  { n.each(which, (*link).cut) }
func (n *network) heal(which int) { n.each(which, (*link).heal) }

func (n *network) each(which int, do func(*link)) {
	for pair, l := range n.links {
		if pair[0] == which || pair[1] == which {
			do(l)
		}
	}
}

// peerFlags are for a node that is not one of them: it reaches all directly.
func (n *network) peerFlags() (flags []string) {
	for _, v := range n.nodes {
		flags = append(flags, "--peer", v.id+"@"+v.p2p)
	}
	return flags
}

// join starts a node that is no validator.
func (n *network) join(name string, args ...string) (*process, *client) {
	n.t.Helper()
	c := newClient(n.t, freePort(n.t))
	all := append([]string{"node", "--chain-spec", filepath.Join(n.folder, "chain-spec.json"), "--data", filepath.Join(n.folder, name),
		"--rpc", c.address, "--p2p", freePort(n.t)}, n.peerFlags()...)
	p := start(n.t, append(all, args...)...)
	c.await("an answer of "+name, c.reachable)
	return p, c
}

// agree compares the headers of nodes, from first to the lowest head: with it, all state roots.
func agree(t *testing.T, first uint32, clients ...*client) (last uint32) {
	t.Helper()
	last = clients[0].head()
	for _, c := range clients[1:] {
		last = min(last, c.head())
	}
	if last <= first {
		t.Fatalf("nothing to compare: from block %d to %d", first, last)
	}
	for from := first; from <= last; from += 512 {
		to := min(from+511, last)
		want := call[[]scale.HexBytes](clients[0], "bitcloak_headers", from, to)
		if len(want) != int(to-from)+1 {
			t.Fatalf("headers %d to %d: %d", from, to, len(want))
		}
		for _, c := range clients[1:] {
			have := call[[]scale.HexBytes](c, "bitcloak_headers", from, to)
			if len(have) != len(want) {
				t.Fatalf("headers %d to %d: %s has %d", from, to, c.address, len(have))
			}
			for i, got := range have {
				if string(got) != string(want[i]) {
					t.Fatalf("block %d: %s has %x, %s has %x", from+uint32(i), clients[0].address, []byte(want[i]), c.address, []byte(got))
				}
			}
		}
	}
	return last
}

// refusedForAge checks that a node says why it has nothing that old.
func refusedForAge(t *testing.T, err error) {
	t.Helper()
	var refused *rpc.Error
	if !errors.As(err, &refused) || refused.Code != 5001 || !strings.Contains(refused.Message, "state sync") {
		t.Errorf("asked for what is older: %v", err)
	}
}
