package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/clients"
)

// maxHeaderBytes bounds a request's header.
const maxHeaderBytes = 8 << 10

// Config of a server.
type Config struct {
	Service Service
	Limits  Limits
	// Origins may call from web pages: "*" (every page; requests are sealed and
	// carry no cookies, so no page can misuse a visitor) or exact origins.
	Origins []string
	// Proxies are the reverse proxies whose X-Forwarded-For counts.
	Proxies clients.Proxies
	Log     *slog.Logger
	Metrics *Metrics
}

// Server serves one worker.
type Server struct {
	config  Config
	rates   *clients.Rates
	places  chan struct{} // of MaxConcurrent requests
	streams chan struct{} // of MaxStreams streams
	http    *http.Server
	running sync.WaitGroup // streams, which http.Server does not wait for
	ended   context.Context
	end     context.CancelFunc
}

// New makes a server; Serve starts it.
func New(config Config) (*Server, error) {
	if err := config.Limits.validate(); err != nil {
		return nil, err
	}
	l := config.Limits
	s := &Server{
		config:  config,
		rates:   clients.NewRates(l.RequestsPerSecond, l.RequestBurst),
		places:  make(chan struct{}, l.MaxConcurrent),
		streams: make(chan struct{}, l.MaxStreams),
	}
	s.ended, s.end = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: l.HeaderTimeout,
		ReadTimeout:       l.HeaderTimeout + l.BodyTimeout,
		WriteTimeout:      l.HeaderTimeout + l.BodyTimeout + l.QueueTimeout + l.WriteTimeout,
		IdleTimeout:       l.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Serve accepts connections until Close.
func (s *Server) Serve(listener net.Listener) error {
	bounded := clients.Listen(listener, clients.Connections{Max: s.config.Limits.MaxConnections, MaxPerIP: s.config.Limits.MaxConnectionsPerIP,
		Proxies: s.config.Proxies, Refused: func() { s.config.Metrics.refuse("connections") }})
	if err := s.http.Serve(bounded); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends streams at once and requests within the context's time.
func (s *Server) Close(ctx context.Context) error {
	s.end()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.running.Wait()
	s.config.Metrics.Unregister()
	return err
}

// handler routes requests.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/query", s.query)
	mux.HandleFunc("GET /v1/stream", s.stream)
	mux.HandleFunc("POST /v1/handover", s.handover)
	mux.HandleFunc("GET /v1/status", s.status)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, http.StatusNotFound, errMethod) })
	return s.admit(mux)
}

// admit applies what holds for all paths: origins, preflight, rates.
func (s *Server) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		if origin := r.Header.Get("Origin"); origin != "" {
			if !s.allowsOrigin(origin) {
				s.refuse(w, http.StatusForbidden, errOrigin)
				return
			}
			header.Set("Access-Control-Allow-Origin", origin)
			header.Add("Vary", "Origin")
		}
		if !s.rates.Allow(s.config.Proxies.Client(r), time.Now(), 1) {
			s.config.Metrics.refuse("rate")
			s.refuse(w, http.StatusTooManyRequests, errRate)
			return
		}
		if r.Method == http.MethodOptions {
			header.Set("Access-Control-Allow-Methods", "GET, POST")
			header.Set("Access-Control-Allow-Headers", "Content-Type")
			header.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) allowsOrigin(origin string) bool {
	for _, allowed := range s.config.Origins {
		if allowed == "*" || allowed == origin {
			return true
		}
	}
	return false
}

// refuse is the only shape of a refusal: {"error": "..."}.
func (s *Server) refuse(w http.ResponseWriter, status int, reason error) {
	writeJSON(w, status, map[string]string{"error": reason.Error()})
}

// refuseService maps a service's error; what has no text of its own gets none.
func (s *Server) refuseService(w http.ResponseWriter, err error) {
	status, reason := classify(err)
	s.refuse(w, status, reason)
}

func classify(err error) (status int, reason error) {
	for _, known := range []struct {
		err    error
		status int
	}{
		{ErrUnreadable, http.StatusBadRequest},
		{ErrRequest, http.StatusBadRequest},
		{ErrRefused, http.StatusForbidden},
		{ErrHandover, http.StatusForbidden},
		{ErrNoHandover, http.StatusForbidden},
		{ErrTooOften, http.StatusTooManyRequests},
		{ErrNotReady, http.StatusServiceUnavailable},
		{ErrBusy, http.StatusServiceUnavailable},
	} {
		if errors.Is(err, known.err) {
			return known.status, known.err
		}
	}
	return http.StatusInternalServerError, errServer
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	encoded, err := json.Marshal(value)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded, '\n'))
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.config.Service.Status())
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if !s.config.Service.Status().Ready {
		s.refuse(w, http.StatusServiceUnavailable, ErrNotReady)
		return
	}
	writeJSON(w, http.StatusOK, map[string]bool{"ready": true})
}
