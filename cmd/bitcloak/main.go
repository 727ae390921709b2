// Command bitcloak is the one binary of the project: a development network, a node, a worker, a wallet, a demonstration and
// the benchmarks. It only joins what the other packages hold.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the process at once
	}()
	os.Exit(report(os.Stderr, newRootCommand().ExecuteContext(ctx)))
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "bitcloak",
		Short:         "A dark pool on Kusama",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
	}
	root.AddCommand(newDevCommand(), newNodeCommand(), newWorkerCommand(), newRelayCommand(), newChainSpecCommand(), newTestnetCommand(), newWalletCommand(), newDemoCommand(), newBenchCommand(), newVersionCommand())
	markUsage(root)
	return root
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(command *cobra.Command, _ []string) { fmt.Fprintln(command.OutOrStdout(), "bitcloak", version) },
	}
}
