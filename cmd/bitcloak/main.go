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
	defer stop()
	root := newRootCommand()
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bitcloak:", err)
		os.Exit(1)
	}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "bitcloak",
		Short:         "A dark pool on Kusama",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
	}
	root.AddCommand(newDevCommand(), newNodeCommand(), newWorkerCommand(), newChainSpecCommand())
	return root
}
