package jsonrpc

import (
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
)

// ServeHTTP takes calls by POST, WebSocket upgrades, CORS preflights, and GET /health.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.access.check(w, r) {
		return
	}
	switch {
	case r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		s.serveWebSocket(w, r)
	case r.Method == http.MethodPost:
		s.servePost(w, r)
	case r.Method == http.MethodOptions:
		w.Header().Set("Access-Control-Allow-Methods", "POST")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.Header().Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && r.URL.Path == "/health":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"health":true}`)
	default:
		w.Header().Set("Allow", "POST, OPTIONS")
		http.Error(w, "send JSON-RPC calls by POST, or connect with a WebSocket", http.StatusMethodNotAllowed)
	}
}

// servePost answers one body. A content type other than JSON is refused: pages may send others without asking first.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "the content type must be application/json", http.StatusUnsupportedMediaType)
		return
	}
	host := remoteHost(r.RemoteAddr)
	held := charge{budget: s.budget, host: host, free: freeRequestBytes}
	defer held.hold(0)
	switch declared := r.ContentLength; {
	case declared > int64(s.limits.MaxRequestBytes):
		s.refuseTooLarge(w)
		return
	case declared > freeRequestBytes && !s.budget.fits(host, int(declared)):
		s.refuseBusy(w)
		return
	}
	body, err := held.readAll(http.MaxBytesReader(w, r.Body, int64(s.limits.MaxRequestBytes)+1), s.limits.MaxRequestBytes)
	switch {
	case errors.Is(err, errTooLarge):
		s.refuseTooLarge(w)
		return
	case errors.Is(err, errBudget):
		s.refuseBusy(w)
		return
	case err != nil:
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	out, _ := s.answer(r.Context(), caller{limiter: s.calls.of(host), held: &held}, body)
	switch {
	case out == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	case !held.hold(len(out)): // the body is not needed any more
		s.refuseBusy(w)
		return
	}
	s.write(w, http.StatusOK, out)
}

func (s *Server) refuseTooLarge(w http.ResponseWriter) {
	s.observer.CallDone("unreadable", CodeOversizedRequest, 0)
	fault := errOversizedRequest(s.limits.MaxRequestBytes)
	s.write(w, http.StatusRequestEntityTooLarge, encodeResponse(nil, nil, fault, s.limits.MaxResponseBytes))
}

// refuseBusy answers what the budget has no room for.
func (s *Server) refuseBusy(w http.ResponseWriter) {
	s.observer.ConnectionRefused("held_bytes")
	s.write(w, http.StatusServiceUnavailable, encodeResponse(nil, nil, errBusy, s.limits.MaxResponseBytes))
}

func (s *Server) write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		s.log.Debug("RPC client left before its answer", "error", err)
	}
}

// remoteHost is the address without its port.
func remoteHost(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
