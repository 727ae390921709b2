package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/coder/websocket"

	"github.com/bitcloak/bitcloak/wire"
)

// stream serves GET /v1/stream: after the upgrade the client sends one sealed
// request, and gets one frame for each commit.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		s.config.Metrics.refuse("streams")
		s.refuse(w, http.StatusServiceUnavailable, ErrBusy)
		return
	}
	s.running.Add(1)
	defer s.running.Done()
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // admit has checked the origin
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = connection.CloseNow() }()
	connection.SetReadLimit(wire.QueryRequestSize)
	s.config.Metrics.streaming(1)
	defer s.config.Metrics.streaming(-1)
	err = s.serveStream(s.ended, connection)
	if errors.Is(err, ErrSlow) {
		s.config.Metrics.refuse("slow")
	}
	code, reason := closing(err)
	_ = connection.Close(code, reason)
}

// serveStream reads the request and sends frames until somebody ends it.
func (s *Server) serveStream(ctx context.Context, connection *websocket.Conn) error {
	request, err := s.readFirst(ctx, connection)
	if err != nil {
		return err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	stream, err := s.config.Service.Subscribe(ctx, request)
	leave()
	if err != nil {
		return err
	}
	defer stream.Close()
	// Reading ends when the client closes or sends anything more. It must not end with
	// ctx: that would cut the connection before the client is told why.
	open, stop := context.WithCancel(connection.CloseRead(context.Background()))
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	for {
		frame, err := stream.Next(open)
		if err != nil {
			return err
		}
		if err := s.send(open, connection, frame); err != nil {
			return err
		}
	}
}

func (s *Server) readFirst(ctx context.Context, connection *websocket.Conn) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Limits.BodyTimeout)
	defer cancel()
	kind, request, err := connection.Read(ctx)
	if err != nil {
		return nil, err
	}
	if kind != websocket.MessageBinary || len(request) != wire.QueryRequestSize {
		return nil, errLength
	}
	return request, nil
}

// send writes a frame. A client whose connection takes none is as slow as one
// whose frames pile up.
func (s *Server) send(ctx context.Context, connection *websocket.Conn, frame []byte) error {
	limited, cancel := context.WithTimeout(ctx, s.config.Limits.WriteTimeout)
	defer cancel()
	err := connection.Write(limited, websocket.MessageBinary, frame)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return ErrSlow
	}
	return err
}

// closing tells the client why its stream ends.
func closing(err error) (websocket.StatusCode, string) {
	for _, known := range []struct {
		err  error
		code websocket.StatusCode
	}{
		{ErrUnreadable, websocket.StatusPolicyViolation},
		{ErrRefused, websocket.StatusPolicyViolation},
		{ErrEnded, websocket.StatusPolicyViolation},
		{errLength, websocket.StatusPolicyViolation},
		{ErrSlow, websocket.StatusTryAgainLater},
		{ErrBusy, websocket.StatusTryAgainLater},
		{ErrNotReady, websocket.StatusTryAgainLater},
		{context.Canceled, websocket.StatusGoingAway},
	} {
		if errors.Is(err, known.err) {
			return known.code, known.err.Error()
		}
	}
	return websocket.StatusInternalError, errServer.Error()
}
