package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

// amountOf reads an amount of an asset as it was typed.
func (w *walletRun) amountOf(text string, asset *chain.Asset) (scale.U128, error) {
	decimals := asset.Decimals
	if w.flags.baseUnits {
		decimals = 0
	}
	return wallet.ParseAmount(text, decimals)
}

// inWords writes an amount for people.
func inWords(amount scale.U128, asset *chain.Asset) string {
	return wallet.FormatAmount(amount, asset.Decimals) + " " + asset.Symbol
}

// funds is what the commands that move an amount need: the account's wallet, the asset, the amount and the other account.
type funds struct {
	client *wallet.Client
	asset  *chain.Asset
	amount scale.U128
	to     scale.AccountID
}

// funds reads AMOUNT and ASSET and an address, by default the account's own.
func (w *walletRun) funds(ctx context.Context, amount, asset, to string) (*funds, error) {
	if err := w.mayAsk(); err != nil {
		return nil, err
	}
	f := &funds{}
	var err error
	if to != "" {
		if f.to, err = wallet.ParseAddress(to); err != nil {
			return nil, err
		}
	}
	client, err := w.client(ctx)
	if err != nil {
		return nil, err
	}
	f.client = client
	if to == "" {
		f.to = client.Account()
	}
	listing, err := client.Listing(ctx)
	if err != nil {
		return nil, err
	}
	if f.asset, err = listing.Asset(asset); err != nil {
		return nil, err
	}
	if amount != "" {
		f.amount, err = w.amountOf(amount, f.asset)
	}
	return f, err
}

type depositJSON struct {
	Deposit   uint64     `json:"deposit"`
	Asset     uint32     `json:"asset"`
	Symbol    string     `json:"symbol"`
	Amount    scale.U128 `json:"amount"`
	Block     scale.Hash `json:"block"`
	Number    uint32     `json:"number"`
	Committed bool       `json:"committed"`
}

func (w *walletRun) depositCommand() *cobra.Command {
	var sealed bool
	var to string
	command := &cobra.Command{
		Use:   "deposit AMOUNT ASSET",
		Short: "Move an amount from the chain into the pool",
		Long: `Moves an amount from your account on the chain into the pool, where it can be traded. Everyone sees who deposited how much; for whom it
is shows only without --sealed. The command returns when the contract has it in its ledger and the chain has committed that.`,
		Example: "  bitcloak wallet deposit 1.5 KSM\n  bitcloak wallet deposit 1000 USDT --sealed --to ADDRESS",
		Args:    cobra.ExactArgs(2),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			f, err := w.funds(ctx, args[0], args[1], to)
			if err != nil {
				return err
			}
			if err := w.confirm("Deposit %s into the pool for %s.", inWords(f.amount, f.asset), wallet.Address(f.to)); err != nil {
				return err
			}
			deposited, err := f.client.Deposit(ctx, f.asset, f.amount, f.to, sealed)
			if err != nil {
				return err
			}
			value := depositJSON{Deposit: deposited.ID, Asset: f.asset.ID, Symbol: f.asset.Symbol, Amount: f.amount, Block: deposited.Block, Number: deposited.Number, Committed: true}
			return w.print(value, func(out io.Writer) {
				fmt.Fprintf(out, "Deposited %s in block %d; it is in the pool.\n", inWords(f.amount, f.asset), deposited.Number)
			})
		}),
	}
	command.Flags().BoolVar(&sealed, "sealed", false, "hide for whom it is: only the contract can read that")
	command.Flags().StringVar(&to, "to", "", "address of the account it is for (default: yours)")
	return command
}

type balanceJSON struct {
	Asset     uint32     `json:"asset"`
	Symbol    string     `json:"symbol"`
	Decimals  uint8      `json:"decimals"`
	Public    scale.U128 `json:"public"`
	Claimable scale.U128 `json:"claimable"`
	// What is in the pool; null without a session, which is what asks for it.
	Available *scale.U128 `json:"available"`
	Held      *scale.U128 `json:"held"`
}

func (w *walletRun) balancesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "balances",
		Short: "Show what the account has, on the chain and in the pool",
		Long: `Shows, of each asset: what the account has on the chain for all to see, what it can claim there because a payout failed, what is available
in the pool, and what its open orders hold there. Each number is proven: on the chain by a storage proof, in the pool by a Merkle proof
to the state root that the chain has committed.`,
		Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			balances, pooled, err := client.Balances(ctx)
			if err != nil {
				return err
			}
			if !pooled {
				w.say("This wallet has no session, so it cannot ask for balances in the pool: bitcloak wallet session open")
			}
			return w.printBalances(balances, pooled)
		}),
	}
}

