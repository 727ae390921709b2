package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func newNodeCommand() *cobra.Command {
	var specFile string
	var config node.Config
	var logging logFlags
	command := &cobra.Command{
		Use:   "node",
		Short: "Run a node: the chain, its store and its JSON-RPC",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			spec, err := chainspec.ReadFile(specFile)
			if err != nil {
				return err
			}
			config.Spec, config.Log = spec, logging.logger(command.ErrOrStderr())
			return runNode(command.Context(), config, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&specFile, "chain-spec", "", "the network's chain spec file (see 'bitcloak chain-spec')")
	flags.StringVar(&config.DataDir, "data", defaultDataDir("node"), "folder for chain and keys")
	flags.StringVar(&config.RPC.Address, "rpc", node.DefaultRPCAddress, "address of JSON-RPC over HTTP and WebSocket, HOST:PORT")
	flags.StringVar(&config.P2P.Address, "p2p", node.DefaultP2PAddress, "address for other nodes, HOST:PORT")
	flags.StringVar(&config.P2P.External, "p2p-external", "", "the address other nodes dial, if it is another")
	flags.StringSliceVar(&config.P2P.Peers, "peer", nil, "a persistent peer, ID@HOST:PORT; may be repeated")
	flags.StringVar(&config.Metrics.Address, "metrics", "", "address of Prometheus metrics, HOST:PORT (off by default)")
	flags.BoolVar(&config.Archive, "archive", false, "keep the state of every block, not of the latest only")
	logging.register(flags)
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
