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

type assetJSON struct {
	ID         uint32     `json:"id"`
	Symbol     string     `json:"symbol"`
	Name       string     `json:"name"`
	Decimals   uint8      `json:"decimals"`
	Kind       string     `json:"kind"`
	MinBalance scale.U128 `json:"minBalance"`
}

func (w *walletRun) assetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "assets",
		Short: "List the assets of the network",
		Long: `Lists what can be held, deposited and withdrawn. Anyone can create an asset and give it any name: tell two of one symbol apart by their
numbers.`,
		Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			listing, err := w.listing(ctx)
			if err != nil {
				return err
			}
			list := []assetJSON{}
			for _, a := range listing.Assets {
				list = append(list, assetJSON{ID: a.ID, Symbol: a.Symbol, Name: a.Name, Decimals: a.Decimals, Kind: a.Kind.String(), MinBalance: a.MinBalance})
			}
			return w.print(list, func(out io.Writer) {
				fmt.Fprintln(out, "ID\tSYMBOL\tNAME\tDECIMALS\tKIND\tLEAST BALANCE")
				for _, a := range list {
					fmt.Fprintf(out, "%d\t%s\t%s\t%d\t%s\t%s\n", a.ID, a.Symbol, a.Name, a.Decimals, a.Kind, wallet.FormatAmount(a.MinBalance, a.Decimals))
				}
			})
		}),
	}
}

type marketJSON struct {
	ID          uint32 `json:"id"`
	Name        string `json:"name"`
	Base        uint32 `json:"base"`
	Quote       uint32 `json:"quote"`
	LotSize     string `json:"lotSize"`
	TickSize    string `json:"tickSize"`
	MinQuantity string `json:"minQuantity"`
	MaxQuantity string `json:"maxQuantity"`
	MaxPrice    string `json:"maxPrice"`
	MakerFeePPM uint32 `json:"makerFeePpm"`
	TakerFeePPM uint32 `json:"takerFeePpm"`
	Open        bool   `json:"open"`
	// The same exactly: base units of a lot, quote units of a lot at one tick, lots, ticks.
	LotSizeUnits    scale.U128 `json:"lotSizeUnits"`
	TickValueUnits  uint64     `json:"tickValueUnits"`
	MinQuantityLots uint64     `json:"minQuantityLots"`
	MaxQuantityLots uint64     `json:"maxQuantityLots"`
	MaxPriceTicks   uint64     `json:"maxPriceTicks"`
}

func marketOf(p *wallet.Pair) marketJSON {
	m := &p.Market
	return marketJSON{ID: m.ID, Name: p.Name(), Base: m.Base, Quote: m.Quote, LotSize: p.LotSize(), TickSize: p.TickSize(),
		MinQuantity: p.FormatQuantity(m.MinQuantity), MaxQuantity: p.FormatQuantity(m.MaxQuantity), MaxPrice: p.FormatPrice(m.MaxPrice),
		MakerFeePPM: m.MakerFeePPM, TakerFeePPM: m.TakerFeePPM, Open: m.Status == wire.MarketOpen, LotSizeUnits: m.LotSize,
		TickValueUnits: m.TickValue, MinQuantityLots: m.MinQuantity, MaxQuantityLots: m.MaxQuantity, MaxPriceTicks: m.MaxPrice}
}

func (w *walletRun) marketsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "markets",
		Short: "List the markets",
		Long: `Lists the pairs that trade. Quantities are in the base asset and whole numbers of lots, prices in the quote asset per one base and whole
numbers of ticks. Fees are a share of the quote amount: maker, if your order waited in the book, taker, if it came to one that did.`,
		Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			listing, err := w.listing(ctx)
			if err != nil {
				return err
			}
			list := []marketJSON{}
			for i := range listing.Pairs {
				list = append(list, marketOf(&listing.Pairs[i]))
			}
			return w.print(list, func(out io.Writer) {
				fmt.Fprintln(out, "ID\tMARKET\tLOT\tTICK\tLEAST\tMOST\tMAKER FEE\tTAKER FEE\tSTATUS")
				for _, m := range list {
					status := "open"
					if !m.Open {
						status = "halted"
					}
					fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, m.Name, m.LotSize, m.TickSize, m.MinQuantity, m.MaxQuantity,
						percent(m.MakerFeePPM), percent(m.TakerFeePPM), status)
				}
			})
		}),
	}
}

// percent writes parts per million.
func percent(ppm uint32) string {
	return wallet.FormatAmount(scale.U128From(uint64(ppm)), 4) + " %"
}
