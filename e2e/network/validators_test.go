package network

import (
	"syscall"
	"testing"
	"time"
)

// quiet is for how long nothing may become final where it must not. With a validator away, a round takes some five seconds
// at most; a frozen or parted network has none.
const quiet = 6 * time.Second

// halted waits until what was under way is done, and then finds nothing new for a while on any of the nodes.
func (n *network) halted(which ...int) {
	n.t.Helper()
	time.Sleep(time.Second)
	heads, heights := make([]uint32, len(which)), make([]uint64, len(which))
	for i, at := range which {
		heads[i], heights[i] = n.nodes[at].head(), n.nodes[at].height()
	}
	time.Sleep(quiet)
	for i, at := range which {
		if head, height := n.nodes[at].head(), n.nodes[at].height(); head != heads[i] || height != heights[i] {
			n.t.Errorf("validator %d went on from block %d to %d, height %d to %d, without two thirds", at, heads[i], head, heights[i], height)
		}
	}
}

// Four validators agree. Three of them go on; two do not; and nothing that was told is lost.
func TestValidators(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 4, "--workers", "0")
	n.start(0, 1, 2, 3)
	bob, charlie, dave := newTrader(t, "Bob"), newTrader(t, "Charlie"), newTrader(t, "Dave")
	var told []*sent
	for i := range 4 {
		told = append(told, bob.send(n.nodes[i].client, n.genesis).final())
	}

	n.nodes[3].kill() // kill -9, with all of its connections
	for i := range 3 {
		told = append(told, charlie.send(n.nodes[i].client, n.genesis).final())
	}

	n.cut(2)
	waiting := []*sent{dave.send(n.nodes[0].client, n.genesis), bob.send(n.nodes[2].client, n.genesis)}
	n.halted(0, 1, 2)
	for _, s := range waiting {
		if !s.pending() {
			t.Error("a transaction is in a block without two thirds")
		}
	}
	n.heal(2)
	for _, s := range waiting {
		told = append(told, s.final())
	}
	told = append(told, charlie.send(n.nodes[2].client, n.genesis).final())

	n.start(3)
	n.nodes[3].reach(n.nodes[0].head())
	told = append(told, dave.send(n.nodes[3].client, n.genesis).final())
	n.checkAll(told)
}

// checkAll compares all nodes and looks for everything that was told.
func (n *network) checkAll(told []*sent) {
	n.t.Helper()
	clients := make([]*client, len(n.nodes))
	highest := uint32(0)
	for i, v := range n.nodes {
		clients[i] = v.client
		highest = max(highest, v.head())
	}
	for _, c := range clients {
		c.reach(highest)
		for _, s := range told {
			s.at(c)
		}
	}
	if last := agree(n.t, 0, clients...); last < highest {
		n.t.Errorf("compared up to block %d of %d", last, highest)
	}
}

// A frozen validator is one that is away: one may be, two may not, and when they wake up nothing is lost.
func TestFrozenValidators(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 4, "--workers", "0")
	n.start(0, 1, 2, 3)
	bob, charlie := newTrader(t, "Bob"), newTrader(t, "Charlie")
	told := []*sent{bob.send(n.nodes[0].client, n.genesis).final()}
	n.nodes[1].signal(t, syscall.SIGSTOP)
	told = append(told, bob.send(n.nodes[0].client, n.genesis).final())
	n.nodes[2].signal(t, syscall.SIGSTOP)
	waiting := charlie.send(n.nodes[3].client, n.genesis)
	n.halted(0, 3)
	n.nodes[1].signal(t, syscall.SIGCONT)
	told = append(told, waiting.final())
	n.nodes[2].signal(t, syscall.SIGCONT)
	told = append(told, bob.send(n.nodes[2].client, n.genesis).final())
	n.checkAll(told)
}
