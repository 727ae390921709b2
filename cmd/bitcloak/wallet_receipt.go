package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

type leafJSON struct {
	Asset     uint32       `json:"asset"`
	Available scale.U128   `json:"available"`
	Held      scale.U128   `json:"held"`
	Index     uint32       `json:"index"`
	Blinding  scale.Hash   `json:"blinding"`
	Siblings  []scale.Hash `json:"siblings"`
	Remainder scale.Hash   `json:"remainder"`
}

func leafOf(p *wire.LeafProof) leafJSON {
	return leafJSON{Asset: p.Leaf.Asset, Available: p.Leaf.Available, Held: p.Leaf.Held, Index: p.Index, Blinding: p.Leaf.Blinding,
		Siblings: append([]scale.Hash{}, p.Siblings...), Remainder: p.Remainder}
}

type receiptJSON struct {
	fillJSON
	Genesis   scale.Hash     `json:"genesis"`
	Account   string         `json:"account"`
	Worker    scale.Hash     `json:"worker"`
	StateRoot scale.Hash     `json:"stateRoot"`
	BaseLeaf  leafJSON       `json:"baseLeaf"`
	QuoteLeaf leafJSON       `json:"quoteLeaf"`
	Answer    scale.HexBytes `json:"answer"` // SCALE(Answer), signed
	Block     receiptBlock   `json:"block"`
	Receipt   scale.HexBytes `json:"receipt"` // SCALE: what 'receipt verify' reads
	Verified  []string       `json:"verified"`
}

type receiptBlock struct {
	Number uint32     `json:"number"`
	Hash   scale.Hash `json:"hash"`
}

// whatHolds is what a receipt that passes Receipt.Verify shows by itself.
var whatHolds = []string{
	"the answer is signed by the worker",
	"both balances lead to the answer's state root",
	"the chain had committed that state root for the answer's checkpoint, as of the block named",
	"the worker was registered on the chain, as of that block",
}

const whatIsFinal = "the block is on the network's finalised chain"

func receiptOf(pair *wallet.Pair, r *wallet.Receipt, final bool) receiptJSON {
	answer := &r.Answer
	value := receiptJSON{fillJSON: fillOf(pair, &answer.Body.Fill), Genesis: answer.Instance.Genesis, Account: wallet.Address(r.Account()), Worker: answer.Worker,
		StateRoot: answer.StateRoot, BaseLeaf: leafOf(&answer.Body.Base), QuoteLeaf: leafOf(&answer.Body.Quote),
		Answer: wire.AnswerCodec.Marshal(*answer), Block: receiptBlock(r.Block()), Receipt: wallet.ReceiptCodec.Marshal(*r), Verified: whatHolds}
	if final {
		value.Verified = append(append([]string{}, whatHolds...), whatIsFinal)
	}
	return value
}

func (w *walletRun) receiptCommand() *cobra.Command {
	var file string
	command := &cobra.Command{
		Use:   "receipt FILL [--out FILE]",
		Short: "Prove a fill: to yourself, or to others with a file",
		Long: `Asks for the proof of one of your fills: the worker's signed answer, your two balances after it, each with its Merkle proof to the state
root that the chain has committed, and the proof of that commit. With --out it is written to a file that anyone can check with
'bitcloak wallet receipt verify FILE'. It shows your account, the fill and the two balances to whoever reads it.`,
		Args: cobra.ExactArgs(1),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			fill, err := parseNumber("a fill's number", args[0])
			if err != nil {
				return err
			}
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			receipt, err := client.Receipt(ctx, fill)
			if err != nil {
				return err
			}
			listing, err := client.Listing(ctx)
			if err != nil {
				return err
			}
			value := receiptOf(pairOf(listing, receipt.Answer.Body.Fill.Market), receipt, true)
			if file != "" {
				if err := writeReceipt(file, &value); err != nil {
					return err
				}
			}
			return w.printReceipt(&value, file)
		}),
	}
	command.Flags().StringVar(&file, "out", "", "write the receipt to this file")
	command.AddCommand(w.receiptVerify())
	return command
}

