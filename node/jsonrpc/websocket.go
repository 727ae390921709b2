package jsonrpc

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// errSlowReader is why a session ends whose client does not keep up with what it subscribed to.
var errSlowReader = errors.New("jsonrpc: the client reads more slowly than its subscriptions send")

// serveWebSocket runs one session until either side ends it.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // Access has checked the origin already
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		s.log.Debug("WebSocket refused", "error", err)
		return
	}
	s.sessions.Add(1)
	defer s.sessions.Done()
	connection.SetReadLimit(int64(s.limits.MaxRequestBytes))
	host := remoteHost(r.RemoteAddr)
	in := newSession(s.stopping, s, host)
	in.streams.Add(2)
	go func() { defer in.streams.Done(); s.writeMessages(in, connection) }()
	go func() { defer in.streams.Done(); s.ping(in, connection) }()
	err = s.readMessages(in, connection, host)
	in.cancel(err)
	s.sayGoodbye(in, connection)
	in.streams.Wait()
	in.release()
}

// readMessages answers the client's messages one after another.
func (s *Server) readMessages(in *session, connection *websocket.Conn, host string) error {
	held := charge{budget: s.budget, host: host, free: freeRequestBytes}
	defer held.hold(0)
	from := caller{session: in, limiter: s.calls.ofSession(host), held: &held}
	for {
		body, err := s.readMessage(in.ctx, connection, &held)
		if err != nil {
			return err
		}
		out, start := s.answer(in.ctx, from, body)
		if out != nil {
			if err := in.respond(out, &held); err != nil {
				return err
			}
		}
		held.hold(0)
		for _, begin := range start {
			begin()
		}
	}
}

// readMessage waits for a message to begin, as long as it takes, and gives the rest of it the time of an HTTP body.
func (s *Server) readMessage(ctx context.Context, connection *websocket.Conn, held *charge) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, reader, err := connection.Reader(ctx)
	if err != nil {
		return nil, err
	}
	defer time.AfterFunc(s.limits.BodyTimeout, cancel).Stop()
	return held.readAll(reader, s.limits.MaxRequestBytes+1) // beyond its limit, the connection says so itself
}

// writeMessages sends what is queued.
func (s *Server) writeMessages(in *session, connection *websocket.Conn) {
	for {
		select {
		case <-in.ctx.Done():
			return
		case <-in.ready:
		}
		for _, message := range in.take() {
			ctx, cancel := context.WithTimeout(in.ctx, s.limits.WriteTimeout)
			err := connection.Write(ctx, websocket.MessageText, message)
			cancel()
			if err != nil {
				in.cancel(err)
				return
			}
			in.wrote(len(message))
		}
	}
}

// ping finds clients that vanished without closing: a half-open connection would keep its subscriptions for ever.
func (s *Server) ping(in *session, connection *websocket.Conn) {
	ticker := time.NewTicker(s.limits.IdleTimeout)
	defer ticker.Stop()
	for {
		select {
		case <-in.ctx.Done():
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(in.ctx, s.limits.IdleTimeout)
		err := connection.Ping(ctx)
		cancel()
		if err != nil {
			in.cancel(err)
			return
		}
	}
}

// sayGoodbye closes without waiting for the client's half of the handshake: a client that does not read would not give it.
func (s *Server) sayGoodbye(in *session, connection *websocket.Conn) {
	cause := context.Cause(in.ctx)
	switch {
	case errors.Is(cause, errSlowReader):
		s.observer.ConnectionRefused("slow_reader")
	case errors.Is(cause, errBudget):
		s.observer.ConnectionRefused("held_bytes")
	}
	s.log.Debug("RPC session ended", "cause", cause)
	_ = connection.CloseNow()
}
