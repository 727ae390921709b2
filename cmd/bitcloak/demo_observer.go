package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/wire"
)

// callNames are the calls of the story, as an explorer names them.
var callNames = map[[2]uint8]string{
	{wire.PalletTimestamp, 0}:                               "timestamp.set",
	{wire.PalletPrivateAssets, wire.CallIndexDeposit}:       "privateAssets.deposit",
	{wire.PalletConfidential, wire.CallIndexSubmit}:         "confidential.submit",
	{wire.PalletConfidential, wire.CallIndexCommit}:         "confidential.commit",
	{wire.PalletConfidential, wire.CallIndexAnnounceKey}:    "confidential.announce_key",
	{wire.PalletConfidential, wire.CallIndexRegisterWorker}: "confidential.register_worker",
}

// observe reads the whole chain as an outsider does, prints what there was to see, and looks for what must not be there.
func (d *demo) observe(ctx context.Context) error {
	view, err := d.chain.Fresh(ctx)
	if err != nil {
		return err
	}
	d.result.Blocks = view.Head.Number
	d.result.Commits = view.Commit.Value.Checkpoint + 1
	d.say("\nWhat an observer of the chain saw (%d blocks, %d commits; heartbeats left out):", d.result.Blocks, d.result.Commits)
	table := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "  block\tsender\tcall\tbytes\tevents")
	for number := uint32(1); number <= view.Head.Number; number++ {
		head, found := d.chain.Block(number)
		if !found {
			return fmt.Errorf("block %d was not followed", number)
		}
		if err := d.observeBlock(ctx, head, table); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	word := "none of them was there"
	if d.result.ObserverSawPlaintext {
		word = "SOME WERE THERE"
	}
	d.say("Looked for %d pieces of plaintext in every transaction, event and changed value: %s.", len(d.secrets), word)
	return nil
}

func (d *demo) observeBlock(ctx context.Context, head light.Head, table *tabwriter.Writer) error {
	body, err := d.chain.Node().Body(ctx, head.Hash)
	if err != nil {
		return err
	}
	events, err := d.chain.Events(ctx, head)
	if err != nil {
		return err
	}
	messages, err := d.chain.Read(ctx, head, wire.StorageBlockMessages(), wire.StorageLastCommit())
	if err != nil {
		return err
	}
	names := map[uint32][]string{}
	for _, event := range events {
		d.search("an event", event.Fields)
		if event.Extrinsic.Some && event.Pallet >= wire.PalletPrivateAssets {
			names[event.Extrinsic.Value] = append(names[event.Extrinsic.Value], event.Name)
		}
	}
	for _, value := range messages {
		d.search("storage", value)
	}
	for i, encoded := range body {
		d.search("a transaction", encoded)
		row, err := describe(encoded)
		if err != nil {
			return err
		}
		if i == 0 && len(body) == 1 {
			continue // a heartbeat
		}
		if !strings.HasPrefix(row, "-\ttimestamp") {
			fmt.Fprintf(table, "  %d\t%s\t%d\t%s\n", head.Number, row, len(encoded), strings.Join(names[uint32(i)], " "))
		}
	}
	return nil
}

// describe gives the sender and the call of an extrinsic.
func describe(encoded []byte) (string, error) {
	decoded, err := extrinsic.Decode(encoded)
	if err != nil {
		return "", err
	}
	if len(decoded.Call) < 2 {
		return "", fmt.Errorf("an extrinsic without a call")
	}
	index := [2]uint8(decoded.Call[:2])
	name, known := callNames[index]
	if !known {
		name = fmt.Sprintf("call %d.%d", index[0], index[1])
	}
	sender := "-"
	if decoded.Signed {
		sender = fmt.Sprintf("0x%x…", decoded.Address.ID[:4])
	}
	return sender + "\t" + name, nil
}

// search looks for every secret in what an outsider can read.
func (d *demo) search(where string, public []byte) {
	for _, secret := range d.secrets {
		if bytes.Contains(public, secret.bytes) {
			d.result.ObserverSawPlaintext = true
			d.say("  %s can be read in %s", secret.what, where)
		}
	}
}
