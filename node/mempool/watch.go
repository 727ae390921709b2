package mempool

import (
	"context"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// StatusKind is a step in the life of a transaction.
type StatusKind uint8

// Kinds of Status. From StatusFinalized on they are the last one.
const (
	StatusFuture StatusKind = iota
	StatusReady
	StatusInBlock
	StatusFinalized
	StatusUsurped
	StatusDropped
	StatusInvalid
)

// Status is what has become of a transaction.
type Status struct {
	Kind  StatusKind
	Block scale.Hash // of StatusInBlock and StatusFinalized
	By    scale.Hash // of StatusUsurped: the transaction that took the place
}

// maxStatuses bounds what waits for a watcher that does not ask; intermediate steps beyond it are left out.
const maxStatuses = 32

// Watcher hears what becomes of one transaction.
type Watcher struct {
	mutex    sync.Mutex
	statuses []Status
	ended    bool
	signal   chan struct{}
}

func newWatcher() *Watcher { return &Watcher{signal: make(chan struct{}, 1)} }

// Next waits for the next status; ok is false when there is none to come or the context ends.
func (w *Watcher) Next(ctx context.Context) (status Status, ok bool) {
	for {
		w.mutex.Lock()
		if len(w.statuses) > 0 {
			status, w.statuses = w.statuses[0], w.statuses[1:]
			w.mutex.Unlock()
			return status, true
		}
		ended := w.ended
		w.mutex.Unlock()
		if ended {
			return Status{}, false
		}
		select {
		case <-ctx.Done():
			return Status{}, false
		case <-w.signal:
		}
	}
}

func (w *Watcher) tell(status Status) {
	last := status.Kind >= StatusFinalized
	w.mutex.Lock()
	if len(w.statuses) < maxStatuses || last {
		w.statuses = append(w.statuses, status)
	}
	w.ended = w.ended || last
	w.mutex.Unlock()
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// tell passes a status on to whoever watches; after the last one nobody does any more.
func (p *Pool) tell(hash scale.Hash, status Status) {
	w := p.watchers[hash]
	if w == nil {
		return
	}
	w.tell(status)
	if status.Kind >= StatusFinalized {
		delete(p.watchers, hash)
	}
}