func writeReceipt(file string, value *receiptJSON) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	handle, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &wallet.Refused{Cause: "the receipt cannot be written to " + file, Remedy: "name a file that is not there yet", Err: err}
	}
	_, err = handle.Write(append(content, '\n'))
	return errors.Join(err, handle.Close())
}

func (w *walletRun) printReceipt(value *receiptJSON, file string) error {
	return w.print(value, func(out io.Writer) {
		printFills(out, []fillJSON{value.fillJSON})
		fmt.Fprintf(out, "\naccount\t%s\nworker\t%s\nstate root\t%s\nblock\t%d %s\n\nVerified:\n", value.Account, value.Worker, value.StateRoot, value.Block.Number, value.Block.Hash)
		for _, what := range value.Verified {
			fmt.Fprintf(out, "  %s\n", what)
		}
		if file != "" {
			fmt.Fprintf(out, "\nWritten to %s.\n", file)
		}
	})
}

func (w *walletRun) receiptVerify() *cobra.Command {
	var offline bool
	command := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a receipt, anyone's",
		Long: `Checks a receipt that 'receipt FILL --out FILE' has written: signature, balances, commit and worker, and that the block it rests on is on
the finalised chain. With --offline the last is left out and no network is needed: compare the block's hash yourself.`,
		Args: cobra.ExactArgs(1),
		RunE: w.runs(func(ctx context.Context, args []string) error {
			receipt, err := readReceipt(args[0])
			if err != nil {
				return err
			}
			genesis, err := w.receiptNetwork(receipt)
			if err != nil {
				return err
			}
			if err := receipt.Verify(genesis); err != nil {
				return err
			}
			listing := &wallet.Listing{}
			if !offline {
				if listing, err = w.listing(ctx); err != nil {
					return err
				}
				if err := w.chain.Final(ctx, receipt.Block()); err != nil {
					return err
				}
			}
			value := receiptOf(pairOf(listing, receipt.Answer.Body.Fill.Market), receipt, !offline)
			return w.printReceipt(&value, "")
		}),
	}
	command.Flags().BoolVar(&offline, "offline", false, "do not ask a node whether the block is final")
	return command
}

// receiptNetwork is the network that a receipt must be of: the one named, or the home's, or else the one that the receipt names.
func (w *walletRun) receiptNetwork(receipt *wallet.Receipt) (scale.Hash, error) {
	if w.flags.genesis != "" {
		genesis, err := scale.ParseHash(w.flags.genesis)
		if err != nil {
			return genesis, usagef("--genesis: %w", err)
		}
		return genesis, nil
	}
	home, err := w.openHome()
	if err != nil {
		return scale.Hash{}, err
	}
	network, found, err := home.Network()
	if !found {
		return receipt.Answer.Instance.Genesis, err
	}
	return network.Genesis, err
}

func readReceipt(file string) (*wallet.Receipt, error) {
	damaged := func(err error) error {
		return &wallet.Refused{Cause: file + " is not a receipt", Remedy: "name a file that 'receipt FILL --out FILE' has written", Err: err}
	}
	handle, err := os.Open(file)
	if err != nil {
		return nil, damaged(err)
	}
	defer handle.Close()
	content, err := io.ReadAll(io.LimitReader(handle, 4*wallet.MaximumReceipt))
	if err != nil {
		return nil, damaged(err)
	}
	var value struct {
		Receipt scale.HexBytes `json:"receipt"`
	}
	if err := json.Unmarshal(content, &value); err != nil {
		return nil, damaged(err)
	}
	receipt, err := wallet.ReceiptCodec.Unmarshal(value.Receipt)
	if err != nil {
		return nil, damaged(err)
	}
	return &receipt, nil
}
