package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/wallet"
)

// maximumLine bounds a line of commands, in bytes.
const maximumLine = 4 << 10

// paceFlags say how often a session sends, and for how long.
type paceFlags struct{ every, lasting time.Duration }

func (w *walletRun) tradeCommand() *cobra.Command {
	var pace paceFlags
	command := &cobra.Command{
		Use:   "trade [--cadence 2s] [--for 1h]",
		Short: "Send commands from standard input, one a line, in one long session",
		Long: `Reads commands from standard input, one a line, and sends each without waiting for the one before:

  place buy|sell QUANTITY BASE at PRICE QUOTE [ioc|post-only]
  amend ORDER price PRICE quantity QUANTITY
  cancel ORDER
  withdraw AMOUNT ASSET [to ADDRESS]
  transfer AMOUNT ASSET to ADDRESS

What becomes of a line is told in a line of its own, as JSON with --json. It ends when the input has ended and every command is settled,
or after --for.

With --cadence exactly one envelope leaves at each tick: the next command, or a dummy that looks like one. So nobody sees when you trade;
also use --relay, so that nobody sees who. Every envelope costs its fee, dummies too.`,
		Example: "  echo 'place buy 2 KSM at 25 USDT' | bitcloak wallet trade --yes --relay http://127.0.0.1:9966 --cadence 2s --for 1h",
		Args:    cobra.NoArgs,
		RunE:    w.runs(func(_ context.Context, _ []string) error { return w.trade(w.command.Context(), pace, true) }),
	}
	command.Flags().DurationVar(&pace.every, "cadence", 0, "time between two envelopes (default: each command leaves at once)")
	command.Flags().DurationVar(&pace.lasting, "for", 0, "end after this time (default: with the input)")
	return command
}

func (w *walletRun) cadenceCommand() *cobra.Command {
	var pace paceFlags
	command := &cobra.Command{
		Use:   "cadence --every 2s [--for 1h]",
		Short: "Send a dummy at each tick",
		Long: `Sends a dummy, which looks like any other command, at each tick. To have commands of your own among them, use 'trade --cadence'
instead: other wallet commands would come beside the ticks, and show.`,
		Args: cobra.NoArgs,
		RunE: w.runs(func(_ context.Context, _ []string) error {
			if pace.every == 0 {
				return usagef("say how often: --every 2s")
			}
			return w.trade(w.command.Context(), pace, false)
		}),
	}
	command.Flags().DurationVar(&pace.every, "every", 0, "time between two envelopes")
	command.Flags().DurationVar(&pace.lasting, "for", 0, "end after this time (default: when stopped)")
	return command
}

// trading is one `wallet trade`.
type trading struct {
	*walletRun
	client  *wallet.Client
	listing *wallet.Listing
	pace    paceFlags
	tickets sync.WaitGroup

	mutex         sync.Mutex
	live          *wallet.Live
	markets       map[uint64]uint32 // of the account's orders
	failures      int
	ticks, missed uint64 // of sessions that have ended
}

