package api

import "github.com/prometheus/client_golang/prometheus"

// Metrics count requests beyond a limit and those waiting. No label holds an address or an envelope.
type Metrics struct {
	refusals *prometheus.CounterVec
	waiting  prometheus.Gauge

	registerer prometheus.Registerer
}

// NewMetrics registers the metrics.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		registerer: registerer,
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bitcloak_relay_refusals_total",
			Help: "Connections and requests beyond a limit."}, []string{"limit"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: "bitcloak_relay_waiting", Help: "Requests that wait for a ticket's end."}),
	}
	for _, collector := range m.collectors() {
		if err := registerer.Register(collector); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.refusals, m.waiting}
}

// Unregister gives the names free for another server of this process.
func (m *Metrics) Unregister() {
	for _, collector := range m.collectors() {
		m.registerer.Unregister(collector)
	}
}

func (m *Metrics) refuse(limit string) { m.refusals.WithLabelValues(limit).Inc() }
