package jsonrpc

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"
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
	connection.SetReadLimit(s.limits.MaxRequestBytes)
	in := newSession(s.stopping, s)
	in.streams.Add(2)
	go func() { defer in.streams.Done(); s.writeMessages(in, connection) }()
	go func() { defer in.streams.Done(); s.ping(in, connection) }()
	err = s.readMessages(in, connection)
	in.cancel(err)
	s.sayGoodbye(in, connection)
	in.streams.Wait()
}

// readMessages answers the client's messages one after another.
func (s *Server) readMessages(in *session, connection *websocket.Conn) error {
	from := caller{session: in, limiter: rate.NewLimiter(rate.Limit(s.limits.CallsPerSecond), s.limits.CallBurst)}
	for {
		_, body, err := connection.Read(in.ctx)
		if err != nil {
			return err
		}
		out, start := s.answer(in.ctx, from, body)
		if out != nil {
			if err := in.respond(out); err != nil {
				return err
			}
		}
		for _, begin := range start {
			begin()
		}
	}
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
	if errors.Is(context.Cause(in.ctx), errSlowReader) {
		s.observer.ConnectionRefused("slow_reader")
		s.log.Warn("RPC client disconnected: it does not read as fast as its subscriptions send")
	}
	_ = connection.CloseNow()
}
