package contract

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"pgregory.net/rapid"
)

// purityFlow draws what a chain may bring: a bit of everything, under small limits.
type purityFlow struct {
	rt      *rapid.T
	w       *world
	traders []*trader
	sent    [][]byte // envelopes, to be replayed
}

func newPurityFlow(t *testing.T, rt *rapid.T) *purityFlow {
	limits := DefaultLimits()
	limits.Sessions, limits.UnfundedIDs, limits.LiveIDs, limits.Relays, limits.Outbox = 4, 3, 6, 2, 60
	limits.History, limits.Accounts, limits.Leaves = minimumRing, 40, 60
	f := &purityFlow{rt: rt, w: newWorld(t, limits)}
	f.w.list(exampleMarket())
	f.w.block()
	for i := range byte(6) {
		f.traders = append(f.traders, f.w.newTrader(i+1))
	}
	for i, tr := range f.traders[:3] {
		for _, asset := range []uint32{base, quote, wire.NativeAsset} {
			f.w.fund(tr.id, asset, 50_000*uint64(i+1))
		}
		tr.link(24 * hour)
	}
	f.w.block()
	return f
}

func (f *purityFlow) few(name string, most int) int { return rapid.IntRange(0, most).Draw(f.rt, name) }

func (f *purityFlow) trader() *trader { return rapid.SampledFrom(f.traders).Draw(f.rt, "trader") }

// block fills the next block.
func (f *purityFlow) block() {
	f.w.epoch += rapid.SampledFrom([]uint32{0, 0, 0, 1, 1, 2}).Draw(f.rt, "epochs")
	if err := f.w.ring.StartEpoch(f.w.epoch); err != nil { // wallets find the key on the chain
		f.rt.Fatal(err)
	}
	for range f.few("messages", 25) {
		f.message()
	}
}

func (f *purityFlow) message() {
	w := f.w
	switch f.few("message", 19) {
	case 0:
		tr, lasts := f.trader(), rapid.SampledFrom([]uint64{600, 1_700, hour}).Draw(f.rt, "lasts")
		if f.few("secret", 2) == 0 { // the one of an earlier session, whose id may be free again
			tr.linkWith([32]byte{0xab, tr.id[0]}, w.time+lasts)
			break
		}
		tr.link(lasts)
	case 1:
		for range f.few("refused", 3) * 25 {
			w.depositFrom(wire.AccountID{0xd0, byte(f.few("from", 40))}, wire.SealedBeneficiary(nil), 5_000, wire.U128{Lo: 2})
		}
	case 2:
		w.depositFor(wire.PlainBeneficiary(f.trader().id), rapid.SampledFrom([]uint32{base, quote, 0, 77}).Draw(f.rt, "asset"), wire.U128{Lo: 500})
	case 3:
		w.add(wire.InboxMessage{Kind: wire.MessageFees, Fees: wire.Fees{Asset: quote, To: wire.AccountID{0x60}}})
	case 4:
		market := exampleMarket()
		market.Status, market.TakerFeePPM = uint8(f.few("status", 3)/3), uint32(f.few("fee", 9_000))
		w.list(market)
	case 5:
		for range f.few("withdrawals", 20) {
			f.send(f.trader(), withdrawal(base, 1, wire.AccountID{9}))
		}
	case 6:
		f.send(f.trader(), wire.Command{Kind: wire.CommandCloseSession})
	case 7:
		if len(f.sent) > 0 {
			b := bytes.Clone(rapid.SampledFrom(f.sent).Draw(f.rt, "replay"))
			b[f.few("at", len(b)-1)] ^= byte(f.few("bit", 1)) // a replay, or garbage
			w.relayed(relayOne, 300, b)
		}
	default:
		ids := []wire.AccountID{f.traders[0].id, f.traders[1].id, f.traders[5].id, {0x99}}
		f.send(f.trader(), drawCommand(f.rt, w.time+500, ids))
	}
}

