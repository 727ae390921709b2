// Package metrics is the node's figures for Prometheus, in a registry of its own: nothing that a library registers
// globally is served.
package metrics

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "bitcloak"

// Metrics are the node's figures. It is also the observer of the RPC server.
type Metrics struct {
	registry *prometheus.Registry

	blocks       prometheus.Counter
	transactions prometheus.Counter
	checkpoints  prometheus.Counter
	calls        *prometheus.HistogramVec
	failures     *prometheus.CounterVec
	connections  prometheus.Gauge
	streams      prometheus.Gauge
	refused      *prometheus.CounterVec
}

// New makes the figures.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	m.blocks = counter("blocks_total", "Substrate blocks committed by this process.")
	m.transactions = counter("transactions_total", "Transactions in committed blocks, inherents left out.")
	m.checkpoints = counter("checkpoints_total", "Checkpoints among the committed blocks.")
	m.connections = gauge("rpc_connections", "Open RPC connections.")
	m.streams = gauge("rpc_subscriptions", "Open RPC subscriptions.")
	m.calls = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "rpc_call_seconds",
		Help: "Duration of RPC calls.", Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9)}, []string{"method"})
	m.failures = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "rpc_errors_total",
		Help: "RPC calls that failed, by error code."}, []string{"method", "code"})
	m.refused = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "rpc_refused_total",
		Help: "RPC connections closed because of a limit."}, []string{"reason"})
	m.registry.MustRegister(m.calls, m.failures, m.refused, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Watch adds a figure that is read when it is asked for.
func (m *Metrics) Watch(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, read))
}

// BlockCommitted counts a Substrate block.
func (m *Metrics) BlockCommitted(transactions int, checkpoint bool) {
	m.blocks.Inc()
	m.transactions.Add(float64(transactions))
	if checkpoint {
		m.checkpoints.Inc()
	}
}

// CallDone implements jsonrpc.Observer.
func (m *Metrics) CallDone(method string, code int, took time.Duration) {
	m.calls.WithLabelValues(method).Observe(took.Seconds())
	if code != 0 {
		m.failures.WithLabelValues(method, strconv.Itoa(code)).Inc()
	}
}

// ConnectionsChanged implements jsonrpc.Observer.
func (m *Metrics) ConnectionsChanged(delta int) { m.connections.Add(float64(delta)) }

// SubscriptionsChanged implements jsonrpc.Observer.
func (m *Metrics) SubscriptionsChanged(delta int) { m.streams.Add(float64(delta)) }

// ConnectionRefused implements jsonrpc.Observer.
func (m *Metrics) ConnectionRefused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Server serves the figures at /metrics.
type Server struct {
	http     *http.Server
	listener net.Listener
}

// Serve starts a server of the figures.
func (m *Metrics) Serve(address string) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	s := &Server{listener: listener, http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 15 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10}}
	go func() { _ = s.http.Serve(listener) }() // ends with Close
	return s, nil
}

// Address is where the figures are served.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close stops serving.
func (s *Server) Close() error {
	if err := s.http.Close(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
