package relay

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// Config of a relay. Nodes, Genesis and Account are required.
type Config struct {
	// Nodes take the batches, all of them each. The chain is followed through one, and through the next when that fails.
	Nodes []chain.Node
	// Genesis names the network.
	Genesis scale.Hash
	// Trusted and Store are the light client's (light.Config).
	Trusted *light.TrustedHeader
	Store   light.Store
	// Metadata is the runtime's, of version MetadataSpec; see chain.Config.
	Metadata     []byte
	MetadataSpec uint32
	// Account signs and pays. Nobody else should sign with it meanwhile.
	Account keys.Pair

	// Listen is the API's address; empty serves none.
	Listen  string
	API     api.Limits     // zero: api.DefaultLimits
	Origins []string       // of web pages that may call the API; nil: all
	Proxies []netip.Prefix // whose X-Forwarded-For is believed

	Interval      time.Duration // between two ticks; zero: DefaultInterval
	MaxBatch      int           // envelopes of a batch; zero: DefaultMaxBatch
	MaxBatchBytes int           // of a batch's envelopes; zero: DefaultMaxBatchBytes
	MaxUnderWay   int           // batches; zero: DefaultMaxUnderWay
	MaxQueue      int           // envelopes that wait for a batch; zero: DefaultMaxQueue
	// Reserve is the balance of CLOAK, in base units, below which no more envelopes are taken. It must cover the batches that
	// may be under way. Zero: DefaultReserve.
	Reserve scale.U128
	// RefuseOpenings refuses session openings: nobody refunds them.
	RefuseOpenings bool

	ResubmitAfter time.Duration // a batch that no block holds is handed in again; zero: DefaultResubmitAfter
	GapAfter      time.Duration // nonces before ours that nobody uses are taken; zero: DefaultGapAfter
	DrainTimeout  time.Duration // for what is under way when the relay is stopped; zero: DefaultDrainTimeout

	// Statistics is the file that keeps the totals of the last epochs; empty keeps them in memory.
	Statistics string

	Log        *slog.Logger          // nil: slog.Default()
	Registerer prometheus.Registerer // nil: metrics are kept to itself
	Now        func() time.Time      // nil: time.Now
	// Ticks replaces the interval's own ticks, for tests.
	Ticks <-chan time.Time
}

// Defaults of Config.
const (
	DefaultInterval      = 50 * time.Millisecond
	DefaultMaxBatch      = 512
	DefaultMaxBatchBytes = 256 << 10
	DefaultMaxUnderWay   = 32 // within the 64 that a node's pool lets wait behind a gap
	DefaultMaxQueue      = 16_384
	DefaultResubmitAfter = 3 * time.Second
	DefaultGapAfter      = 20 * time.Second
	DefaultDrainTimeout  = 15 * time.Second
)

// DefaultReserve is 15 CLOAK: 32 batches of 256 KiB cost about 9.
var DefaultReserve = scale.U128From(15_000_000_000_000)

// ErrConfig refuses a configuration.
var ErrConfig = errors.New("relay: the configuration is incomplete")

func (c *Config) complete() error {
	for _, required := range []struct {
		name  string
		given bool
	}{
		{"Nodes (see chain.DialRPC)", len(c.Nodes) > 0},
		{"Genesis (the hash of the network's first block)", c.Genesis != scale.Hash{}},
		{"Account", c.Account != nil},
	} {
		if !required.given {
			return fmt.Errorf("%w: set %s", ErrConfig, required.name)
		}
	}
	if c.API == (api.Limits{}) {
		c.API = api.DefaultLimits()
	}
	if err := c.API.Validate(); err != nil {
		return err
	}
	if c.Origins == nil {
		c.Origins = []string{"*"}
	}
	if c.Reserve.IsZero() {
		c.Reserve = DefaultReserve
	}
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{{&c.Interval, DefaultInterval}, {&c.ResubmitAfter, DefaultResubmitAfter}, {&c.GapAfter, DefaultGapAfter}, {&c.DrainTimeout, DefaultDrainTimeout}} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
		if *d.value < 0 {
			return fmt.Errorf("%w: times must be positive", ErrConfig)
		}
	}
	for _, n := range []struct {
		value          *int
		fallback, most int
	}{{&c.MaxBatch, DefaultMaxBatch, wire.MaxSubmitEnvelopes}, {&c.MaxBatchBytes, DefaultMaxBatchBytes, 2 << 20}, {&c.MaxUnderWay, DefaultMaxUnderWay, 64},
		{&c.MaxQueue, DefaultMaxQueue, 1 << 20}} {
		if *n.value == 0 {
			*n.value = n.fallback
		}
		if *n.value < 0 || *n.value > n.most {
			return fmt.Errorf("%w: %d is not between 1 and %d", ErrConfig, *n.value, n.most)
		}
	}
	if c.MaxBatchBytes < wire.MaxEnvelopeSize {
		return fmt.Errorf("%w: a batch must have room for an opening, %d bytes", ErrConfig, wire.MaxEnvelopeSize)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}
