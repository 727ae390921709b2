package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

type frameJSON struct {
	Checkpoint uint64     `json:"checkpoint"`
	Number     uint32     `json:"number"`
	StateRoot  scale.Hash `json:"stateRoot"`
	Timestamp  uint64     `json:"timestamp"` // ms
	Changed    bool       `json:"changed"`
	Fills      []fillJSON `json:"fills"`
	More       bool       `json:"more"`
}

func (w *walletRun) watchCommand() *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:   "watch",
		Short: "Follow the account: fills as they happen",
		Long: `Shows what happens to the account, checkpoint by checkpoint, once the chain has committed it. With --json one object a line. Runs until
it is stopped; --timeout does not apply.`,
		Args: cobra.NoArgs,
		RunE: w.runs(func(_ context.Context, _ []string) error {
			ctx := w.command.Context()
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			listing, err := client.Listing(ctx)
			if err != nil {
				return err
			}
			stream, err := client.Subscribe(ctx)
			if err != nil {
				return err
			}
			defer stream.Close()
			return w.follow(ctx, listing, stream, all)
		}),
	}
	command.Flags().BoolVar(&all, "all", false, "show checkpoints in which nothing happened to the account, too")
	return command
}

func (w *walletRun) follow(ctx context.Context, listing *wallet.Listing, stream *wallet.Stream, all bool) error {
	w.say("following; stop with Ctrl-C")
	for {
		frame, err := stream.Next(ctx)
		if ctx.Err() != nil {
			return nil // stopped by its user
		}
		if err != nil {
			return err
		}
		if _, err := stream.Confirm(ctx, frame); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if frame.Changed || all {
			if err := w.printFrame(listing, frame); err != nil {
				return err
			}
		}
	}
}

func (w *walletRun) printFrame(listing *wallet.Listing, frame *wire.Frame) error {
	value := frameJSON{Checkpoint: frame.Checkpoint, Number: frame.Number, StateRoot: frame.StateRoot, Timestamp: frame.Timestamp,
		Changed: frame.Changed, Fills: []fillJSON{}, More: frame.More}
	for i := range frame.Fills {
		value.Fills = append(value.Fills, fillOf(pairOf(listing, frame.Fills[i].Market), &frame.Fills[i]))
	}
	out := w.command.OutOrStdout()
	if w.flags.json {
		return json.NewEncoder(out).Encode(value)
	}
	what := "nothing new"
	if frame.Changed {
		what = "changed; see 'bitcloak wallet history'"
	}
	if len(value.Fills) == 0 {
		fmt.Fprintf(out, "%s  checkpoint %d  %s\n", clockOf(value.Timestamp), value.Checkpoint, what)
	}
	for _, f := range value.Fills {
		fmt.Fprintf(out, "%s  checkpoint %d  fill %d: order %d, %s %s %s at %s for %s, fee %s\n", clockOf(value.Timestamp), value.Checkpoint, f.Fill,
			f.Order, f.Side, f.Quantity, f.Pair, f.Price, f.quote, f.fee)
	}
	if value.More {
		fmt.Fprintln(out, "  and more: see 'bitcloak wallet fills'")
	}
	return nil
}
