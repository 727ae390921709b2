package worker

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/light"
)

// metrics tell how far the worker is and what it refused. I7: they count what an
// outsider can count too, messages and checkpoints; never commands by kind,
// outcomes, orders or fills.
type metrics struct {
	head, checkpoint, committed prometheus.Gauge
	ready, pending, saved       prometheus.Gauge
	messages                    prometheus.Counter
	duration                    prometheus.Histogram
	refused, snapshots, sent    *prometheus.CounterVec
	published, handovers        *prometheus.CounterVec

	unregister func()
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "bitcloak_worker_" + name, Help: help})
	}
	counters := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bitcloak_worker_" + name, Help: help}, []string{label})
	}
	m := &metrics{
		head:       gauge("head_number", "The newest finalised block followed."),
		checkpoint: gauge("checkpoint_index", "The last checkpoint finished."),
		committed:  gauge("committed_index", "The last checkpoint whose commit the chain has accepted."),
		ready:      gauge("ready", "1 when the worker has caught up with the chain."),
		pending:    gauge("pending_commits", "Commits signed and not yet accepted by the chain."),
		saved:      gauge("snapshot_checkpoint", "The checkpoint of the last snapshot written."),
		messages:   prometheus.NewCounter(prometheus.CounterOpts{Name: "bitcloak_worker_messages_total", Help: "Inbox messages applied."}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "bitcloak_worker_checkpoint_seconds",
			Help: "Time from a checkpoint's messages to its signed commit.", Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 14)}),
		refused:   counters("refused_answers_total", "Answers of the node that were refused, by the reason's name.", "cause"),
		snapshots: counters("snapshots_total", "Snapshots by outcome: written, failed, refused.", "outcome"),
		sent:      counters("submissions_total", "Extrinsics handed to the node, by kind and outcome.", "outcome"),
		published: counters("published_total", "Published snapshots by outcome: sealed, failed, stored.", "outcome"),
		handovers: counters("handovers_total", "Requests for the contract's seed by outcome: given, refused.", "outcome"),
	}
	collectors := []prometheus.Collector{m.head, m.checkpoint, m.committed, m.ready, m.pending, m.saved, m.messages,
		m.duration, m.refused, m.snapshots, m.sent, m.published, m.handovers}
	m.unregister = func() {
		for _, c := range collectors {
			registerer.Unregister(c)
		}
	}
	for _, c := range collectors {
		if err := registerer.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) applied(messages int, checkpoint uint64, pending int, took time.Duration) {
	m.messages.Add(float64(messages))
	m.checkpoint.Set(float64(checkpoint))
	m.pending.Set(float64(pending))
	m.duration.Observe(took.Seconds())
}

func (m *metrics) followed(s *chainState, pending int) {
	m.head.Set(float64(s.head.Number))
	m.pending.Set(float64(pending))
	if s.last.Some {
		m.committed.Set(float64(s.last.Value.Checkpoint))
	}
}

func (m *metrics) setReady(ready bool) {
	m.ready.Set(map[bool]float64{false: 0, true: 1}[ready])
}

func (m *metrics) snapshot(outcome string) { m.snapshots.WithLabelValues(outcome).Inc() }

func (m *metrics) publication(outcome string) { m.published.WithLabelValues(outcome).Inc() }

func (m *metrics) handover(err error) {
	m.handovers.WithLabelValues(map[bool]string{true: "given", false: "refused"}[err == nil]).Inc()
}

func (m *metrics) submitted(outcome string) { m.sent.WithLabelValues(outcome).Inc() }

// refusalNames are the labels of refused answers.
var refusalNames = []struct {
	err  error
	name string
}{
	{light.ErrMalformed, "malformed"}, {light.ErrChainID, "chain_id"}, {light.ErrForgedHeader, "forged_header"},
	{light.ErrValidatorSet, "validator_set"}, {light.ErrPower, "power"}, {light.ErrSignature, "signature"},
	{light.ErrFuture, "future"}, {light.ErrTime, "time"}, {light.ErrRollback, "rollback"}, {light.ErrFork, "fork"},
	{light.ErrGenesis, "genesis"}, {light.ErrProof, "proof"}, {light.ErrState, "state"}, {light.ErrInboxCount, "inbox_count"},
	{light.ErrInboxHash, "inbox_hash"}, {light.ErrInboxRollback, "inbox_rollback"}, {light.ErrCheckpoint, "checkpoint"},
}

func (m *metrics) refuse(err error) {
	for _, known := range refusalNames {
		if errors.Is(err, known.err) {
			m.refused.WithLabelValues(known.name).Inc()
			return
		}
	}
}
