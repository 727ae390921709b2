package node

import (
	goruntime "runtime"
	"sync"
	"sync/atomic"

	"github.com/cometbft/cometbft/consensus"
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

// stop notes why the node must stop. It is called by CometBFT's goroutines, when they want a block executed.
//
// A proposal is then refused, and of a decided block CometBFT's consensus learns an error, which ends it. But the routine that
// catches up with peers (CometBFT's blocksync) ends the whole process on an error, with a trace instead of a message: that
// routine is ended here. It holds no lock of CometBFT's, and Close finds it gone.
func (u *upgrade) stop(err error) {
	u.mutex.Lock()
	if u.err == nil {
		u.err = err
		close(u.channel())
	}
	u.mutex.Unlock()
	if reactor := u.catchup.Load(); reactor != nil && reactor.WaitSync() {
		goruntime.Goexit()
	}
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
