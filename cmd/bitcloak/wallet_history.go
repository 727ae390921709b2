package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

var commandNames = map[uint8]string{wire.CommandDummy: "dummy", wire.CommandPlace: "place", wire.CommandAmend: "amend", wire.CommandCancel: "cancel",
	wire.CommandCancelAll: "cancel-all", wire.CommandWithdraw: "withdraw", wire.CommandTransfer: "transfer",
	wire.CommandCloseSession: "close-session", wire.CommandUnreadable: "unreadable"}

// described is an entry of the history: its name, its fields as JSON, and a line for people.
type described struct {
	name   string
	fields map[string]any
	line   string
}

func describeEvent(listing *wallet.Listing, e *wire.HistoryEvent) described {
	switch e.Kind {
	case wire.EventDeposited, wire.EventWithdrawn, wire.EventTransferIn, wire.EventTransferOut, wire.EventRelayFee,
		wire.EventWithdrawalWaiting:
		return describeMoney(listing, e)
	case wire.EventSessionOpened:
		return described{"SessionOpened", map[string]any{"expiresAt": e.ExpiresAt}, "until " + clockOf(e.ExpiresAt)}
	case wire.EventSessionClosed:
		return described{"SessionClosed", map[string]any{}, ""}
	case wire.EventPlaced:
		pair := pairOf(listing, e.Market)
		return described{"Placed", map[string]any{"order": e.Order, "market": e.Market, "pair": pair.Name(), "resting": pair.FormatQuantity(e.Quantity),
			"restingLots": e.Quantity}, fmt.Sprintf("order %d on %s, %s rests", e.Order, pair.Name(), pair.FormatQuantity(e.Quantity))}
	case wire.EventRejected:
		return described{"Rejected", map[string]any{"command": commandNames[e.Command], "order": e.Order, "reason": e.Reason.String(), "reasonCode": e.Reason},
			fmt.Sprintf("%s: %s", commandNames[e.Command], e.Reason)}
	case wire.EventAmended:
		return described{"Amended", map[string]any{"order": e.Order, "remainingLots": e.Quantity}, fmt.Sprintf("order %d, %d lots remain", e.Order, e.Quantity)}
	case wire.EventCancelled:
		return described{"Cancelled", map[string]any{"order": e.Order, "remainingLots": e.Quantity, "reason": e.Reason.String(), "reasonCode": e.Reason},
			fmt.Sprintf("order %d, %d lots: %s", e.Order, e.Quantity, e.Reason)}
	case wire.EventExpired:
		return described{"Expired", map[string]any{"order": e.Order, "remainingLots": e.Quantity}, fmt.Sprintf("order %d, %d lots", e.Order, e.Quantity)}
	case wire.EventFilled:
		return described{"Filled", map[string]any{"fill": e.Number}, fmt.Sprintf("fill %d", e.Number)}
	}
	return described{fmt.Sprintf("Event%d", e.Kind), map[string]any{}, "update the wallet"}
}

func describeMoney(listing *wallet.Listing, e *wire.HistoryEvent) described {
	asset := listing.AssetByID(e.Asset)
	fields := map[string]any{"asset": e.Asset, "symbol": asset.Symbol, "amount": e.Amount}
	line := inWords(e.Amount, &asset)
	switch e.Kind {
	case wire.EventDeposited:
		fields["deposit"] = e.Number
		return described{"Deposited", fields, line}
	case wire.EventWithdrawn:
		fields["outbox"] = e.Number
		return described{"Withdrawn", fields, fmt.Sprintf("%s by outbox message %d", line, e.Number)}
	case wire.EventWithdrawalWaiting:
		return described{"WithdrawalWaiting", fields, line + " waits for its turn in the outbox"}
	case wire.EventRelayFee:
		fields["relay"] = wallet.Address(e.Account)
		return described{"RelayFee", fields, line + " to the relay " + wallet.Address(e.Account)}
	case wire.EventTransferIn:
		fields["from"] = wallet.Address(e.Account)
		return described{"TransferIn", fields, line + " from " + wallet.Address(e.Account)}
	default:
		fields["to"] = wallet.Address(e.Account)
		return described{"TransferOut", fields, line + " to " + wallet.Address(e.Account)}
	}
}

func (w *walletRun) historyCommand() *cobra.Command {
	var part rangeFlags
	command := &cobra.Command{
		Use:   "history [--after N] [--limit N]",
		Short: "List what happened to the account in the pool",
		Long:  "Lists deposits, orders, rejections with their reasons, fills, withdrawals and transfers, oldest first. The last 10,000 are kept.",
		Args:  cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			entries, err := client.History(ctx, part.after, part.limit)
			if err != nil {
				return err
			}
			listing, err := client.Listing(ctx)
			if err != nil {
				return err
			}
			return w.printHistory(listing, entries)
		}),
	}
	part.register(command, "entry")
	return command
}

func (w *walletRun) printHistory(listing *wallet.Listing, entries []wire.HistoryEntry) error {
	list := []map[string]any{}
	var lines []string
	for i := range entries {
		e := &entries[i]
		d := describeEvent(listing, &e.Event)
		d.fields["index"], d.fields["event"], d.fields["checkpoint"], d.fields["timestamp"] = e.Index, d.name, e.Checkpoint, e.Timestamp
		list = append(list, d.fields)
		lines = append(lines, fmt.Sprintf("%d\t%s\t%s\t%s", e.Index, clockOf(e.Timestamp), d.name, d.line))
	}
	return w.print(list, func(out io.Writer) {
		fmt.Fprintf(out, "ENTRY\tTIME\tEVENT\t\n%s", strings.Join(append(lines, ""), "\n"))
	})
}
