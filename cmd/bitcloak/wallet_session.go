package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
)

type sessionJSON struct {
	Account      string     `json:"account"`
	Session      scale.Hash `json:"session"`
	ExpiresAt    int64      `json:"expiresAt"` // ms since 1970
	NextSequence uint64     `json:"nextSequence"`
}

func (w *walletRun) sessionCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "session",
		Short: "Open, show and close the trading session",
		Long: `A session is a secret shared with the contract: with it your orders are sealed and your questions asked, without signing each. Your
account signs once, for some days. One session is open at a time: opening another replaces it, and ends the access of whoever had it.`,
	}, w.sessionOpen(), w.sessionShow(), w.sessionClose())
}

func (w *walletRun) sessionOpen() *cobra.Command {
	var days int
	command := &cobra.Command{
		Use: "open", Short: "Open a session, in place of the one that is open", Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			session, err := client.OpenSession(ctx, time.Duration(days)*24*time.Hour)
			if err != nil {
				return err
			}
			return w.printSession(client, session)
		}),
	}
	command.Flags().IntVar(&days, "days", 30, "how long it lasts, at most 90 days")
	return command
}

func (w *walletRun) sessionShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the open session, as the contract knows it", Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			session, err := client.Session(ctx)
			if err != nil {
				return err
			}
			return w.printSession(client, session)
		}),
	}
}

func (w *walletRun) sessionClose() *cobra.Command {
	return &cobra.Command{
		Use: "close", Short: "Close the session; open orders stay in the book", Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			client, err := w.client(ctx)
			if err != nil {
				return err
			}
			session, err := client.CloseSession(ctx)
			if err != nil {
				return err
			}
			return w.printSession(client, session)
		}),
	}
}

func (w *walletRun) printSession(client *wallet.Client, session *wallet.Session) error {
	value := sessionJSON{Account: wallet.Address(client.Account()), Session: session.ID, ExpiresAt: unixMilli(session.ExpiresAt), NextSequence: session.NextSequence}
	return w.print(value, func(out io.Writer) {
		fmt.Fprintf(out, "account\t%s\nsession\t%s\nexpires\t%s\nnext command\t%d\n", value.Account, value.Session, clock(session.ExpiresAt), value.NextSequence)
	})
}

// clock writes a time for people.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func clockOf(milliseconds uint64) string {
	if milliseconds == 0 {
		return "-"
	}
	return clock(time.UnixMilli(int64(milliseconds)))
}

// unixMilli is ms since 1970; 0 for no time.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
