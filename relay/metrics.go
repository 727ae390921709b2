package relay

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// metrics count what the operator must know. I7: nothing by client, nothing of an envelope.
type metrics struct {
	accepting, queue, underWay, head, balance prometheus.Gauge
	envelopes, submissions                    *prometheus.CounterVec
	batches                                   prometheus.Counter
	cost, refunded                            prometheus.Counter

	registerer prometheus.Registerer
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "bitcloak_relay_" + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "bitcloak_relay_" + name, Help: help})
	}
	m := &metrics{
		registerer: registerer,
		accepting:  gauge("accepting", "1 while envelopes are taken."),
		queue:      gauge("queue", "Envelopes that wait for a batch."),
		underWay:   gauge("batches_under_way", "Batches sent and not yet in a finalised block."),
		head:       gauge("head_number", "The newest finalised block followed."),
		balance:    gauge("balance_cloak", "The account's balance on the chain, in CLOAK."),
		batches:    counter("batches_total", "Batches made."),
		cost:       counter("cost_cloak_total", "Fees paid, in CLOAK."),
		refunded:   counter("refunded_cloak_total", "Payouts to the account, in CLOAK."),
		envelopes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bitcloak_relay_envelopes_total",
			Help: "Envelopes by what became of them: taken, included, requeued, or why they were refused."}, []string{"outcome"}),
		submissions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bitcloak_relay_submissions_total",
			Help: "Batches handed to nodes, by the node's word: accepted, refused, failed, skipped."}, []string{"outcome"}),
	}
	for _, collector := range m.collectors() {
		if err := registerer.Register(collector); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.accepting, m.queue, m.underWay, m.head, m.balance, m.batches, m.cost, m.refunded, m.envelopes, m.submissions}
}

func (m *metrics) unregister() {
	for _, collector := range m.collectors() {
		m.registerer.Unregister(collector)
	}
}

func (m *metrics) setAccepting(accepting bool) {
	m.accepting.Set(map[bool]float64{false: 0, true: 1}[accepting])
}

// refuse counts a refusal by its cause.
func (m *metrics) refuse(err error) {
	for _, known := range []struct {
		err  error
		name string
	}{{api.ErrKnown, "known"}, {api.ErrOpening, "opening"}, {api.ErrBusy, "busy"}, {api.ErrFunds, "funds"}, {api.ErrChain, "chain"}, {api.ErrClosing, "closing"}} {
		if errors.Is(err, known.err) {
			m.envelopes.WithLabelValues(known.name).Inc()
		}
	}
}

// cloak is an amount for a gauge: metrics are floats, and exact figures are in the statistics.
func cloak(amount scale.U128) float64 {
	return (float64(amount.Hi)*(1<<64) + float64(amount.Lo)) / 1e12
}
