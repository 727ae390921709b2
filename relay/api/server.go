package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/bitcloak/bitcloak/clients"
)

// maxHeaderBytes bounds a request's header.
const maxHeaderBytes = 8 << 10

// Config of a server.
type Config struct {
	Service Service
	Limits  Limits
	// Origins may call from web pages: "*" (every page; requests are sealed and carry no cookies) or exact origins.
	Origins []string
	// Proxies stand before the relay and name its clients in X-Forwarded-For.
	Proxies clients.Proxies
	Log     *slog.Logger
	Metrics *Metrics
}

// Server serves one relay.
type Server struct {
	config    Config
	requests  *clients.Rates
	envelopes *clients.Rates
	waiting   chan struct{} // of MaxWaiting requests
	http      *http.Server
	ended     context.Context
	end       context.CancelFunc
}

// New makes a server; Serve starts it.
func New(config Config) (*Server, error) {
	l := config.Limits
	if err := l.Validate(); err != nil {
		return nil, err
	}
	s := &Server{
		config:    config,
		requests:  clients.NewRates(l.RequestsPerSecond, l.RequestBurst),
		envelopes: clients.NewRates(l.EnvelopesPerSecond, l.EnvelopeBurst),
		waiting:   make(chan struct{}, l.MaxWaiting),
	}
	s.ended, s.end = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: l.HeaderTimeout,
		ReadTimeout:       l.HeaderTimeout + l.BodyTimeout,
		WriteTimeout:      l.HeaderTimeout + l.BodyTimeout + l.WaitTimeout + l.WriteTimeout,
		IdleTimeout:       l.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // its lines name clients' addresses
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

// Close ends what waits at once, and other requests within the context's time.
func (s *Server) Close(ctx context.Context) error {
	s.end()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.config.Metrics.Unregister()
	return err
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/envelopes", s.post)
	mux.HandleFunc("GET /v1/tickets/{id}", s.ticket)
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.config.Service.Status()) })
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, errPath) })
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
				refuse(w, http.StatusForbidden, errOrigin)
				return
			}
			header.Set("Access-Control-Allow-Origin", origin)
			header.Add("Vary", "Origin")
		}
		if !s.requests.Allow(s.config.Proxies.Client(r), time.Now(), 1) {
			s.config.Metrics.refuse("requests")
			refuse(w, http.StatusTooManyRequests, errRequests)
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
func refuse(w http.ResponseWriter, status int, reason error) {
	writeJSON(w, status, map[string]string{"error": reason.Error()})
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

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if status := s.config.Service.Status(); !status.Accepting {
		refuse(w, http.StatusServiceUnavailable, errors.New(status.Reason))
		return
	}
	writeJSON(w, http.StatusOK, map[string]bool{"ready": true})
}
