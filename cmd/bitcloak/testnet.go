package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/runtime"
)

// Bounds of a test network. Every worker has an operator of its own, one of the well-known accounts.
const maxTestValidators = 64

// testnet is a test network in the making.
type testnet struct {
	output     string
	validators int
	workers    int
	genesis    developmentFlags
	ports      testnetPorts
	interval   uint64 // between snapshots
}

// testnetPorts are where the first of each kind listens; the next ones follow. All on loopback.
type testnetPorts struct {
	p2p, rpc, metrics, worker, workerMetrics uint16
}

func newTestnetCommand() *cobra.Command {
	var t testnet
	command := &cobra.Command{
		Use:   "testnet",
		Short: "Write the folders of a test network of several validators and workers on this machine",
		Long: `Writes a folder for each validator, with its keys and its configuration, one for each worker, with its operator's secret and the
contract's first seed, and the chain spec that all share. It starts nothing: at the end it prints the commands that do, and writes
them to README.md in the folder.

The network goes on as long as more than two thirds of the validators do: one of four may stop, with two gone nothing is final any
more until one is back. A commit of the confidential contract counts when --threshold of the workers have signed it.

All accounts, the operators' among them, are the well-known development accounts, and attestation is simulated: for trying things
out only. The validators' keys and the seed are drawn anew.`,
		Example: "  bitcloak testnet --validators 4 --workers 3 --threshold 2 --output ./testnet",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if !command.Flags().Changed("threshold") {
				t.genesis.threshold = uint32(t.workers/2 + 1) //nolint:gosec // small and not negative
			}
			if err := t.check(); err != nil {
				return err
			}
			return t.write(time.Now(), command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&t.output, "output", "", "folder for the network; new, or empty")
	flags.IntVar(&t.validators, "validators", 4, "how many validators, 1 to 64")
	flags.IntVar(&t.workers, "workers", 1, fmt.Sprintf("how many workers, 0 to %d", len(runtime.DevelopmentAccounts())))
	t.genesis.register(command)
	flags.Lookup("threshold").DefValue = "more than half of the workers"
	flags.Uint64Var(&t.interval, "snapshot-interval", defaultSnapshotInterval, "heights between the states that the nodes keep for nodes that join")
	flags.Uint16Var(&t.ports.p2p, "p2p-port", 26656, "port of the first validator for its peers; the others' follow")
	flags.Uint16Var(&t.ports.rpc, "rpc-port", 9944, "port of the first validator's JSON-RPC; the others' follow")
	flags.Uint16Var(&t.ports.metrics, "metrics-port", 9615, "port of the first validator's metrics; the others' follow")
	flags.Uint16Var(&t.ports.worker, "worker-port", 9955, "port of the first worker's API; the others' follow")
	flags.Uint16Var(&t.ports.workerMetrics, "worker-metrics-port", 9715, "port of the first worker's metrics; the others' follow")
	_ = command.MarkFlagRequired("output")
	return command
}

// Errors of a test network.
var (
	errOutputNotEmpty = errors.New("the output folder is not empty; choose another with --output, or remove it")
	errPorts          = errors.New("the ports overlap or go beyond 65535; choose others with --p2p-port, --rpc-port, --metrics-port, --worker-port and --worker-metrics-port")
)

func (t *testnet) check() error {
	switch accounts := len(runtime.DevelopmentAccounts()); {
	case t.validators < 1 || t.validators > maxTestValidators:
		return usagef("--validators: choose 1 to %d", maxTestValidators)
	case t.workers < 0 || t.workers > accounts:
		return usagef("--workers: choose 0 to %d: there are no more accounts for operators", accounts)
	case t.genesis.threshold < 1 || t.workers > 0 && int(t.genesis.threshold) > t.workers:
		return usagef("--threshold: choose 1 to %d, the number of workers", max(1, t.workers))
	}
	taken := map[int]bool{}
	for _, some := range []struct {
		first uint16
		count int
	}{{t.ports.p2p, t.validators}, {t.ports.rpc, t.validators}, {t.ports.metrics, t.validators}, {t.ports.worker, t.workers}, {t.ports.workerMetrics, t.workers}} {
		for port := int(some.first); port < int(some.first)+some.count; port++ {
			if port == 0 || port > 65535 || taken[port] {
				return &usageError{errPorts}
			}
			taken[port] = true
		}
	}
	return nil
}

// write makes the folders and tells what to do with them.
func (t *testnet) write(now time.Time, out io.Writer) error {
	if err := emptyFolder(t.output); err != nil {
		return err
	}
	spec, err := t.writeValidators(now)
	if err != nil {
		return err
	}
	if err := t.writeWorkers(); err != nil {
		return err
	}
	genesis, err := genesisOf(spec)
	if err != nil {
		return err
	}
	guide := t.guide(spec, genesis)
	if err := os.WriteFile(filepath.Join(t.output, "README.md"), []byte(guide), 0o600); err != nil {
		return err
	}
	_, err = io.WriteString(out, guide)
	return err
}

// emptyFolder makes the folder if needed, and refuses one that holds anything.
func emptyFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("the output folder cannot be made: %w; choose another with --output", err)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%w (%s)", errOutputNotEmpty, path)
	}
	return nil
}

func (t *testnet) validatorDir(i int) string {
	return filepath.Join(t.output, "validator-"+strconv.Itoa(i))
}

func (t *testnet) workerDir(i int) string {
	return filepath.Join(t.output, "worker-"+strconv.Itoa(i))
}

// local is the address of the i-th of a kind.
func local(first uint16, i int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(int(first)+i))
}
