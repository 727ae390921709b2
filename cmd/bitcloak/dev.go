package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/ss58"
)

const addressPrefix = 2 // Kusama's

func newDevCommand() *cobra.Command {
	var config networkConfig
	var logging logFlags
	command := &cobra.Command{
		Use:   "dev",
		Short: "Run a development network in one process: chain, worker, worker API",
		Long: `Starts a chain of one validator and a worker with simulated attestation, or several, and serves Substrate JSON-RPC and the worker API.
Its data survives a restart. The accounts Alice to Ferdie are rich, and everybody knows their keys: for trying things out only.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			config.log = logging.logger(command.ErrOrStderr())
			return runDev(command.Context(), config, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&config.dataDir, "data", defaultDataDir("dev"), "folder for the network's data; remove it to start anew")
	flags.StringVar(&config.rpc, "rpc", "127.0.0.1:9944", "address of JSON-RPC over HTTP and WebSocket, HOST:PORT")
	flags.StringVar(&config.workerAddress, "worker", "127.0.0.1:9955", "address of the worker API, HOST:PORT")
	flags.StringVar(&config.metrics, "metrics", "", "address of the node's Prometheus metrics, HOST:PORT (off by default)")
	flags.IntVar(&config.workers, "workers", 1, "how many workers run the confidential contract, 1 to 8; the first serves wallets")
	flags.IntVar(&config.threshold, "threshold", 0, "how many of them must sign a commit; part of a new network's genesis (default: 2 of several)")
	flags.BoolVar(&config.archive, "archive", false, "keep the state of every block, not of the latest only")
	logging.register(flags)
	return command
}

func runDev(ctx context.Context, config networkConfig, out io.Writer) error {
	network, err := startDevelopment(ctx, config)
	if err != nil {
		return err
	}
	introduce(out, network, config)
	var failure error
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "Stopping ...")
	case <-network.node.Halted():
		failure = network.node.Err()
	case failure = <-network.workerStopped(ctx):
	}
	if err := network.Close(); failure == nil {
		failure = err
	}
	return failure
}

// introduce tells a newcomer where things are and what to try.
func introduce(out io.Writer, network *developmentNetwork, config networkConfig) {
	rpc, api := network.node.RPCAddress(), network.worker.Address().String()
	workers := "http://" + api
	for _, replica := range network.replicas {
		workers += "   http://" + replica.Address().String()
	}
	fmt.Fprintf(out, `
Bitcloak development network
  genesis     %s
  JSON-RPC    ws://%s   http://%s
  worker      %s
  data        %s   (remove it to start anew)
  attestation simulated: protects nothing, for development only

`, network.node.Chain().Genesis(), rpc, rpc, workers, config.dataDir)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "  account\taddress")
	for _, account := range runtime.DevelopmentAccounts() {
		address, err := ss58.Encode(addressPrefix, account.Address)
		if err != nil {
			address = err.Error()
		}
		fmt.Fprintf(table, "  //%s\t%s\n", account.Name, address)
	}
	table.Flush()
	where := ""
	if rpc != "127.0.0.1:9944" {
		where += " --node ws://" + rpc
	}
	if api != "127.0.0.1:9955" {
		where += " --worker http://" + api
	}
	fmt.Fprintf(out, `
Each holds 1,000,000 CLOAK, 10,000 KSM, 100,000 KAR and 1,000,000 USDT. Try, in a second terminal:
  bitcloak wallet%[1]s --account //Alice --yes session open
  bitcloak wallet%[1]s --account //Alice --yes deposit 1000 USDT
  bitcloak wallet%[1]s --account //Alice --yes order place buy 2 KSM at 25 USDT
  bitcloak wallet%[1]s --account //Alice balances
or open https://polkadot.js.org/apps/?rpc=ws://%[2]s. Stop with Ctrl-C.
`, where, rpc)
}

// defaultDataDir is the folder for data of one kind below the user's home.
func defaultDataDir(kind string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	return filepath.Join(home, ".bitcloak", kind)
}
