package worker

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/wire"
)

// prepareChunk is how many messages are opened at once before they are applied.
// A session's tags are known 64 ahead, so a larger chunk would not help a single
// busy one; a smaller one would leave processors idle.
const prepareChunk = 2_048

// preparer opens messages ahead on all processors.
type preparer struct {
	prepared   []contract.Prepared
	workspaces []contract.Workspace
}

func newPreparer() *preparer {
	return &preparer{
		prepared:   make([]contract.Prepared, prepareChunk),
		workspaces: make([]contract.Workspace, runtime.GOMAXPROCS(0)),
	}
}

// apply opens messages in parallel and applies them in order (I5).
func (p *preparer) apply(c *contract.Contract, messages []wire.InboxMessage) error {
	for len(messages) > 0 {
		n := min(len(messages), prepareChunk)
		p.open(c, messages[:n])
		for i := range n {
			if err := c.ApplyPrepared(&p.prepared[i]); err != nil {
				return err
			}
		}
		clear(p.prepared[:n]) // opened secrets do not linger
		messages = messages[n:]
	}
	return nil
}

// open prepares a chunk; each goroutine takes its own stretch of it.
func (p *preparer) open(c *contract.Contract, messages []wire.InboxMessage) {
	for i := range messages {
		p.prepared[i] = contract.Prepared{Message: &messages[i]}
	}
	const minimum = 32 // messages that pay for a goroutine
	parts := min(len(p.workspaces), len(messages)/minimum+1)
	var group sync.WaitGroup
	for part := range parts {
		first, last := part*len(messages)/parts, (part+1)*len(messages)/parts
		work := func() {
			for i := first; i < last; i++ {
				c.Prepare(&p.workspaces[part], &p.prepared[i])
			}
		}
		if part == parts-1 {
			work()
			break
		}
		group.Go(work)
	}
	group.Wait()
}

// apply applies a checkpoint and queues its commit. The contract's lock is held
// throughout, so nobody sees a checkpoint half done.
func (w *Worker) apply(checkpoint *light.Checkpoint) error {
	if w.commits.full() {
		return errBacklog
	}
	started := time.Now()
	epoch, begun := w.contract.Epoch(), w.contract.Checkpoint() > 0
	commit, frames, err := w.finish(checkpoint)
	if err != nil {
		return err
	}
	if commit.Inbox != checkpoint.Inbox || commit.Checkpoint != checkpoint.Index || commit.Number != checkpoint.Number {
		return fatal(fmt.Errorf("%w (checkpoint %d of the contract ends at message %d, of the chain at %d)",
			contract.ErrProtocol, commit.Checkpoint, commit.Inbox.Count, checkpoint.Inbox.Count))
	}
	plantFault(commit)
	due, err := w.commits.due(commit)
	if err != nil {
		return fatal(err)
	}
	if due {
		w.commits.add(signedCommit{Commit: *commit, Vote: w.vote(commit.Digest())})
		w.wakeDuties()
	}
	w.streams.publish(frames)
	w.metrics.applied(len(checkpoint.Messages), checkpoint.Index, w.commits.length(), time.Since(started))
	w.offerSnapshot(commit, !begun || commit.Epoch != epoch)
	return nil
}

// finish applies all messages and ends the checkpoint. Errors of the contract are
// final.
func (w *Worker) finish(checkpoint *light.Checkpoint) (*wire.Commit, []delivery, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	// The Block message comes alone: it may start an epoch, with other keys.
	if err := w.contract.Apply(&checkpoint.Messages[0]); err != nil {
		return nil, nil, fatal(err)
	}
	if err := w.preparer.apply(w.contract, checkpoint.Messages[1:]); err != nil {
		return nil, nil, fatal(err)
	}
	commit, err := w.contract.EndCheckpoint(checkpoint.BlockHash)
	if err != nil {
		return nil, nil, fatal(err)
	}
	return commit, w.streams.collect(w.contract), nil
}

// vote signs a digest.
func (w *Worker) vote(digest wire.Hash) wire.Vote {
	return wire.Vote{Worker: w.public, Signature: w.secrets.sign(digest)}
}
