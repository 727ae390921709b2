package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

var sides = [...]string{wire.Buy: "buy", wire.Sell: "sell"}

func sideName(side uint8) string {
	if int(side) < len(sides) {
		return sides[side]
	}
	return fmt.Sprintf("side %d", side)
}

var timesInForce = [...]string{wire.GoodTillCancelled: "gtc", wire.ImmediateOrCancel: "ioc", wire.GoodTillDate: "gtd",
	wire.FillOrKill: "fok", wire.PostOnly: "post-only"}

func timeInForceName(kind uint8) string {
	if int(kind) < len(timesInForce) {
		return timesInForce[kind]
	}
	return fmt.Sprintf("time in force %d", kind)
}

// pairOf is a market by its number; of one that is not listed only ticks and lots are known.
func pairOf(listing *wallet.Listing, id uint32) *wallet.Pair {
	if pair, err := listing.PairByID(id); err == nil {
		return pair
	}
	return &wallet.Pair{Market: wire.Market{ID: id}}
}

type openOrderJSON struct {
	Order         uint64 `json:"order"`
	Market        uint32 `json:"market"`
	Pair          string `json:"pair"`
	Side          string `json:"side"`
	Price         string `json:"price"`
	PriceTicks    uint64 `json:"priceTicks"`
	Quantity      string `json:"quantity"`
	QuantityLots  uint64 `json:"quantityLots"`
	Remaining     string `json:"remaining"`
	RemainingLots uint64 `json:"remainingLots"`
	TimeInForce   string `json:"timeInForce"`
	ExpiresAt     uint64 `json:"expiresAt"` // ms, 0: does not expire
	Checkpoint    uint64 `json:"checkpoint"`
	Timestamp     uint64 `json:"timestamp"` // ms
}

func (w *walletRun) orderList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the account's open orders", Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			orders, err := client.Orders(ctx)
			if err != nil {
				return err
			}
			listing, err := client.Listing(ctx)
			if err != nil {
				return err
			}
			list := []openOrderJSON{}
			for i := range orders {
				o, p := &orders[i], pairOf(listing, orders[i].Market)
				list = append(list, openOrderJSON{Order: o.Order, Market: o.Market, Pair: p.Name(), Side: sideName(o.Side), Price: p.FormatPrice(o.Price),
					PriceTicks: o.Price, Quantity: p.FormatQuantity(o.Quantity), QuantityLots: o.Quantity, Remaining: p.FormatQuantity(o.Remaining),
					RemainingLots: o.Remaining, TimeInForce: timeInForceName(o.TimeInForce), ExpiresAt: o.ExpiresAt, Checkpoint: o.Checkpoint, Timestamp: o.Timestamp})
			}
			return w.print(list, func(out io.Writer) {
				fmt.Fprintln(out, "ORDER\tMARKET\tSIDE\tPRICE\tQUANTITY\tREMAINING\tIN FORCE\tEXPIRES\tPLACED")
				for _, o := range list {
					fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o.Order, o.Pair, o.Side, o.Price, o.Quantity, o.Remaining, o.TimeInForce,
						clockOf(o.ExpiresAt), clockOf(o.Timestamp))
				}
			})
		}),
	}
}

type fillJSON struct {
	Fill         uint64     `json:"fill"`
	Trade        uint64     `json:"trade,string"` // any 64 bits: more than a float holds
	Order        uint64     `json:"order"`
	Market       uint32     `json:"market"`
	Pair         string     `json:"pair"`
	Side         string     `json:"side"`
	Maker        bool       `json:"maker"`
	Price        string     `json:"price"`
	PriceTicks   uint64     `json:"priceTicks"`
	Quantity     string     `json:"quantity"`
	QuantityLots uint64     `json:"quantityLots"`
	Base         scale.U128 `json:"base"`
	Quote        scale.U128 `json:"quote"`
	Fee          scale.U128 `json:"fee"`
	Checkpoint   uint64     `json:"checkpoint"`
	Number       uint32     `json:"number"`
	Timestamp    uint64     `json:"timestamp"` // ms

	quote, fee string // for people
}

func fillOf(p *wallet.Pair, f *wire.Fill) fillJSON {
	return fillJSON{Fill: f.Index, Trade: f.Trade, Order: f.Order, Market: f.Market, Pair: p.Name(), Side: sideName(f.Side), Maker: f.Maker,
		Price: p.FormatPrice(f.Price), PriceTicks: f.Price, Quantity: p.FormatQuantity(f.Quantity), QuantityLots: f.Quantity,
		Base: f.Base, Quote: f.Quote, Fee: f.Fee, Checkpoint: f.Checkpoint, Number: f.Number, Timestamp: f.Timestamp,
		quote: wallet.FormatAmount(f.Quote, p.QuoteDecimals) + " " + p.QuoteSymbol, fee: wallet.FormatAmount(f.Fee, p.QuoteDecimals)}
}

func printFills(out io.Writer, fills []fillJSON) {
	fmt.Fprintln(out, "FILL\tORDER\tMARKET\tSIDE\tPRICE\tQUANTITY\tFOR\tFEE\tROLE\tTIME")
	for _, f := range fills {
		role := "taker"
		if f.Maker {
			role = "maker"
		}
		fmt.Fprintf(out, "%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Fill, f.Order, f.Pair, f.Side, f.Price, f.Quantity, f.quote, f.fee, role, clockOf(f.Timestamp))
	}
}

// rangeFlags choose a part of a list.
type rangeFlags struct {
	after uint64
	limit int
}

func (r *rangeFlags) register(command *cobra.Command, what string) {
	command.Flags().Uint64Var(&r.after, "after", 0, "start after this "+what)
	command.Flags().IntVar(&r.limit, "limit", 0, "at most so many (default: all that are kept)")
}

func (w *walletRun) fillsCommand() *cobra.Command {
	var part rangeFlags
	command := &cobra.Command{
		Use:   "fills [--after N] [--limit N]",
		Short: "List the account's fills",
		Long:  "Lists your trades, oldest first. Who was on the other side is not told; both sides see the same trade number.",
		Args:  cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			fills, err := client.Fills(ctx, part.after, part.limit)
			if err != nil {
				return err
			}
			listing, err := client.Listing(ctx)
			if err != nil {
				return err
			}
			list := []fillJSON{}
			for i := range fills {
				list = append(list, fillOf(pairOf(listing, fills[i].Market), &fills[i]))
			}
			return w.print(list, func(out io.Writer) { printFills(out, list) })
		}),
	}
	part.register(command, "fill")
	return command
}
