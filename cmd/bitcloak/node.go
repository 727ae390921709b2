package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// defaultSnapshotInterval is some twenty minutes under load, an hour and a half at rest.
const defaultSnapshotInterval = 10_000

func newNodeCommand() *cobra.Command {
	var file, specFile, trusted string
	var config node.Config
	var logging logFlags
	command := &cobra.Command{
		Use:   "node",
		Short: "Run a node: the chain, its store and its JSON-RPC",
		Long: `Runs a node of a network. It is a validator if the key in its data folder is one of the chain spec's, otherwise a full node that
follows and serves the chain.

Its peers are named, with --peer or in --config; of two nodes it suffices that one names the other. Peers do not tell each other of
further peers unless --peer-exchange asks for it: a private network stays among the nodes it names. Up to 32 others may connect, one
from each address unless all is on one machine; for peers that are named by --peer or --known-peer there is always room, and with
--only-known-peers there is room for no others.

A new node executes every block from the first one on. With --state-sync it begins with the state of a recent block, which it gets
from its peers in pieces and checks against a header that it proves from --trusted-header; it then has no older blocks and no older
messages to the confidential contract, and says so when it is asked for them. Peers offer such states if they run with
--snapshot-interval, which should last longer than a state takes to send: several minutes at least.

--config names a file with the same settings, as 'bitcloak testnet' writes it; flags go before it:
  {"chainSpec": "...", "data": "...", "rpc": "...", "p2p": "...", "p2pExternal": "...", "peers": [...], "knownPeers": [...],
   "onlyKnownPeers": false, "peerExchange": false, "seeds": [...], "metrics": "...", "snapshotInterval": 10000, "archive": false}`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := completeNode(command, file, &specFile, trusted, &config); err != nil {
				return err
			}
			spec, err := chainspec.ReadFile(specFile)
			if err != nil {
				return err
			}
			config.Spec, config.Log = spec, logging.logger(command.ErrOrStderr())
			return runNode(command.Context(), config, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&file, "config", "", "configuration file")
	flags.StringVar(&specFile, "chain-spec", "", "the network's chain spec file (see 'bitcloak chain-spec')")
	flags.StringVar(&trusted, "trusted-header", "", "with --state-sync: HEIGHT:HASH of a recent consensus header you trust (see 'bitcloak node trusted-header')")
	registerNode(flags, &config)
	logging.register(flags)
	command.AddCommand(newTrustedHeaderCommand())
	return command
}

func registerNode(flags *pflag.FlagSet, config *node.Config) {
	flags.StringVar(&config.DataDir, "data", defaultDataDir("node"), "folder for chain and keys")
	flags.StringVar(&config.RPC.Address, "rpc", node.DefaultRPCAddress, "address of JSON-RPC over HTTP and WebSocket, HOST:PORT")
	flags.StringVar(&config.P2P.Address, "p2p", node.DefaultP2PAddress, "address for other nodes, HOST:PORT")
	flags.StringVar(&config.P2P.External, "p2p-external", "", "the address other nodes dial, if it is another")
	flags.StringSliceVar(&config.P2P.Peers, "peer", nil, "a persistent peer, ID@HOST:PORT; may be repeated")
	flags.StringSliceVar(&config.P2P.Known, "known-peer", nil, "ID of a node that may always connect; may be repeated")
	flags.BoolVar(&config.P2P.OnlyKnown, "only-known-peers", false, "keep no other peers than those named")
	flags.BoolVar(&config.P2P.Exchange, "peer-exchange", false, "learn of peers from peers, and tell them: for open networks")
	flags.StringSliceVar(&config.P2P.Seeds, "seed", nil, "with --peer-exchange: a node to ask for peers first, ID@HOST:PORT; may be repeated")
	flags.StringVar(&config.Metrics.Address, "metrics", "", "address of Prometheus metrics, HOST:PORT (off by default)")
	flags.IntVar(&config.CacheBytes, "cache", 0, "bytes of memory for decoded state, and as many again for the database (default: 256 and 128 MiB)")
	flags.BoolVar(&config.Archive, "archive", false, "keep the state of every block, not of the latest only")
	flags.StringSliceVar(&config.StateSync.Servers, "state-sync", nil, "begin a new node with a recent state: JSON-RPC URL of a node that shows headers; give two or more, of different operators")
	flags.Uint64Var(&config.SnapshotInterval, "snapshot-interval", defaultSnapshotInterval, "heights between the states kept for nodes that join; the same on all nodes; 0 keeps none")
}

// completeNode joins the configuration file, the flags and the trusted header.
func completeNode(command *cobra.Command, file string, specFile *string, trusted string, config *node.Config) error {
	if file != "" {
		read, err := readNodeFile(file)
		if err != nil {
			return err
		}
		read.apply(command.Flags(), specFile, config)
	}
	if *specFile == "" {
		return usagef("name the network's chain spec with --chain-spec, or in a file with --config")
	}
	header, err := parseTrustedHeader(trusted)
	if err != nil {
		return err
	}
	if (header == nil) != (len(config.StateSync.Servers) == 0) {
		return usagef("--state-sync and --trusted-header belong together")
	}
	if header != nil {
		config.StateSync.Height, config.StateSync.Hash = uint64(header.Height), header.Hash
	}
	return nil
}

func newTrustedHeaderCommand() *cobra.Command {
	var specFile string
	command := &cobra.Command{
		Use:   "trusted-header URL",
		Short: "Print the latest consensus header of a node that you trust, for --trusted-header",
		Long: `Asks the node at a JSON-RPC URL for its latest consensus header and prints HEIGHT:HASH. Nothing vouches for it but that node: ask one that
you run, or several of different operators, and compare.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			spec, err := chainspec.ReadFile(specFile)
			if err != nil {
				return err
			}
			height, hash, err := node.LatestHeader(command.Context(), arguments[0], spec.CometBFT.ChainID)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%d:%s\n", height, hash)
			return err
		},
	}
	command.Flags().StringVar(&specFile, "chain-spec", "", "the network's chain spec file")
	_ = command.MarkFlagRequired("chain-spec")
	return command
}

func runNode(ctx context.Context, config node.Config, out io.Writer) error {
	n, err := node.Start(ctx, config)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n  genesis   %s\n  JSON-RPC  ws://%s\n", config.Spec.Name, n.Chain().Genesis(), n.RPCAddress())
	if address := n.P2PAddress(); address != "" {
		fmt.Fprintf(out, "  peers     %s\n", address)
	}
	select {
	case <-ctx.Done():
		return n.Close()
	case <-n.Halted():
		return errors.Join(n.Err(), n.Close())
	}
}

func newChainSpecCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "chain-spec",
		Short: "Make or check a chain spec, the file that says which network a node belongs to",
	}
	var dataDir string
	var change developmentFlags
	development := &cobra.Command{
		Use:   "dev",
		Short: "Print the spec of a development network whose one validator is the key in --data (made if there is none)",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := os.MkdirAll(dataDir, 0o700); err != nil {
				return err
			}
			validator, err := node.ValidatorPublicKey(dataDir)
			if err != nil {
				return err
			}
			spec := chainspec.NewDevelopment(validator, time.Now())
			change.apply(spec)
			text, err := spec.JSON()
			if err != nil {
				return err
			}
			_, err = command.OutOrStdout().Write(text)
			return err
		},
	}
	development.Flags().StringVar(&dataDir, "data", defaultDataDir("node"), "the validator's data folder")
	change.register(development)
	check := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a chain spec and print the hash of its block 0",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			spec, err := chainspec.ReadFile(arguments[0])
			if err != nil {
				return err
			}
			block, err := genesisOf(spec)
			if err != nil {
				return err
			}
			fmt.Fprintf(command.OutOrStdout(), "%s (%s): genesis %s\n", spec.Name, spec.ChainType, block)
			return nil
		},
	}
	command.AddCommand(development, check)
	return command
}

// genesisOf computes the hash of block 0 from a chain spec, so that it need not be taken from anybody.
func genesisOf(spec *chainspec.Spec) (genesis scale.Hash, err error) {
	block, err := chain.GenesisBlock(spec.Genesis, uint64(spec.CometBFT.GenesisTime.UnixMilli()))
	if err != nil {
		return genesis, err
	}
	return block.Header.Hash(), nil
}
