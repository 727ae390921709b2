package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// query answers POST /v1/query: a sealed request in, a sealed answer out.
func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	request, err := readRequest(w, r)
	if err != nil {
		s.config.Metrics.refuse("length")
		s.refuse(w, http.StatusBadRequest, errLength)
		return
	}
	leave, err := s.enter(r.Context())
	if err != nil {
		s.config.Metrics.refuse("busy")
		s.refuseService(w, err)
		return
	}
	started := time.Now()
	answer, err := s.config.Service.Query(r.Context(), request)
	leave()
	s.config.Metrics.answered(time.Since(started), err)
	if err != nil {
		s.reportInternal(err)
		s.refuseService(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(answer)
}

// readRequest reads a body of exactly one request.
func readRequest(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength >= 0 && r.ContentLength != wire.QueryRequestSize {
		return nil, errLength
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.QueryRequestSize))
	if err != nil || len(body) != wire.QueryRequestSize {
		return nil, errLength
	}
	return body, nil
}

// enter waits for a place among the requests being worked on.
func (s *Server) enter(ctx context.Context) (leave func(), err error) {
	timeout := time.NewTimer(s.config.Limits.QueueTimeout)
	defer timeout.Stop()
	select {
	case s.places <- struct{}{}:
		return func() { <-s.places }, nil
	case <-timeout.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ErrBusy
	case <-s.ended.Done():
		return nil, ErrNotReady
	}
}

// reportInternal logs errors that clients are told nothing about.
func (s *Server) reportInternal(err error) {
	if _, reason := classify(err); errors.Is(reason, errServer) && !errors.Is(err, context.Canceled) {
		s.config.Log.Error("a request could not be answered", "error", err)
	}
}
