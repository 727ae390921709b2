package jsonrpc

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"

	"golang.org/x/time/rate"
)

// ErrClosed ends a stream: the client is gone, has unsubscribed, or did not read fast enough.
var ErrClosed = errors.New("jsonrpc: the subscription has ended")

// session is one WebSocket connection's subscriptions and its queue of messages to send.
type session struct {
	server *Server
	ctx    context.Context
	cancel context.CancelCauseFunc

	mutex         sync.Mutex
	room          *sync.Cond // signalled when the queue shrinks
	queue         [][]byte
	queued        charge // bytes in queue
	notices       *rate.Limiter
	ready         chan struct{}
	subscriptions map[string]*Sink
	streams       sync.WaitGroup
}

func newSession(ctx context.Context, server *Server, host string) *session {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &session{server: server, ctx: ctx, cancel: cancel, ready: make(chan struct{}, 1), subscriptions: map[string]*Sink{},
		queued: charge{budget: server.budget, host: host, free: freeQueuedBytes}, notices: server.notices.ofSession(host)}
	s.room = sync.NewCond(&s.mutex)
	context.AfterFunc(ctx, func() {
		s.mutex.Lock()
		s.room.Broadcast()
		s.mutex.Unlock()
	})
	return s
}

// full reports a queue that takes nothing more. The caller holds the mutex.
func (s *session) full() bool {
	return len(s.queue) >= s.server.limits.MaxQueued || s.queued.held >= s.server.limits.MaxQueuedBytes
}

// respond queues an answer; it waits for room, so a client that does not read its answers is not read either. Until then the answer
// is in held.
func (s *session) respond(message []byte, held *charge) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.full() && s.ctx.Err() == nil {
		s.room.Wait()
	}
	held.hold(0)
	return s.push(message)
}

// notify queues a result of a subscription, or ends the session if the client has fallen too far behind: waiting for it
// would hold up the chain's news for as long as it likes.
func (s *session) notify(message []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.full() {
		s.cancel(errSlowReader)
	}
	return s.push(message)
}

// push appends under the mutex.
func (s *session) push(message []byte) error {
	if s.ctx.Err() != nil {
		return ErrClosed
	}
	if !s.queued.hold(s.queued.held + len(message)) {
		s.cancel(errBudget)
		return ErrClosed
	}
	s.queue = append(s.queue, message)
	select {
	case s.ready <- struct{}{}:
	default:
	}
	return nil
}

// take removes everything queued; its bytes count until they are written.
func (s *session) take() [][]byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	messages := s.queue
	s.queue = nil
	s.room.Broadcast()
	return messages
}

// wrote gives the bytes of a written message free.
func (s *session) wrote(bytes int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.queued.hold(s.queued.held - bytes)
	s.room.Broadcast()
}

// release gives everything free when the session has ended.
func (s *session) release() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.queue = nil
	s.queued.hold(0)
}

// Sink is where one subscription's results go.
type Sink struct {
	session      *session
	id           string
	notification string
	ctx          context.Context // of the subscription
	cancel       context.CancelFunc
}

// Send queues one result, after its turn: a client with very many subscriptions gets their results later, so that they
// cost others nothing. After ErrClosed the stream should return.
func (k *Sink) Send(result any) error {
	if k.session.notices.Wait(k.ctx) != nil {
		return ErrClosed
	}
	encoded, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if len(encoded) > k.session.server.limits.MaxResponseBytes {
		k.session.cancel(errSlowReader)
		return ErrClosed
	}
	message, err := json.Marshal(notificationMessage{
		Version: "2.0", Method: k.notification, Params: notificationParams{Subscription: k.id, Result: encoded}})
	if err != nil {
		return err
	}
	return k.session.notify(message)
}

// subscribe checks the call and prepares its stream, which starts once the id has been queued for the client.
func (s *Server) subscribe(ctx context.Context, in *session, name string, what subscription, params Params) (any, func(), *Error) {
	in.mutex.Lock()
	count := len(in.subscriptions)
	in.mutex.Unlock()
	if count >= s.limits.MaxSubscriptions { // calls of a session run one after another: no race
		return nil, nil, errTooManySubscriptions(s.limits.MaxSubscriptions)
	}
	if s.streams.Load() >= int64(s.limits.MaxAllSubscriptions) { // calls that run beside this one may exceed it a little
		return nil, nil, errTooManySubscriptionsInAll()
	}
	prepared, fault := s.protect(name, func() (any, error) { return what.subscribe(ctx, params) })
	if fault != nil {
		return nil, nil, fault
	}
	streamContext, cancel := context.WithCancel(in.ctx)
	sink := &Sink{session: in, id: rand.Text()[:16], notification: what.notification, ctx: streamContext, cancel: cancel}
	in.mutex.Lock()
	in.subscriptions[sink.id] = sink
	in.mutex.Unlock()
	return sink.id, func() {
		in.streams.Add(1)
		s.streams.Add(1)
		s.observer.SubscriptionsChanged(1)
		go func() {
			defer in.streams.Done()
			defer s.streams.Add(-1)
			defer s.observer.SubscriptionsChanged(-1)
			defer in.end(sink.id, sink.notification)
			_, _ = s.protect(name, func() (any, error) {
				prepared.(Stream)(streamContext, sink)
				return nil, nil
			})
		}()
	}, nil
}

// end stops a subscription and reports whether it was there.
func (s *session) end(id, notification string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	sink, ok := s.subscriptions[id]
	if !ok || sink.notification != notification {
		return false
	}
	delete(s.subscriptions, id)
	sink.cancel()
	return true
}
