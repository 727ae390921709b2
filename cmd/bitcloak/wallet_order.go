package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

func (w *walletRun) orderCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "order",
		Short: "Place, amend, cancel and list orders",
		Long: `Orders are sealed: the chain sees that you sent something, not what. The contract matches them in the order in which the chain had them,
best price first, then oldest. Nobody sees the book; you see your own orders and fills.`,
	}, w.orderPlace(), w.orderAmend(), w.orderCancel(), w.orderCancelAll(), w.orderList(), w.orderDummy())
}

// placeFlags say how long an order stays.
type placeFlags struct {
	ioc, fok, postOnly bool
	until              string
}

// timeInForce is what the flags say together.
func (f *placeFlags) timeInForce() (inForce uint8, expires time.Time, err error) {
	chosen := 0
	for _, given := range []struct {
		given bool
		kind  uint8
	}{{f.ioc, wire.ImmediateOrCancel}, {f.fok, wire.FillOrKill}, {f.postOnly, wire.PostOnly}, {f.until != "", wire.GoodTillDate}} {
		if given.given {
			chosen++
			inForce = given.kind
		}
	}
	if chosen > 1 {
		return 0, expires, usagef("--ioc, --fok, --post-only and --until exclude each other")
	}
	if f.fok {
		return 0, expires, &wallet.Refused{Cause: "fill-or-kill is not offered yet", Remedy: "use --ioc"}
	}
	if f.until != "" {
		expires, err = parseUntil(f.until)
	}
	return inForce, expires, err
}

// parseUntil reads a time as RFC 3339, or a duration from now.
func parseUntil(text string) (time.Time, error) {
	if duration, err := time.ParseDuration(text); err == nil && duration > 0 {
		return time.Now().Add(duration), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usagef("--until: %q is neither a time such as 2026-12-31T18:00:00Z nor a duration such as 90m", text)
}

func (w *walletRun) orderPlace() *cobra.Command {
	var stay placeFlags
	command := &cobra.Command{
		Use:   "place buy|sell QUANTITY BASE at PRICE QUOTE",
		Short: "Place a limit order",
		Long: `Places an order to buy or sell a quantity of the base asset at a price, in the quote asset per one base, or better. It trades at once with
what the book holds at such prices; the rest waits in the book until it fills or you cancel it. A sell holds its quantity, a buy its
quantity times its price and the higher fee.`,
		Example: "  bitcloak wallet order place buy 2 KSM at 25 USDT\n  bitcloak wallet order place sell 1.5 KSM at 24.5 USDT --post-only",
		Args:    cobra.ExactArgs(6),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			inForce, expires, err := stay.timeInForce()
			if err != nil {
				return err
			}
			side, err := parseSide(args)
			if err != nil {
				return err
			}
			if err := w.mayAsk(); err != nil {
				return err
			}
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			order, err := w.parseOrder(ctx, client, args)
			if err != nil {
				return err
			}
			order.Side, order.TimeInForce, order.ExpiresAt = side, inForce, expires
			return w.place(ctx, client, order)
		}),
	}
	flags := command.Flags()
	flags.BoolVar(&stay.ioc, "ioc", false, "immediate or cancel: what does not fill at once is cancelled")
	flags.BoolVar(&stay.fok, "fok", false, "fill or kill: not offered yet")
	flags.BoolVar(&stay.postOnly, "post-only", false, "only wait in the book: rejected if it would trade at once")
	flags.StringVar(&stay.until, "until", "", "good till a time (2026-12-31T18:00:00Z) or for a duration (90m)")
	return command
}

// parseSide checks the words around the numbers.
func parseSide(args []string) (side uint8, err error) {
	if !strings.EqualFold(args[3], "at") {
		return 0, usagef("write: order place buy|sell QUANTITY BASE at PRICE QUOTE")
	}
	switch strings.ToLower(args[0]) {
	case "buy":
		return wire.Buy, nil
	case "sell":
		return wire.Sell, nil
	}
	return 0, usagef("%q is neither buy nor sell", args[0])
}

