package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

// demoTimeout bounds the whole story.
const demoTimeout = 2 * time.Minute

// demoResult is what the story proved, field by field as spec/interface.md names them.
type demoResult struct {
	Fills                int     `json:"fills"`
	Conserved            bool    `json:"conserved"`
	Backed               bool    `json:"backed"`
	ObserverSawPlaintext bool    `json:"observer_saw_plaintext"`
	Withdrawn            bool    `json:"withdrawn"`
	GarbageRejected      bool    `json:"garbage_rejected"`
	Blocks               uint32  `json:"blocks"`
	Commits              uint64  `json:"commits"`
	Seconds              float64 `json:"seconds"`
}

func (r *demoResult) holds() bool {
	return r.Fills > 0 && r.Conserved && r.Backed && !r.ObserverSawPlaintext && r.Withdrawn && r.GarbageRejected
}

func newDemoCommand() *cobra.Command {
	var asJSON bool
	var logging logFlags
	command := &cobra.Command{
		Use:   "demo",
		Short: "A story of three traders: deposits, sealed orders, fills, withdrawals, and what an observer saw of it",
		Long: `Starts a development network on free ports with fresh data, and plays a story on it with real transactions: two traders deposit
different assets, a third submits garbage, sealed orders match, both withdraw. It prints what an observer of the chain saw
beside what the traders saw, and ends by recomputing conservation (I1) and backing (I2) from proven storage.
Exits with 1 when any of it does not hold.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			out := command.OutOrStdout()
			narration := out
			if asJSON {
				narration = command.ErrOrStderr()
			}
			result, err := runDemo(command.Context(), narration, networkConfig{log: logging.logger(command.ErrOrStderr())})
			if err != nil {
				return err
			}
			if asJSON {
				if err := json.NewEncoder(out).Encode(result); err != nil {
					return err
				}
			}
			if !result.holds() {
				return fmt.Errorf("the story did not hold: %+v", *result)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object last on standard output; the story goes to standard error")
	logging.register(command.Flags())
	return command
}

// demo is the stage: a network, what is followed of it, and the story so far.
type demo struct {
	out     io.Writer
	network *developmentNetwork
	chain   *chain.Client
	worker  *wallet.WorkerClient
	listing *wallet.Listing
	result  demoResult
	secrets []demoSecret // what no observer may find
}

func runDemo(ctx context.Context, out io.Writer, config networkConfig) (*demoResult, error) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, demoTimeout)
	defer cancel()
	folder, err := os.MkdirTemp("", "bitcloak-demo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	config.dataDir, config.rpc, config.workerAddress, config.archive = folder, "127.0.0.1:0", "127.0.0.1:0", true
	d := &demo{out: out}
	if d.network, err = startDevelopment(ctx, config); err != nil {
		return nil, err
	}
	defer d.network.Close()
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	defer d.chain.Close()
	defer d.worker.Close()
	if err := d.play(ctx); err != nil {
		return nil, err
	}
	if err := d.observe(ctx); err != nil {
		return nil, err
	}
	if err := d.audit(ctx); err != nil {
		return nil, err
	}
	d.result.Seconds = time.Since(started).Round(time.Millisecond).Seconds()
	d.say("\nDone in %.1f s.", d.result.Seconds)
	return &d.result, nil
}

// connect follows the chain as a wallet does: proving every head from the genesis hash on.
func (d *demo) connect(ctx context.Context) (err error) {
	node := chain.DialRPC("ws://" + d.network.node.RPCAddress())
	if d.chain, err = chain.Connect(ctx, node, chain.Config{
		Genesis: d.network.node.Chain().Genesis(), Metadata: runtime.Metadata(14), MetadataSpec: runtime.New(nil).Version().SpecVersion,
	}); err != nil {
		return err
	}
	if d.worker, err = wallet.DialWorker("http://" + d.network.worker.Address().String()); err != nil {
		return err
	}
	d.listing, err = wallet.ReadListing(ctx, d.chain)
	return err
}

func (d *demo) say(format string, arguments ...any) { fmt.Fprintf(d.out, format+"\n", arguments...) }
