package rpc

import (
	"context"
	"encoding/json"
	"sync"
)

// Subscription is a stream of notifications. It ends when it is closed, when its
// queue overflows or when the connection is lost.
type Subscription struct {
	transport   *webSocket
	key         string // set before anyone else sees the subscription
	id          json.RawMessage
	unsubscribe string

	queue chan json.RawMessage
	lock  sync.Mutex
	ended bool
	cause error
}

// Notifications is closed when the subscription ends; Err then says why. What is
// left in it can still be read.
func (s *Subscription) Notifications() <-chan json.RawMessage { return s.queue }

// Err is nil while the subscription lasts, and after the subscriber closed it.
func (s *Subscription) Err() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.cause
}

// Close ends the subscription and tells the node, without waiting for its answer.
func (s *Subscription) Close() {
	if s.end(nil) {
		s.transport.abandon(s)
	}
}

// deliver queues a notification. A full queue ends the subscription: waiting
// would hold up every other call on the connection.
func (s *Subscription) deliver(notification json.RawMessage) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.ended {
		return
	}
	select {
	case s.queue <- notification:
	default:
		s.endLocked(ErrSlowSubscriber)
		go s.transport.abandon(s) // it takes locks that our caller may hold
	}
}

// end reports whether the subscription had not ended before.
func (s *Subscription) end(cause error) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.endLocked(cause)
}

func (s *Subscription) endLocked(cause error) bool {
	if s.ended {
		return false
	}
	s.ended, s.cause = true, cause
	close(s.queue)
	return true
}

// abandon forgets a subscription and tells the node so.
func (w *webSocket) abandon(s *Subscription) {
	w.lock.Lock()
	_, known := w.subscriptions[s.key]
	delete(w.subscriptions, s.key)
	w.lock.Unlock()
	if !known {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.options.Timeout)
	go func() {
		defer cancel()
		// The node may be gone, and it may answer what it likes.
		_, _ = w.call(ctx, s.unsubscribe, []any{s.id})
	}()
}
