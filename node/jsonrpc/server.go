package jsonrpc

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers the methods of a registry.
type Server struct {
	registry *Registry
	limits   Limits
	access   Access
	observer Observer
	log      *slog.Logger
	known    map[string]bool // method names that are registered

	http     *http.Server
	listener net.Listener
	calls    *buckets // by address
	notices  *buckets // by address
	budget   *budget
	running  chan struct{} // has an element for each call that runs
	streams  atomic.Int64  // subscriptions in all

	stop     context.CancelFunc // ends every session
	stopping context.Context
	sessions sync.WaitGroup
}

// Options configure a server; Registry is required, the zero value of the others means the defaults.
type Options struct {
	Registry *Registry
	Limits   *Limits
	Access   *Access
	Observer Observer
	Log      *slog.Logger
}

// NewServer checks the options.
func NewServer(options Options) (*Server, error) {
	s := &Server{registry: options.Registry, limits: DefaultLimits(), access: DefaultAccess(), observer: options.Observer,
		log: options.Log, known: map[string]bool{}}
	if options.Limits != nil {
		s.limits = *options.Limits
	}
	if options.Access != nil {
		s.access = *options.Access
	}
	if s.observer == nil {
		s.observer = Unobserved{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.registry == nil {
		return nil, errors.New("jsonrpc: a server needs a registry of methods")
	}
	if err := s.limits.validate(); err != nil {
		return nil, err
	}
	for _, name := range s.registry.Names() {
		s.known[name] = true
	}
	s.calls = newBuckets(s.limits.CallsPerSecond, s.limits.CallBurst)
	s.notices = newBuckets(s.limits.NotificationsPerSecond, max(1, int(s.limits.NotificationsPerSecond)))
	s.budget = newBudget(s.limits.MaxHeldBytes)
	s.running = make(chan struct{}, s.limits.MaxConcurrentCalls)
	s.stopping, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Start listens on address ("127.0.0.1:0" picks a free port) and serves in the background.
func (s *Server) Start(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s.listener = newLimitedListener(listener, s)
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.limits.HeaderTimeout,
		ReadTimeout:       s.limits.BodyTimeout,
		WriteTimeout:      s.limits.CallTimeout + s.limits.WriteTimeout,
		IdleTimeout:       s.limits.IdleTimeout,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("RPC server stopped", "error", err)
		}
	}()
	return nil
}

// Address is where the server listens, with the port that was picked.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close stops listening, ends every session, waits for calls under way, and gives up after the grace period.
func (s *Server) Close(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	ended := make(chan struct{})
	go func() {
		s.sessions.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	return err
}
