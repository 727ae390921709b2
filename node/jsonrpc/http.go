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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.MaxRequestBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		s.observer.CallDone("unreadable", CodeOversizedRequest, 0)
		fault := errOversizedRequest(s.limits.MaxRequestBytes)
		s.write(w, http.StatusRequestEntityTooLarge, encodeResponse(nil, nil, fault, s.limits.MaxResponseBytes))
		return
	case err != nil:
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	out, _ := s.answer(r.Context(), caller{limiter: s.buckets.of(remoteHost(r.RemoteAddr))}, body)
	if out == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.write(w, http.StatusOK, out)
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
