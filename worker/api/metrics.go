package api

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count requests by public outcomes. I7: no label and no value depends
// on a secret: what a query asks, and of which account, is not counted.
type Metrics struct {
	queries  *prometheus.CounterVec
	duration prometheus.Histogram
	refusals *prometheus.CounterVec
	streams  prometheus.Gauge

	registerer prometheus.Registerer
}

// NewMetrics registers the metrics.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		registerer: registerer,
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bitcloak_worker_queries_total",
			Help: "Sealed queries by outcome: answered (a sealed refusal too) or failed."}, []string{"outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "bitcloak_worker_query_seconds",
			Help: "Time to open, answer and seal a query.", Buckets: prometheus.ExponentialBuckets(0.0002, 2, 14)}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bitcloak_worker_refusals_total",
			Help: "Connections and requests beyond a limit."}, []string{"limit"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "bitcloak_worker_streams",
			Help: "Open streams."}),
	}
	for _, collector := range m.collectors() {
		if err := registerer.Register(collector); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.queries, m.duration, m.refusals, m.streams}
}

// Unregister gives the names free for another server of this process.
func (m *Metrics) Unregister() {
	for _, collector := range m.collectors() {
		m.registerer.Unregister(collector)
	}
}

func (m *Metrics) answered(took time.Duration, err error) {
	outcome := "answered"
	switch {
	case err == nil:
	case errors.Is(err, ErrUnreadable), errors.Is(err, ErrNotReady):
		outcome = "refused"
	default:
		outcome = "failed"
	}
	m.queries.WithLabelValues(outcome).Inc()
	m.duration.Observe(took.Seconds())
}

func (m *Metrics) refuse(limit string) { m.refusals.WithLabelValues(limit).Inc() }

func (m *Metrics) streaming(change float64) { m.streams.Add(change) }