// parseOrder turns quantity and price into lots and ticks of the market.
func (w *walletRun) parseOrder(ctx context.Context, client *wallet.Client, args []string) (order wallet.Order, err error) {
	listing, err := client.Listing(ctx)
	if err != nil {
		return order, err
	}
	if order.Pair, err = listing.Pair(args[2] + "/" + args[5]); err != nil {
		return order, err
	}
	if order.Quantity, err = w.parseQuantity(order.Pair, args[1]); err != nil {
		return order, err
	}
	order.Price, err = order.Pair.ParsePrice(args[4])
	return order, err
}

// parseQuantity reads a quantity in whole units, or in base units where the flag says so.
func (w *walletRun) parseQuantity(pair *wallet.Pair, text string) (uint64, error) {
	if !w.flags.baseUnits {
		return pair.ParseQuantity(text)
	}
	units, err := wallet.ParseAmount(text, 0)
	if err != nil {
		return 0, err
	}
	return pair.ParseQuantity(wallet.FormatAmount(units, pair.BaseDecimals))
}

func (w *walletRun) place(ctx context.Context, client *wallet.Client, order wallet.Order) error {
	p := order.Pair
	if err := w.confirm("%s %s %s at %s %s.", map[uint8]string{wire.Buy: "Buy", wire.Sell: "Sell"}[order.Side],
		p.FormatQuantity(order.Quantity), p.BaseSymbol, p.FormatPrice(order.Price), p.QuoteSymbol); err != nil {
		return err
	}
	result, err := client.Place(ctx, order)
	if err != nil {
		return err
	}
	return w.printOrder(p, result)
}

type orderJSON struct {
	Order         uint64             `json:"order"`
	Market        uint32             `json:"market"`
	Pair          string             `json:"pair"`
	Status        wallet.OrderStatus `json:"status"`
	Filled        string             `json:"filled"`
	Remaining     string             `json:"remaining"`
	FilledLots    uint64             `json:"filledLots"`
	RemainingLots uint64             `json:"remainingLots"`
	Fills         []fillJSON         `json:"fills"`
}

func orderOf(pair *wallet.Pair, r *wallet.OrderResult) orderJSON {
	value := orderJSON{Order: r.Order, Market: r.Market, Pair: pair.Name(), Status: r.Status, Filled: pair.FormatQuantity(r.Filled),
		Remaining: pair.FormatQuantity(r.Remaining), FilledLots: r.Filled, RemainingLots: r.Remaining, Fills: []fillJSON{}}
	for i := range r.Fills {
		value.Fills = append(value.Fills, fillOf(pair, &r.Fills[i]))
	}
	return value
}

func (w *walletRun) printOrder(pair *wallet.Pair, result *wallet.OrderResult) error {
	value := orderOf(pair, result)
	return w.print(value, func(out io.Writer) {
		fmt.Fprintf(out, "order %d on %s: %s, filled %s, remaining %s %s\n", value.Order, value.Pair, value.Status, value.Filled, value.Remaining, pair.BaseSymbol)
		if len(value.Fills) > 0 {
			fmt.Fprintln(out)
			printFills(out, value.Fills)
		}
	})
}

// changed prints what became of an order whose market is known by its number.
func (w *walletRun) changed(ctx context.Context, client *wallet.Client, result *wallet.OrderResult) error {
	listing, err := client.Listing(ctx)
	if err != nil {
		return err
	}
	pair, err := listing.PairByID(result.Market)
	if err != nil {
		return err
	}
	return w.printOrder(pair, result)
}

func parseNumber(what, text string) (uint64, error) {
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, usagef("%q is not %s", text, what)
	}
	return number, nil
}

func (w *walletRun) orderAmend() *cobra.Command {
	var price, quantity string
	command := &cobra.Command{
		Use:   "amend ORDER [--price P] [--quantity Q]",
		Short: "Change an open order's price or remaining quantity",
		Long: `Changes the price of an open order, or how much of it remains. A lower quantity at the same price keeps its place in the queue; anything
else puts it at the end, and it may trade at once.`,
		Args: cobra.ExactArgs(1),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			order, err := parseNumber("an order's number", args[0])
			if err != nil {
				return err
			}
			if price == "" && quantity == "" {
				return usagef("say what to change: --price P, --quantity Q or both")
			}
			if err := w.mayAsk(); err != nil {
				return err
			}
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			return w.amend(ctx, client, order, price, quantity)
		}),
	}
	command.Flags().StringVar(&price, "price", "", "new price")
	command.Flags().StringVar(&quantity, "quantity", "", "new remaining quantity")
	return command
}

