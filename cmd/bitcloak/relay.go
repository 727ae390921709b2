package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/relay"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

// decimalsCLOAK are those of the network's own currency.
const decimalsCLOAK = 12

// relayFlags are the flags of `bitcloak relay`.
type relayFlags struct {
	nodes, origins, proxies                                         []string
	spec, genesis, data, listen, metrics, account, trusted, reserve string
	interval, drain                                                 time.Duration
	maxBatch                                                        int
	refuseOpenings                                                  bool
	perSecond                                                       float64
	logging                                                         logFlags
}

func newRelayCommand() *cobra.Command {
	var flags relayFlags
	command := &cobra.Command{
		Use:   "relay",
		Short: "Run a relay: carry traders' envelopes to the chain under one account",
		Long: `Takes sealed envelopes of traders and submits them in batches under the relay's own account, so that the traders' accounts appear
nowhere on the chain. It cannot read them. It pays the fees and is refunded at the start of the next epoch, by the accounts whose
commands name it, at cost: there is no profit in it. Session openings, garbage and replays are not refunded; see --refuse-openings
and --rate. 'bitcloak relay statistics' shows by epoch what was paid and refunded.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runRelay(command.Context(), &flags, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	set := command.Flags()
	set.StringSliceVar(&flags.nodes, "node", []string{"ws://127.0.0.1:9944"}, "URL of a node's JSON-RPC; may be repeated: all get the batches, the first that answers is followed")
	set.StringVar(&flags.spec, "chain-spec", "", "the network's chain spec file")
	set.StringVar(&flags.genesis, "genesis", "", "genesis hash of the network, instead of --chain-spec")
	set.StringVar(&flags.account, "account-file", "", "file with the secret URI of the account that pays; nobody else should sign with it")
	set.StringVar(&flags.listen, "listen", "127.0.0.1:9966", "address of the relay API, HOST:PORT")
	set.StringVar(&flags.metrics, "metrics", "", "address of Prometheus metrics, HOST:PORT (off by default)")
	set.DurationVar(&flags.interval, "interval", relay.DefaultInterval, "time between two batches")
	set.IntVar(&flags.maxBatch, "max-batch", relay.DefaultMaxBatch, "envelopes of a batch")
	set.StringVar(&flags.reserve, "reserve", wallet.FormatAmount(relay.DefaultReserve, decimalsCLOAK), "CLOAK below which nothing more is taken")
	set.BoolVar(&flags.refuseOpenings, "refuse-openings", false, "take no session openings: nobody refunds them")
	set.Float64Var(&flags.perSecond, "rate", api.DefaultLimits().EnvelopesPerSecond, "envelopes a second from one address; an opening counts as six")
	set.StringSliceVar(&flags.origins, "origin", nil, "origin of web pages that may call the API; may be repeated (default: all)")
	set.StringSliceVar(&flags.proxies, "trusted-proxy", nil, "address or prefix of a proxy whose X-Forwarded-For names the client; may be repeated")
	set.StringVar(&flags.trusted, "trusted-header", "", "HEIGHT:HASH of a recent consensus header you trust; needed where the relay was off for two weeks")
	set.DurationVar(&flags.drain, "drain", relay.DefaultDrainTimeout, "how long to wait at the end for what is under way")
	flags.logging.register(set)
	command.PersistentFlags().StringVar(&flags.data, "data", defaultDataDir("relay"), "folder for the last proven head and the statistics")
	command.AddCommand(newRelayStatisticsCommand(&flags))
	return command
}

func runRelay(ctx context.Context, flags *relayFlags, out, errorOut io.Writer) error {
	config, err := flags.config(errorOut)
	if err != nil {
		return err
	}
	defer config.Account.Wipe()
	for _, node := range config.Nodes {
		defer node.Close()
	}
	registry := prometheus.NewRegistry()
	config.Registerer = registry
	r, err := relay.Start(ctx, config)
	if err != nil {
		return err
	}
	stopMetrics, err := serveMetrics(flags.metrics, registry)
	if err != nil {
		return errors.Join(err, r.Close())
	}
	defer stopMetrics()
	fmt.Fprintf(out, "Bitcloak relay\n  account  %s\n  API      http://%s\n  follows  %s\n", wallet.Address(r.Account()), r.Address(), strings.Join(flags.nodes, ", "))
	<-ctx.Done()
	return r.Close()
}

func (f *relayFlags) config(errorOut io.Writer) (config relay.Config, err error) {
	limits := api.DefaultLimits()
	limits.EnvelopesPerSecond = f.perSecond
	config = relay.Config{Listen: f.listen, API: limits, Origins: f.origins, Interval: f.interval, MaxBatch: f.maxBatch, RefuseOpenings: f.refuseOpenings,
		DrainTimeout: f.drain, Metadata: runtime.Metadata(14), MetadataSpec: runtime.New(nil).Version().SpecVersion, Log: f.logging.logger(errorOut)}
	if config.Genesis, err = f.network(); err != nil {
		return config, err
	}
	if config.Trusted, err = parseTrustedHeader(f.trusted); err != nil {
		return config, err
	}
	if config.Reserve, err = wallet.ParseAmount(f.reserve, decimalsCLOAK); err != nil {
		return config, err
	}
	if config.Proxies, err = parseProxies(f.proxies); err != nil {
		return config, err
	}
	if err := os.MkdirAll(f.data, 0o700); err != nil {
		return config, fmt.Errorf("the data folder %s cannot be made: %w; choose another with --data", f.data, err)
	}
	config.Store, config.Statistics = light.NewFileStore(filepath.Join(f.data, "head")), f.statistics()
	if f.account == "" {
		return config, usagef("name the file with the relay's secret URI: --account-file FILE")
	}
	secret, err := os.ReadFile(f.account)
	if err != nil {
		return config, fmt.Errorf("the relay's secret cannot be read: %w; name a file with --account-file", err)
	}
	defer clear(secret)
	if config.Account, err = pairFromSURI(strings.TrimSpace(string(secret))); err != nil {
		return config, err
	}
	for _, url := range f.nodes {
		config.Nodes = append(config.Nodes, chain.DialRPC(url))
	}
	return config, nil
}

// network is the genesis hash to trust.
func (f *relayFlags) network() (scale.Hash, error) {
	switch {
	case (f.spec == "") == (f.genesis == ""):
		return scale.Hash{}, usagef("name the network: either --chain-spec FILE or --genesis HASH")
	case f.genesis != "":
		genesis, err := scale.ParseHash(f.genesis)
		if err != nil {
			return genesis, usagef("--genesis: %w", err)
		}
		return genesis, nil
	}
	spec, err := chainspec.ReadFile(f.spec)
	if err != nil {
		return scale.Hash{}, err
	}
	return genesisOf(spec)
}

func (f *relayFlags) statistics() string { return filepath.Join(f.data, "statistics.json") }

func newRelayStatisticsCommand(flags *relayFlags) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "statistics",
		Short: "Show by epoch what the relay has carried, paid and got back",
		Long: `Reads the statistics that a relay keeps in its data folder; they are written every half minute. What is refunded in an epoch was carried in
the ones before. A share far below 100 percent of the epoch before comes of openings, garbage and envelopes that name another relay.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			epochs, err := relay.ReadStatistics(flags.statistics())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(command.OutOrStdout()).Encode(epochs)
			}
			return printStatistics(command.OutOrStdout(), epochs)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON, amounts in base units")
	return command
}

func printStatistics(out io.Writer, epochs []relay.EpochStatistics) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "EPOCH\tENVELOPES\tBATCHES\tCOST CLOAK\tREFUNDED CLOAK")
	for _, e := range epochs {
		fmt.Fprintf(table, "%d\t%d\t%d\t%s\t%s\n", e.Epoch, e.Envelopes, e.Batches, wallet.FormatAmount(e.Cost, decimalsCLOAK), wallet.FormatAmount(e.Refunded, decimalsCLOAK))
	}
	return table.Flush()
}
