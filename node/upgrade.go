package node

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/runtime"
)

// upgrade is the end of a node's program: the next block is one that the runtime of another spec version must make. The
// node then makes no more blocks and stops with nothing of that block written, so that the program that is due goes on from
// the same data folder.
type upgrade struct {
	mutex   sync.Mutex
	due     chan struct{} // closed with the error known
	err     error
	catchup atomic.Pointer[consensus.Reactor]
}

// watch learns where to ask whether CometBFT is catching up with its peers.
func (u *upgrade) watch(reactor *consensus.Reactor) { u.catchup.Store(reactor) }

// refuse notes why the node must stop. It is called by CometBFT's goroutines when they want a block built that is another
// program's. A proposal is then refused, and of a decided block CometBFT's consensus learns an error, which ends it. But
// the routine that catches up with peers (CometBFT's blocksync) ends the whole process on an error, with a trace instead of
// a message: that routine is ended here. It holds no lock of CometBFT's while it has a block executed, and Close finds it gone.
func (u *upgrade) refuse(why error) {
	u.note(why)
	if u.catchingUp() {
		goruntime.Goexit()
	}
}

func (u *upgrade) note(why error) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.err == nil {
		u.err = why
		close(u.channel())
	}
}

// catchingUp reports that CometBFT takes blocks from its peers instead of making them with them.
func (u *upgrade) catchingUp() bool {
	reactor := u.catchup.Load()
	return reactor != nil && reactor.WaitSync()
}

// channel is due, made when it is first asked for; the caller holds the mutex.
func (u *upgrade) channel() chan struct{} {
	if u.due == nil {
		u.due = make(chan struct{})
	}
	return u.due
}

// reached is closed when the node must stop.
func (u *upgrade) reached() <-chan struct{} {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return u.channel()
}

// explain gives the upgrade as the reason, where there is one, of what happened.
func (u *upgrade) explain(err error) error {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.err != nil {
		return u.err
	}
	return err
}

const (
	// versionLook is how often a node looks whether an upgrade is due.
	versionLook = 500 * time.Millisecond
	// stay bounds how long a node that stops for an upgrade stays for its peers, stayLook is how often it looks after them.
	stay     = 10 * time.Second
	stayLook = 50 * time.Millisecond
)

// watchUpgrade looks whether the last block before the upgrade is made. It may be nobody's turn to propose the next one,
// when others have stopped; and while CometBFT catches up, its routine must not find the node closing (refuse ends both).
func (n *Node) watchUpgrade(ctx context.Context) {
	ticker := time.NewTicker(versionLook)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.upgrade.reached():
			return
		case <-ticker.C:
			var wrong *runtime.VersionError
			if errors.As(n.chain.CheckVersion(), &wrong) && !n.upgrade.catchingUp() {
				n.upgrade.note(wrong)
			}
		}
	}
}

// stayForPeers waits until the peers have committed what this node has: they may still want its vote for the last block
// before the upgrade, and without it stand a block short of it until somebody comes back.
func (n *Node) stayForPeers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stay)
	defer cancel()
	for !n.comet.peersHave(int64(n.chain.Head().Height)) { //nolint:gosec // CometBFT counts heights in int64
		select {
		case <-ctx.Done():
			return
		case <-time.After(stayLook):
		}
	}
}

// peersHave reports that every peer connected has committed the height.
func (c *comet) peersHave(height int64) bool {
	for _, peer := range c.node.Switch().Peers().Copy() {
		if state, ok := peer.Get(types.PeerStateKey).(*consensus.PeerState); ok && state.GetHeight() <= height {
			return false
		}
	}
	return true
}