func (w *walletRun) trade(ctx context.Context, pace paceFlags, reads bool) error {
	if err := w.mayAsk(); err != nil {
		return err
	}
	client, err := w.client(ctx)
	if err != nil {
		return err
	}
	t := &trading{walletRun: w, client: client, pace: pace, markets: map[uint64]uint32{}}
	if t.listing, err = client.Listing(ctx); err != nil {
		return err
	}
	if err := t.stateCost(ctx, reads); err != nil {
		return err
	}
	orders, err := client.Orders(ctx)
	if err != nil {
		return err
	}
	for i := range orders {
		t.markets[orders[i].Order] = orders[i].Market
	}
	if t.live, err = t.open(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if pace.lasting > 0 {
		ctx, cancel = context.WithTimeout(ctx, pace.lasting)
		defer cancel()
	}
	return t.run(ctx, cancel, reads)
}

// stateCost says what the pace costs, before it is paid.
func (t *trading) stateCost(ctx context.Context, reads bool) error {
	what := "Commands from standard input are sent without asking again."
	if !reads {
		what = "Dummies are sent."
	}
	if t.pace.every == 0 {
		return t.confirm("%s", what)
	}
	fee, err := t.envelopeFee(ctx)
	if err != nil {
		return err
	}
	hourly, fits := fee.Mul(uint64(max(1, time.Hour/t.pace.every)))
	if !fits {
		return usagef("the node names a fee beyond every amount; use another node")
	}
	how := ""
	if len(t.flags.relays) > 0 {
		how = "; a relay's batches make it less"
	}
	price := fmt.Sprintf("One envelope every %s, each up to %s CLOAK: up to %s CLOAK an hour, as the node says%s.", t.pace.every,
		wallet.FormatAmount(fee, decimalsCLOAK), wallet.FormatAmount(hourly, decimalsCLOAK), how)
	t.say(price)
	return t.confirm("%s %s", price, what)
}

// open goes live, paced or not.
func (t *trading) open(ctx context.Context) (*wallet.Live, error) {
	if t.pace.every == 0 {
		return t.client.GoLive(ctx)
	}
	return t.client.GoPaced(ctx, wallet.Pace{Every: t.pace.every})
}

// run goes on until the time is over, or the input has ended and everything is settled.
func (t *trading) run(ctx context.Context, cancel context.CancelFunc, reads bool) error {
	started := time.Now()
	if reads {
		go func() { // a read of standard input cannot be ended: it ends with the process
			t.read(ctx)
			t.tickets.Wait()
			if t.pace.lasting == 0 {
				cancel()
			}
		}()
	}
	for ctx.Err() == nil {
		select {
		case <-t.current().Done():
			t.reopen(ctx)
		case <-ctx.Done():
		}
	}
	t.count()
	if err := errors.Join(t.current().Close(), t.summary(started)); err != nil {
		return err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.failures > 0 {
		return &wallet.Refused{Cause: fmt.Sprintf("%d lines came to nothing", t.failures), Remedy: "see what was said of each"}
	}
	return nil
}

// summary tells how well the pace was kept.
func (t *trading) summary(started time.Time) error {
	if t.pace.every == 0 {
		return nil
	}
	result := map[string]any{"ticks": t.ticks, "missed": t.missed, "every": t.pace.every.String(), "seconds": int(time.Since(started).Seconds())}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.flags.json {
		return json.NewEncoder(t.command.OutOrStdout()).Encode(result)
	}
	_, err := fmt.Fprintf(t.command.OutOrStdout(), "%d ticks, %d without an envelope\n", t.ticks, t.missed)
	return err
}

func (t *trading) current() *wallet.Live {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.live
}

func (t *trading) count() {
	ticks, missed := t.current().Ticks()
	t.ticks, t.missed = t.ticks+ticks, t.missed+missed
}

// reopen goes live again after the stream was lost.
func (t *trading) reopen(ctx context.Context) {
	t.count()
	cause, _ := wallet.Explain(t.current().Err())
	t.say("the session ended (" + cause + "); going live again")
	_ = t.current().Close()
	for ctx.Err() == nil {
		opening, cancel := context.WithTimeout(ctx, t.flags.timeout)
		live, err := t.open(opening)
		cancel()
		if err == nil {
			t.mutex.Lock()
			t.live = live
			t.mutex.Unlock()
			return
		}
		t.say("not live: " + err.Error())
		select {
		case <-time.After(max(t.pace.every, time.Second)):
		case <-ctx.Done():
		}
	}
}

// read takes lines until the input ends.
func (t *trading) read(ctx context.Context) {
	lines := bufio.NewScanner(t.command.InOrStdin())
	lines.Buffer(make([]byte, maximumLine), maximumLine)
	for number := 1; lines.Scan() && ctx.Err() == nil; number++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		ticket, err := t.execute(ctx, words)
		if err != nil {
			t.tell(number, words[0], 0, err)
			continue
		}
		t.tickets.Go(func() { t.tell(number, words[0], ticket.Order, ticket.Placed(ctx)) })
	}
	if err := lines.Err(); err != nil {
		t.tell(0, "input", 0, err)
	}
}

// tell tells what became of a line.
func (t *trading) tell(number int, what string, order uint64, err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	value := map[string]any{"line": number, "command": what, "status": "done"}
	text := "done"
	if order != 0 {
		value["order"] = order
		text = fmt.Sprintf("order %d, done", order)
	}
	if err != nil {
		t.failures++
		cause, remedy := wallet.Explain(err)
		value["status"], value["error"] = "failed", map[string]string{"cause": cause, "remedy": remedy}
		text = "failed: " + err.Error()
	}
	if t.flags.json {
		_ = json.NewEncoder(t.command.OutOrStdout()).Encode(value) // standard output may be closed
		return
	}
	fmt.Fprintf(t.command.OutOrStdout(), "line %d, %s: %s\n", number, what, text)
}