func (w *walletRun) printBalances(balances []wallet.Balance, pooled bool) error {
	list := []balanceJSON{}
	for i := range balances {
		b := &balances[i]
		value := balanceJSON{Asset: b.Asset.ID, Symbol: b.Asset.Symbol, Decimals: b.Asset.Decimals, Public: b.Public, Claimable: b.Claimable}
		if pooled {
			value.Available, value.Held = &b.Available, &b.Held
		}
		list = append(list, value)
	}
	return w.print(list, func(out io.Writer) {
		fmt.Fprintln(out, "ASSET\tON THE CHAIN\tCLAIMABLE\tIN THE POOL\tHELD BY ORDERS")
		for i := range balances {
			b := &balances[i]
			if b.Public.IsZero() && b.Claimable.IsZero() && b.Available.IsZero() && b.Held.IsZero() {
				continue
			}
			show := func(amount scale.U128) string { return wallet.FormatAmount(amount, b.Asset.Decimals) }
			available, held := "?", "?"
			if pooled {
				available, held = show(b.Available), show(b.Held)
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", b.Asset.Symbol, show(b.Public), show(b.Claimable), available, held)
		}
	})
}

type withdrawJSON struct {
	Outbox uint64     `json:"outbox"`
	Asset  uint32     `json:"asset"`
	Symbol string     `json:"symbol"`
	Amount scale.U128 `json:"amount"`
	To     string     `json:"to"`
	Paid   bool       `json:"paid"`
	Block  scale.Hash `json:"block"`
	Number uint32     `json:"number"`
}

func (w *walletRun) withdrawCommand() *cobra.Command {
	var to string
	command := &cobra.Command{
		Use:   "withdraw AMOUNT ASSET",
		Short: "Pay an amount out of the pool to an account on the chain",
		Long: `Pays out of the pool to your account on the chain, or another. The command to do so is sealed, the payout shows: to whom and how much.
Round amounts, another time and another account tell less. The command returns when the chain has paid. If it cannot pay (the receiver's
account is frozen, say), the amount waits there for its receiver: see 'claim'.`,
		Example: "  bitcloak wallet withdraw 1.5 KSM",
		Args:    cobra.ExactArgs(2),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			f, err := w.funds(ctx, args[0], args[1], to)
			if err != nil {
				return err
			}
			if err := w.confirm("Withdraw %s from the pool to %s.", inWords(f.amount, f.asset), wallet.Address(f.to)); err != nil {
				return err
			}
			paid, err := f.client.Withdraw(ctx, f.asset, f.amount, f.to)
			if err != nil {
				return err
			}
			value := withdrawJSON{Outbox: paid.Outbox, Asset: f.asset.ID, Symbol: f.asset.Symbol, Amount: f.amount, To: wallet.Address(f.to),
				Paid: paid.Paid, Block: paid.Block, Number: paid.Number}
			return w.print(value, func(out io.Writer) {
				if !paid.Paid {
					fmt.Fprintf(out, "%s left the pool but could not be paid in block %d; its receiver can claim it: bitcloak wallet claim %s\n",
						inWords(f.amount, f.asset), paid.Number, f.asset.Symbol)
					return
				}
				fmt.Fprintf(out, "Paid %s to %s in block %d.\n", inWords(f.amount, f.asset), value.To, paid.Number)
			})
		}),
	}
	command.Flags().StringVar(&to, "to", "", "address that receives it (default: yours)")
	return command
}

type claimJSON struct {
	Asset  uint32     `json:"asset"`
	Symbol string     `json:"symbol"`
	Amount scale.U128 `json:"amount"`
	To     string     `json:"to"`
	Block  scale.Hash `json:"block"`
	Number uint32     `json:"number"`
}

func (w *walletRun) claimCommand() *cobra.Command {
	var to string
	command := &cobra.Command{
		Use:   "claim ASSET",
		Short: "Receive payouts that could not be made",
		Args:  cobra.ExactArgs(1),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			f, err := w.funds(ctx, "", args[0], to)
			if err != nil {
				return err
			}
			if err := w.confirm("Claim all claimable %s for %s.", f.asset.Symbol, wallet.Address(f.to)); err != nil {
				return err
			}
			claimed, err := f.client.Claim(ctx, f.asset, f.to)
			if err != nil {
				return err
			}
			value := claimJSON{Asset: f.asset.ID, Symbol: f.asset.Symbol, Amount: claimed.Amount, To: wallet.Address(f.to), Block: claimed.Block, Number: claimed.Number}
			return w.print(value, func(out io.Writer) {
				fmt.Fprintf(out, "Claimed %s for %s in block %d.\n", inWords(claimed.Amount, f.asset), value.To, claimed.Number)
			})
		}),
	}
	command.Flags().StringVar(&to, "to", "", "address that receives it (default: yours)")
	return command
}

type transferJSON struct {
	Asset  uint32     `json:"asset"`
	Symbol string     `json:"symbol"`
	Amount scale.U128 `json:"amount"`
	To     string     `json:"to"`
	Status string     `json:"status"`
}

func (w *walletRun) transferCommand() *cobra.Command {
	var to string
	command := &cobra.Command{
		Use:     "transfer AMOUNT ASSET --to ADDRESS",
		Short:   "Give an amount to another account inside the pool",
		Long:    "Moves an amount to another account inside the pool. Nothing of it shows on the chain, neither to whom nor how much.",
		Example: "  bitcloak wallet transfer 100 USDT --to ADDRESS",
		Args:    cobra.ExactArgs(2),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			if to == "" {
				return usagef("name the receiver with --to ADDRESS")
			}
			f, err := w.funds(ctx, args[0], args[1], to)
			if err != nil {
				return err
			}
			if err := w.confirm("Transfer %s inside the pool to %s.", inWords(f.amount, f.asset), wallet.Address(f.to)); err != nil {
				return err
			}
			if err := f.client.Transfer(ctx, f.asset, f.amount, f.to); err != nil {
				return err
			}
			value := transferJSON{Asset: f.asset.ID, Symbol: f.asset.Symbol, Amount: f.amount, To: wallet.Address(f.to), Status: "done"}
			return w.print(value, func(out io.Writer) {
				fmt.Fprintf(out, "Transferred %s to %s.\n", inWords(f.amount, f.asset), value.To)
			})
		}),
	}
	command.Flags().StringVar(&to, "to", "", "address that receives it")
	return command
}