// send sends a command of a trader that ever had a session, through anyone.
func (f *purityFlow) send(tr *trader, command wire.Command) {
	if tr.session == nil || tr.session.Opened() > f.w.epoch {
		return
	}
	relays := []wire.AccountID{relayOne, relayTwo, {0x7e, 3}, tr.id, {}}
	command.Relay = rapid.SampledFrom(relays).Draw(f.rt, "relay")
	sender := rapid.SampledFrom([]wire.AccountID{command.Relay, command.Relay, relayOne}).Draw(f.rt, "sender")
	epoch := f.w.epoch
	if epoch > tr.session.Opened() && f.few("late", 3) == 0 {
		epoch--
	}
	envelope, err := tr.session.Seal(epoch, tr.next, &command)
	if err != nil { // the session has ratcheted past that epoch
		return
	}
	tr.next++
	f.sent = append(f.sent, envelope)
	f.w.relayed(sender, uint64(f.few("fee", 400)), envelope)
}

// applyInChunks applies a block's messages, some prepared ahead of their turn in
// chunks, by one goroutine or by two.
func applyInChunks(rt *rapid.T, c *Contract, messages []wire.InboxMessage) {
	for len(messages) > 0 {
		size := min(len(messages), rapid.SampledFrom([]int{1, 2, 7, 1 << 16}).Draw(rt, "chunk"))
		goroutines := rapid.IntRange(0, 2).Draw(rt, "goroutines")
		prepared := make([]Prepared, size)
		var group sync.WaitGroup
		for i := range prepared {
			prepared[i].Message = &messages[i]
		}
		for g := range goroutines {
			group.Go(func() {
				workspace := new(Workspace)
				for i := g; i < size; i += goroutines {
					c.Prepare(workspace, &prepared[i])
				}
			})
		}
		group.Wait()
		for i := range prepared {
			if err := c.ApplyPrepared(&prepared[i]); err != nil {
				rt.Fatal(err)
			}
		}
		messages = messages[size:]
	}
}

func snapshotOf(rt *rapid.T, c *Contract) []byte {
	var b bytes.Buffer
	if err := c.Snapshot(&b); err != nil {
		rt.Fatal(err)
	}
	return b.Bytes()
}

// TestI5CommitsArePure: a commit is a function of the previous root and the
// checkpoint. One contract runs from the start and prepares nothing; others prepare in
// chunks, in parallel, and are restored from one another's snapshots between any two
// checkpoints. Their commits and their snapshots are the same bytes. (Each contract's
// maps have seeds of their own, so an order of theirs would show.)
func TestI5CommitsArePure(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newPurityFlow(t, rt)
		w := f.w
		var replicas []*Contract
		for range 3 {
			replicas = append(replicas, w.restore(w.snapshot()))
		}
		for range rapid.IntRange(1, 9).Draw(rt, "blocks") {
			f.block()
			messages := slices.Clone(w.pending)
			commit := wire.CommitCodec.Marshal(*w.block())
			block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
			messages = slices.Insert(messages, 0, block)
			snapshot := snapshotOf(rt, w.c)
			for i, c := range replicas {
				applyInChunks(rt, c, messages)
				got, err := c.EndCheckpoint(w.last.BlockHash)
				if err != nil {
					rt.Fatal(err)
				}
				if !bytes.Equal(wire.CommitCodec.Marshal(*got), commit) {
					rt.Fatalf("replica %d commits %+v, want %+v", i, got, w.last)
				}
				if !bytes.Equal(snapshotOf(rt, c), snapshot) {
					rt.Fatalf("replica %d writes another snapshot", i)
				}
			}
			for i := range replicas {
				if rapid.IntRange(0, 3).Draw(rt, "restore") == 0 {
					replicas[i] = w.restore(snapshotOf(rt, replicas[(i+1)%len(replicas)]))
				}
			}
		}
		for _, c := range replicas {
			if err := c.CheckInvariants(); err != nil {
				rt.Fatal(err)
			}
		}
	})
}
