package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// maxEarly bounds the notifications kept for subscriptions whose identifier has
// not arrived yet: some servers send the first ones before it.
const maxEarly = 64

// webSocket carries calls and subscriptions over one connection. One goroutine
// reads, one pings; both end with the connection.
type webSocket struct {
	connection *websocket.Conn
	options    Options
	ctx        context.Context // of the connection
	cancel     context.CancelFunc

	lock          sync.Mutex
	lastID        uint64
	calls         map[uint64]*pendingCall
	subscribing   int // calls in flight that start a subscription
	subscriptions map[string]*Subscription
	early         []notification
	cause         error // why the connection ended

	ended chan struct{}
}

// pendingCall waits for its answer.
type pendingCall struct {
	answer       chan answer // with room for the one answer
	subscription *Subscription
}

type answer struct {
	result json.RawMessage
	err    error
}

func dialWebSocket(ctx context.Context, endpoint string, options Options) (*webSocket, error) {
	connection, _, err := websocket.Dial(ctx, endpoint, &websocket.DialOptions{HTTPHeader: options.Header})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConnect, err)
	}
	connection.SetReadLimit(options.MaxResponse)
	w := &webSocket{
		connection:    connection,
		options:       options,
		calls:         make(map[uint64]*pendingCall),
		subscriptions: make(map[string]*Subscription),
		ended:         make(chan struct{}),
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	go w.read()
	go w.ping()
	return w, nil
}

func (w *webSocket) call(ctx context.Context, method string, params []any) (json.RawMessage, error) {
	return w.send(ctx, method, params, nil)
}

func (w *webSocket) subscribe(ctx context.Context, method, unsubscribe string, params []any) (*Subscription, error) {
	s := &Subscription{
		transport:   w,
		unsubscribe: unsubscribe,
		queue:       make(chan json.RawMessage, w.options.QueueLength),
	}
	if _, err := w.send(ctx, method, params, s); err != nil {
		s.end(err)
		return nil, err
	}
	return s, nil
}

// send makes a call and waits for its answer. If the caller gives up on a
// subscription, the node is told when its answer comes.
func (w *webSocket) send(ctx context.Context, method string, params []any, s *Subscription) (json.RawMessage, error) {
	pending := &pendingCall{answer: make(chan answer, 1), subscription: s}
	id, err := w.register(pending)
	if err != nil {
		return nil, err
	}
	encoded, err := encodeRequest(id, method, params)
	if err != nil {
		w.forget(id)
		return nil, err
	}
	go w.write(encoded) // a jammed connection must not outlast the caller's context
	select {
	case got := <-pending.answer:
		return got.result, got.err
	case <-ctx.Done():
	}
	if s == nil {
		w.forget(id)
	} else if s.end(ctx.Err()); len(pending.answer) > 0 {
		w.abandon(s) // else settle does, when the answer comes
	}
	return nil, ctx.Err()
}

func (w *webSocket) register(pending *pendingCall) (uint64, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.cause != nil {
		return 0, w.cause
	}
	if len(w.calls) >= w.options.MaxCalls {
		return 0, fmt.Errorf("%w: %d", ErrTooManyCalls, len(w.calls))
	}
	w.lastID++
	w.calls[w.lastID] = pending
	if pending.subscription != nil {
		w.subscribing++
	}
	return w.lastID, nil
}

// forget removes a call, if it is still there, and returns it.
func (w *webSocket) forget(id uint64) *pendingCall {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.forgetLocked(id)
}

func (w *webSocket) forgetLocked(id uint64) *pendingCall {
	pending := w.calls[id]
	if pending == nil {
		return nil
	}
	delete(w.calls, id)
	if pending.subscription != nil {
		if w.subscribing--; w.subscribing == 0 {
			w.early = nil
		}
	}
	return pending
}

// write sends a message, or ends the connection and with it the call. The
// caller's context plays no part: cancelling a write half way would end the
// connection for everyone.
func (w *webSocket) write(data []byte) {
	ctx, cancel := context.WithTimeout(w.ctx, w.options.Timeout)
	defer cancel()
	if err := w.connection.Write(ctx, websocket.MessageText, data); err != nil {
		w.fail(fmt.Errorf("%w: %w", ErrDisconnected, err))
	}
}

// read handles messages until the connection ends.
func (w *webSocket) read() {
	for {
		_, data, err := w.connection.Read(w.ctx)
		if errors.Is(err, websocket.ErrMessageTooBig) {
			w.fail(fmt.Errorf("%w: %w of %d bytes", ErrDisconnected, ErrTooLarge, w.options.MaxResponse))
			return
		}
		if err != nil {
			w.fail(fmt.Errorf("%w: %w", ErrDisconnected, err))
			return
		}
		if err := w.handle(data); err != nil {
			w.fail(fmt.Errorf("%w: %w", ErrDisconnected, err))
			return
		}
	}
}

// ping finds out that a silent peer is gone.
func (w *webSocket) ping() {
	ticker := time.NewTicker(w.options.PingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-w.ended:
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(w.ctx, w.options.PingInterval)
		err := w.connection.Ping(ctx)
		cancel()
		if err != nil {
			w.fail(fmt.Errorf("%w: no answer to a ping: %w", ErrDisconnected, err))
			return
		}
	}
}

// fail ends the connection and everything that waits on it. Only the first
// cause counts.
func (w *webSocket) fail(cause error) {
	w.lock.Lock()
	if w.cause != nil {
		w.lock.Unlock()
		return
	}
	w.cause = cause
	calls, subscriptions := w.calls, w.subscriptions
	w.calls, w.subscriptions, w.early = nil, nil, nil
	w.lock.Unlock()
	for _, pending := range calls {
		pending.answer <- answer{err: cause}
	}
	for _, s := range subscriptions {
		s.end(cause)
	}
	close(w.ended)
	w.cancel()
	// Nothing is left to say to this peer, and an error would change nothing.
	_ = w.connection.CloseNow()
}

func (w *webSocket) close() error {
	w.fail(ErrClosed)
	return nil
}

func (w *webSocket) done() <-chan struct{} { return w.ended }

func (w *webSocket) err() error {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.cause
}
