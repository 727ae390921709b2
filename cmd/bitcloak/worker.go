package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// workerFlags are the flags of `bitcloak worker`.
type workerFlags struct {
	spec, node, data, listen, metrics, operatorFile, trustedHeader, seedFile string

	number            uint32
	snapshotInterval  time.Duration
	origins, replicas []string
	proxies           []string
	logging           logFlags
}

func newWorkerCommand() *cobra.Command {
	var flags workerFlags
	command := &cobra.Command{
		Use:   "worker",
		Short: "Run a worker: follow the chain, run the confidential contract, answer its traders",
		Long: `Runs the process that decrypts, matches and settles. It trusts nothing of the node but what it can verify: it computes the
network's genesis hash from the chain spec and checks every header, proof and message from there on.
The only attestation built so far is simulated; a chain spec that is not of type Development refuses it.

All workers of a contract share its seed. The first ones are provisioned with it (--seed-file); one that comes later, or that
lost its disk, gets it from a live one and the state from the snapshot that the chain has announced (--replica). Both are
refused but on a development network. Without either, a new data folder draws a seed: right for a single worker only.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runWorker(command.Context(), &flags, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	set := command.Flags()
	set.StringVar(&flags.spec, "chain-spec", "", "the network's chain spec file")
	set.StringVar(&flags.node, "node", "ws://127.0.0.1:9944", "URL of a node's JSON-RPC")
	set.StringVar(&flags.data, "data", defaultDataDir("worker"), "folder for sealed keys and snapshots")
	set.StringVar(&flags.listen, "listen", "127.0.0.1:9955", "address of the worker API, HOST:PORT")
	set.StringVar(&flags.metrics, "metrics", "", "address of Prometheus metrics, HOST:PORT (off by default)")
	set.StringVar(&flags.operatorFile, "operator-file", "", "file with the secret URI of the account that pays for the registration (default: it is registered by somebody else)")
	set.StringVar(&flags.trustedHeader, "trusted-header", "", "HEIGHT:HASH of a recent consensus header you trust; needed where the worker was off for two weeks")
	set.StringVar(&flags.seedFile, "seed-file", "", "file with the contract's first seed, 32 bytes in hexadecimal, readable by you alone; used in a new data folder (development networks only)")
	set.StringSliceVar(&flags.replicas, "replica", nil, "URL of a live worker that hands the seed over when the data folder has no state; may be repeated (development networks only)")
	set.Uint32Var(&flags.number, "simulated-number", 0, "number of the simulated platform, 0 to 7")
	set.StringSliceVar(&flags.origins, "origin", nil, "origin of web pages that may call the API; may be repeated (default: all)")
	set.StringSliceVar(&flags.proxies, "trusted-proxy", nil, "addresses of a reverse proxy, such as 10.0.0.0/24: limits then count for whom its X-Forwarded-For names; may be repeated")
	set.DurationVar(&flags.snapshotInterval, "snapshot-interval", worker.DefaultSnapshotInterval, "how often the state is written to the disk, sealed")
	flags.logging.register(set)
	_ = command.MarkFlagRequired("chain-spec")
	return command
}

func runWorker(ctx context.Context, flags *workerFlags, out, errorOut io.Writer) error {
	config, err := flags.config(errorOut)
	if err != nil {
		return err
	}
	if config.Operator != nil {
		defer config.Operator.Wipe()
	}
	if config.Seed != nil {
		defer config.Seed.Wipe()
	}
	registry := prometheus.NewRegistry()
	config.Registerer = registry
	w, err := worker.Start(ctx, config)
	if err != nil {
		return err
	}
	stopMetrics, err := serveMetrics(flags.metrics, registry)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	defer stopMetrics()
	public := w.Public()
	fmt.Fprintf(out, "Bitcloak worker\n  key      0x%s\n  API      http://%s\n  follows  %s\n", hex.EncodeToString(public[:]), w.Address(), flags.node)
	select {
	case <-ctx.Done():
		return w.Close()
	case <-w.Done():
		return errors.Join(w.Err(), w.Close())
	}
}

func (f *workerFlags) config(errorOut io.Writer) (config worker.Config, err error) {
	spec, err := chainspec.ReadFile(f.spec)
	if err != nil {
		return config, err
	}
	genesis, err := genesisOf(spec)
	if err != nil {
		return config, err
	}
	if err := os.MkdirAll(f.data, 0o700); err != nil {
		return config, fmt.Errorf("the data folder %s cannot be made: %w; choose another with --data", f.data, err)
	}
	config = worker.Config{Instance: wire.Instance{Genesis: genesis}, Node: worker.DialNode(f.node), DataDir: f.data, Listen: f.listen,
		Origins: f.origins, Replicas: f.replicas, SnapshotInterval: f.snapshotInterval, Log: f.logging.logger(errorOut)}
	if config.Proxies, err = parseProxies(f.proxies); err != nil {
		return config, err
	}
	if config.Trusted, err = parseTrustedHeader(f.trustedHeader); err != nil {
		return config, err
	}
	if config.Backend, config.Verifier, err = simulatedAttestation(f.data, spec.ChainType, f.number); err != nil {
		return config, err
	}
	if config.Seed, err = readSeedFile(f.seedFile); err != nil {
		return config, err
	}
	if f.operatorFile == "" {
		return config, nil
	}
	secret, err := os.ReadFile(f.operatorFile)
	if err != nil {
		return config, fmt.Errorf("the operator's secret cannot be read: %w; name a file with --operator-file", err)
	}
	defer clear(secret)
	config.Operator, err = pairFromSURI(strings.TrimSpace(string(secret)))
	return config, err
}

// parseProxies reads prefixes, or single addresses.
func parseProxies(texts []string) (proxies []netip.Prefix, err error) {
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if address, alone := netip.ParseAddr(text); alone == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, usagef("%q is no address and no range of addresses; write --trusted-proxy 10.0.0.7 or 10.0.0.0/24", text)
		}
		proxies = append(proxies, prefix.Masked())
	}
	return proxies, nil
}

// serveMetrics serves a registry until the returned function is called; an empty address serves none.
func serveMetrics(address string, registry *prometheus.Registry) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w; choose another address with --metrics", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}