func (w *walletRun) amend(ctx context.Context, client *wallet.Client, order uint64, price, quantity string) error {
	pair, err := w.pairOfOrder(ctx, client, order)
	if err != nil {
		return err
	}
	ticks, lots := uint64(0), uint64(0)
	if price != "" {
		if ticks, err = pair.ParsePrice(price); err != nil {
			return err
		}
	}
	if quantity != "" {
		if lots, err = w.parseQuantity(pair, quantity); err != nil {
			return err
		}
	}
	if err := w.confirm("Amend order %d on %s.", order, pair.Name()); err != nil {
		return err
	}
	result, err := client.Amend(ctx, order, ticks, lots)
	if err != nil {
		return err
	}
	return w.printOrder(pair, result)
}

// pairOfOrder is the market of an open order.
func (w *walletRun) pairOfOrder(ctx context.Context, client *wallet.Client, order uint64) (*wallet.Pair, error) {
	orders, err := client.Orders(ctx)
	if err != nil {
		return nil, err
	}
	listing, err := client.Listing(ctx)
	if err != nil {
		return nil, err
	}
	for i := range orders {
		if orders[i].Order == order {
			return listing.PairByID(orders[i].Market)
		}
	}
	return nil, &wallet.Refused{Cause: fmt.Sprintf("there is no open order %d", order), Remedy: "see 'bitcloak wallet order list'"}
}

func (w *walletRun) orderCancel() *cobra.Command {
	return &cobra.Command{
		Use: "cancel ORDER", Short: "Take an open order out of the book", Args: cobra.ExactArgs(1),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			order, err := parseNumber("an order's number", args[0])
			if err != nil {
				return err
			}
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			result, err := client.Cancel(ctx, order)
			if err != nil {
				return err
			}
			return w.changed(ctx, client, result)
		}),
	}
}

func (w *walletRun) orderCancelAll() *cobra.Command {
	var market string
	command := &cobra.Command{
		Use: "cancel-all [--market M]", Short: "Cancel all open orders, or those of one market", Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			return w.cancelAll(ctx, client, market)
		}),
	}
	command.Flags().StringVar(&market, "market", "", "the market's name, such as KSM/USDT, or number")
	return command
}

func (w *walletRun) cancelAll(ctx context.Context, client *wallet.Client, market string) error {
	listing, err := client.Listing(ctx)
	if err != nil {
		return err
	}
	only := scale.None[uint32]()
	if market != "" {
		pair, err := listing.Pair(market)
		if err != nil {
			return err
		}
		only = scale.Some(pair.Market.ID)
	}
	results, err := client.CancelAll(ctx, only)
	if err != nil {
		return err
	}
	list := []orderJSON{}
	for i := range results {
		pair, err := listing.PairByID(results[i].Market)
		if err != nil {
			return err
		}
		list = append(list, orderOf(pair, &results[i]))
	}
	return w.print(list, func(out io.Writer) {
		if len(list) == 0 {
			fmt.Fprintln(out, "No order was open.")
			return
		}
		fmt.Fprintln(out, "ORDER\tMARKET\tSTATUS\tREMAINED")
		for _, o := range list {
			fmt.Fprintf(out, "%d\t%s\t%s\t%s\n", o.Order, o.Pair, o.Status, o.Remaining)
		}
	})
}

func (w *walletRun) orderDummy() *cobra.Command {
	return &cobra.Command{
		Use: "dummy", Short: "Send a command that does nothing and looks like any other", Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			if err := client.Dummy(ctx); err != nil {
				return err
			}
			return w.print(map[string]string{"status": "done"}, func(out io.Writer) { fmt.Fprintln(out, "Sent.") })
		}),
	}
}
