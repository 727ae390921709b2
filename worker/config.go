package worker

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker/api"
)

// Config of a worker. Instance, Node, DataDir, Backend and Verifier are required.
type Config struct {
	// Instance is the network, by its genesis hash, and the contract.
	Instance wire.Instance
	// Node serves the chain; DialNode makes one from a URL. One that is an io.Closer
	// is closed with the worker; one that is a BlobStore keeps published snapshots.
	Node Node
	// Trusted is a recent CometBFT header to trust; nil trusts the genesis hash.
	Trusted        *light.TrustedHeader
	TrustingPeriod time.Duration // zero: light.DefaultTrustingPeriod
	// DataDir holds the sealed keys and snapshots; it is made if need be.
	DataDir string
	// Listen is the API's address, such as "127.0.0.1:9955"; empty serves none.
	Listen string

	// Backend is the trusted hardware, Verifier checks evidence of its kind.
	Backend  attest.Backend
	Verifier attest.Verifier
	// Operator signs and pays the registration; nil leaves it to somebody else.
	Operator keys.Pair
	// Seed provisions the contract's first seed in a new data folder. Replicas are the
	// URLs of live workers of the same contract, asked for their seed by a worker whose
	// data folder has no state. Development networks alone allow either. Without both, a
	// new data folder gets a seed of its own.
	Seed     *seal.Seed
	Replicas []string

	Contract contract.Limits // zero: contract.DefaultLimits
	API      api.Limits      // zero: api.DefaultLimits
	Origins  []string        // of web pages that may call the API; nil: all
	Proxies  []netip.Prefix  // reverse proxies whose X-Forwarded-For counts

	// A snapshot is written when SnapshotInterval has passed since the last, at each
	// new epoch, and at the end. Zero: a minute.
	SnapshotInterval time.Duration
	// StartTimeout is how long Start waits for a node that cannot be reached. Zero: 30 s.
	StartTimeout time.Duration

	Log        *slog.Logger          // nil: slog.Default()
	Registerer prometheus.Registerer // nil: metrics are kept to itself
	Now        func() time.Time      // nil: time.Now
}

// Defaults of Config.
const (
	DefaultSnapshotInterval = time.Minute
	DefaultStartTimeout     = 30 * time.Second
)

// complete checks a configuration and fills in the defaults.
func (c *Config) complete() error {
	for _, required := range []struct {
		name  string
		given bool
	}{
		{"Instance.Genesis (the hash of the network's first block)", c.Instance.Genesis != wire.Hash{}},
		{"Node (see DialNode)", c.Node != nil},
		{"DataDir", c.DataDir != ""},
		{"Backend", c.Backend != nil},
		{"Verifier", c.Verifier != nil},
	} {
		if !required.given {
			return fmt.Errorf("%w: set %s", ErrConfig, required.name)
		}
	}
	if c.Verifier.Kind() != c.Backend.Kind() {
		return fmt.Errorf("%w: Verifier checks %s, Backend makes %s", ErrConfig, c.Verifier.Kind(), c.Backend.Kind())
	}
	if c.Seed != nil && len(c.Replicas) > 0 {
		return fmt.Errorf("%w: give a seed or replicas to get it from, not both", ErrConfig)
	}
	if c.API == (api.Limits{}) {
		c.API = api.DefaultLimits()
	}
	if c.Origins == nil {
		c.Origins = []string{"*"}
	}
	if c.SnapshotInterval == 0 {
		c.SnapshotInterval = DefaultSnapshotInterval
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = DefaultStartTimeout
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
