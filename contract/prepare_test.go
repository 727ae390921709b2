package contract

import (
	"bytes"
	"sync"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// round is a block's messages and the commit that they led to unprepared.
type round struct {
	messages []wire.InboxMessage
	commit   []byte
	hash     wire.Hash
}

// busyRounds lets sessions open, close and be replaced within blocks and an epoch pass.
func busyRounds(w *world, traders []*trader) (rounds []round) {
	newcomer := w.newTrader(60)
	for i := range uint64(8) {
		for k, tr := range traders {
			tr.send(limit(300+i, uint8(i+uint64(k))%2, 100, 10))
			tr.send(wire.Command{Kind: wire.CommandTransfer, Asset: base, Amount: wire.U128{Lo: 1}, To: newcomer.id})
		}
		switch i {
		case 2: // opened and used within one block
			newcomer.link(24 * hour)
			newcomer.send(limit(1, wire.Sell, 200, 2))
		case 3: // replaced within one block: what follows belongs to the new session
			newcomer.link(24 * hour)
			newcomer.send(limit(2, wire.Sell, 200, 2))
		case 4:
			w.epoch++
		case 5:
			traders[0].send(wire.Command{Kind: wire.CommandCloseSession})
			traders[0].send(limit(999, wire.Sell, 100, 10))
			traders[0].link(24 * hour)
		}
		pending := append([]wire.InboxMessage(nil), w.pending...)
		commit := wire.CommitCodec.Marshal(*w.block())
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
		rounds = append(rounds, round{append([]wire.InboxMessage{block}, pending...), commit, w.last.BlockHash})
	}
	return rounds
}

// finish ends a round and compares its commit.
func (r *round) finish(t *testing.T, name string, c *Contract) {
	t.Helper()
	commit, err := c.EndCheckpoint(r.hash)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wire.CommitCodec.Marshal(*commit), r.commit) {
		t.Fatalf("%s preparation shows at block %d", name, commit.Number)
	}
}

// TestI5PreparingCannotShow applies the same messages to a contract that prepares
// nothing, to one that prepares each block in parallel, and to one that prepared
// all of them long before their turn: their commits are the same.
func TestI5PreparingCannotShow(t *testing.T) {
	w, traders := busyWorld(t)
	snapshot := w.snapshot()
	parallel, early := w.restore(snapshot), w.restore(snapshot)
	rounds := busyRounds(w, traders)
	for _, r := range rounds {
		prepared := make([]Prepared, len(r.messages))
		var group sync.WaitGroup
		for worker := range 2 {
			group.Go(func() {
				workspace := new(Workspace)
				for i := worker; i < len(r.messages); i += 2 {
					prepared[i].Message = &r.messages[i]
					parallel.Prepare(workspace, &prepared[i])
				}
			})
		}
		group.Wait()
		for i := range prepared {
			if err := parallel.ApplyPrepared(&prepared[i]); err != nil {
				t.Fatal(err)
			}
		}
		r.finish(t, "parallel", parallel)
	}
	var ahead []Prepared
	workspace := new(Workspace)
	for _, r := range rounds {
		for i := range r.messages {
			p := Prepared{Message: &r.messages[i]}
			early.Prepare(workspace, &p)
			ahead = append(ahead, p)
		}
	}
	for _, r := range rounds {
		for range r.messages {
			if err := early.ApplyPrepared(&ahead[0]); err != nil {
				t.Fatal(err)
			}
			ahead = ahead[1:]
		}
		r.finish(t, "early", early)
	}
	for _, c := range []*Contract{w.c, parallel, early} {
		if err := c.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStalePreparationIsRedone: a command prepared against a session that was
// replaced since is opened anew.
func TestStalePreparationIsRedone(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	message := wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: tr.seal(limit(1, wire.Sell, 100, 4))}}
	p := Prepared{Message: &message}
	w.c.Prepare(new(Workspace), &p)
	if !p.authentic || !p.readable {
		t.Fatal("the command does not open ahead of its turn")
	}
	tr.link(hour)
	w.block()
	block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
	if err := w.c.Apply(&block); err != nil {
		t.Fatal(err)
	}
	if err := w.c.ApplyPrepared(&p); err != nil {
		t.Fatal(err)
	}
	if _, err := w.c.EndCheckpoint(wire.Hash{}); err != nil {
		t.Fatal(err)
	}
	if len(tr.ask(wire.Query{Kind: wire.QueryOrders}).Orders) != 0 {
		t.Error("a replaced session's command was applied because it had been prepared")
	}
}
