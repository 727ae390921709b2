package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

type statusJSON struct {
	Genesis    scale.Hash `json:"genesis"`
	Head       uint32     `json:"head"`      // as the node says
	Finalized  uint32     `json:"finalized"` // proven
	Hash       scale.Hash `json:"hash"`      // of the finalised head
	Timestamp  int64      `json:"timestamp"` // of the finalised head, ms
	Epoch      uint32     `json:"epoch"`
	Worker     string     `json:"worker"` // its key; empty if it does not answer
	Registered bool       `json:"registered"`
	// Of the last commit, proven; null before the first.
	Checkpoint *uint64     `json:"checkpoint"`
	StateRoot  *scale.Hash `json:"stateRoot"`
	Halted     bool        `json:"halted"`
	Verified   bool        `json:"verified"`

	remark string
}

func (w *walletRun) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the network, as this wallet has proven it, and the worker",
		Long: `Shows the newest block that this wallet's light client has proven, the last commit in its state, and whether the worker is registered on
the chain and agrees with that commit. "verified" says that all of it holds and is not older than a minute.`,
		Args: cobra.NoArgs,
		RunE: w.runs(func(ctx context.Context, _ []string) error {
			network, err := w.connect(ctx)
			if err != nil {
				return err
			}
			status, err := w.status(ctx, network)
			if err != nil {
				return err
			}
			return w.printStatus(status)
		}),
	}
}

func (w *walletRun) status(ctx context.Context, network *chain.Client) (*statusJSON, error) {
	view, err := network.Fresh(ctx)
	if err != nil {
		return nil, err
	}
	status := &statusJSON{Genesis: network.Genesis(), Finalized: view.Head.Number, Head: view.Head.Number, Hash: view.Head.Hash,
		Timestamp: unixMilli(view.Head.Time), Epoch: view.Epoch.Index, Halted: view.Halted}
	if view.Commit.Some {
		status.Checkpoint, status.StateRoot = &view.Commit.Value.Checkpoint, &view.Commit.Value.StateRoot
	}
	var best header.JSON
	if err := w.node.Call(ctx, &best, "chain_getHeader"); err == nil {
		status.Head = uint32(best.Number)
	}
	status.remark, err = w.checkWorker(ctx, network, status)
	status.Verified = err == nil && status.remark == "" && view.Commit.Some && !view.Halted
	return status, err
}

// checkWorker compares what the worker says with what is proven; the remark says what is wrong.
func (w *walletRun) checkWorker(ctx context.Context, network *chain.Client, status *statusJSON) (remark string, err error) {
	worker, err := wallet.DialWorker(w.flags.worker)
	if err != nil {
		return "", err
	}
	defer worker.Close()
	said, err := worker.Status(ctx)
	if err != nil {
		cause, _ := wallet.Explain(err)
		return cause, nil
	}
	key, err := scale.ParseHash(said.Worker)
	if err != nil {
		return "the worker names no key", nil
	}
	status.Worker = key.String()
	if _, status.Registered, err = network.Worker(ctx, key); err != nil {
		return "", err
	}
	switch {
	case !status.Registered:
		return "the worker is not registered on the chain", nil
	case !said.Ready:
		return "the worker is catching up", nil
	case said.Committed == nil:
		return "the worker has seen no commit yet", nil
	}
	root, err := scale.ParseHash(said.Committed.StateRoot)
	if err != nil {
		return "the worker names no state root", nil
	}
	commit, known, err := network.CommitOf(ctx, said.Committed.Index)
	if err != nil {
		return "", err
	}
	if known && commit.StateRoot != root {
		return "the worker's state is not the one that the chain has committed", nil
	}
	return "", nil
}

func (w *walletRun) printStatus(s *statusJSON) error {
	return w.print(s, func(out io.Writer) {
		worker := s.Worker
		if worker == "" {
			worker = "-"
		}
		fmt.Fprintf(out, "network\t%s\nnewest block\t%d (the node says %d), %s\nblock hash\t%s\nepoch\t%d\nworker\t%s\n",
			s.Genesis, s.Finalized, s.Head, clock(time.UnixMilli(s.Timestamp)), s.Hash, s.Epoch, worker)
		if s.Checkpoint != nil {
			fmt.Fprintf(out, "last commit\tcheckpoint %d\nstate root\t%s\n", *s.Checkpoint, *s.StateRoot)
		}
		if s.Halted {
			fmt.Fprintln(out, "halted\tcommits and payouts have stopped because of a discrepancy between workers")
		}
		if s.Verified {
			fmt.Fprintln(out, "verified\tyes")
		} else {
			remark := s.remark
			if remark == "" && s.Checkpoint == nil {
				remark = "nothing is committed yet"
			}
			fmt.Fprintf(out, "verified\tno: %s\n", remark)
		}
	})
}
