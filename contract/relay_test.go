package contract

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

var (
	relayOne = wire.AccountID{0x7e, 1}
	relayTwo = wire.AccountID{0x7e, 2}
)

// newRelayed is a funded trader with CLOAK.
func (w *world) newRelayed(seed byte, cloak uint64) *trader {
	tr := w.newFunded(seed)
	w.fund(tr.id, wire.NativeAsset, cloak)
	w.block()
	return tr
}

// coming is what a relay has coming.
func (w *world) coming(id wire.AccountID) uint64 {
	at, known := w.c.relays.byID[id]
	if !known {
		return 0
	}
	return w.c.relays.list[at].owed.Lo
}

var dummy = wire.Command{Kind: wire.CommandDummy}

// TestRelayRefunds: an envelope's cost goes from the account that sealed it to the
// relay that it named and that sent it, whatever becomes of the command; all else
// refunds nothing.
func TestRelayRefunds(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newRelayed(1, 10_000)
	var last []byte // the last envelope that was refunded
	for _, step := range []struct {
		name   string
		sender wire.AccountID
		fee    uint64
		refund uint64
		seal   func() []byte
	}{
		{"a dummy", relayOne, 100, 100, func() []byte { return tr.seal(through(relayOne, dummy)) }},
		{"a rejected command", relayOne, 50, 50, func() []byte {
			last = tr.seal(through(relayOne, wire.Command{Kind: wire.CommandCancel, Order: 99}))
			return last
		}},
		{"a replay", relayOne, 50, 0, func() []byte { return last }},
		{"another cost", relayTwo, 1, 1, func() []byte { return tr.seal(through(relayTwo, limit(1, wire.Sell, 100, 4))) }},
		{"no cost", relayOne, 0, 0, func() []byte { return tr.seal(through(relayOne, dummy)) }},
		{"a copier", relayTwo, 100, 0, func() []byte { return tr.seal(through(relayOne, dummy)) }},
		{"its own sender, who names himself", tr.id, 100, 0, func() []byte { return tr.seal(through(tr.id, dummy)) }},
		{"its own sender, who names a relay", tr.id, 100, 0, func() []byte { return tr.seal(through(relayOne, dummy)) }},
		{"nobody named", relayOne, 100, 0, func() []byte { return tr.seal(dummy) }},
		{"nobody named, nobody sends", wire.AccountID{}, 100, 0, func() []byte { return tr.seal(dummy) }},
		{"garbage", relayOne, 100, 0, func() []byte {
			bad := bytes.Clone(tr.sealAt(w.epoch, tr.next, through(relayOne, dummy)))
			bad[len(bad)-1] ^= 1
			return bad
		}},
		{"the tag that garbage left", relayOne, 7, 7, func() []byte { return tr.seal(through(relayOne, dummy)) }},
		{"an unknown tag", relayOne, 100, 0, func() []byte { return tr.sealAt(w.epoch, tr.next+windowSize, through(relayOne, dummy)) }},
		{"an opening", relayOne, 100, 0, func() []byte {
			tr.link(hour)
			envelope := w.pending[0].Envelope.Bytes
			w.pending = nil
			return envelope
		}},
		{"the new session", relayOne, 100, 100, func() []byte { return tr.seal(through(relayOne, dummy)) }},
	} {
		available, _ := tr.balance(wire.NativeAsset)
		events, had := tr.countEvents(wire.EventRelayFee), w.coming(step.sender)
		w.relayed(step.sender, step.fee, step.seal())
		w.block()
		left, _ := tr.balance(wire.NativeAsset)
		if available-left != step.refund || w.coming(step.sender)-had != step.refund {
			t.Errorf("%s: %d debited, %d refunded, want %d", step.name, available-left, w.coming(step.sender)-had, step.refund)
		}
		said := tr.countEvents(wire.EventRelayFee) - events
		if (said == 1) != (step.refund > 0) || said > 1 {
			t.Errorf("%s: %d entries", step.name, said)
		}
	}
	if e := tr.lastEvent(); e != (wire.HistoryEvent{Kind: wire.EventRelayFee, Account: relayOne, Amount: wire.U128{Lo: 100}}) {
		t.Errorf("the refund's entry is %+v", e)
	}
	tr.wantBalance(base, 1_000_000-400, 400) // the relayed order rests
	// Sealed by the owner and no command: the relay should have got a command.
	for i := range unreadable(0, relayOne) {
		available, _ := tr.balance(wire.NativeAsset)
		w.relayed(relayOne, 100, tr.sealBytes(tr.next, unreadable(byte(tr.next), relayOne)[i]))
		tr.next++
		w.block()
		tr.wantBalance(wire.NativeAsset, available, 0)
		tr.wantRejected(wire.CommandUnreadable, wire.ReasonUnreadable)
	}
}

// TestRelayFeeShort: with too little CLOAK available the command is rejected, its
// sequence used, and nothing is debited. What is held does not count.
func TestRelayFeeShort(t *testing.T) {
	w := newMarketWorld(t)
	tr, poor := w.newRelayed(1, 1_000), w.newFunded(2)
	cloak := exampleMarket()
	cloak.ID, cloak.Quote, cloak.MakerFeePPM, cloak.TakerFeePPM = 8, wire.NativeAsset, 0, 0
	w.list(cloak)
	bid := limit(1, wire.Buy, 100, 3) // holds 900
	bid.Market = cloak.ID
	tr.send(bid)
	w.block()
	tr.wantBalance(wire.NativeAsset, 100, 900)
	cancel := wire.Command{Kind: wire.CommandCancel, Order: 1}
	for who, fee := range map[*trader]uint64{tr: 101, poor: 1} {
		next := who.next
		w.relayed(relayOne, fee, who.seal(through(relayOne, cancel)))
		w.block()
		who.wantRejected(wire.CommandCancel, wire.ReasonRelayFee)
		if got := who.ask(wire.Query{Kind: wire.QueryBalances}).NextSequence; got != next+1 {
			t.Errorf("sequence %d is next, want %d", got, next+1)
		}
	}
	tr.wantBalance(wire.NativeAsset, 100, 900) // not cancelled
	if len(w.c.relays.list) != 0 {
		t.Error("a relay of rejected commands has something coming")
	}
	w.relayed(relayOne, 100, tr.seal(through(relayOne, cancel)))
	w.block()
	tr.wantBalance(wire.NativeAsset, 900, 0)
	// What a command moves is what is left after the refund.
	w.relayed(relayOne, 1, tr.seal(through(relayOne, withdrawal(wire.NativeAsset, 900, tr.id))))
	w.block()
	tr.wantRejected(wire.CommandWithdraw, wire.ReasonBalance)
	tr.wantBalance(wire.NativeAsset, 899, 0)
}

// TestRelaysArePaid: one payout a relay, ordered by account, at the first checkpoint
// of the next epoch that there is; what was debited is what is paid.
func TestRelaysArePaid(t *testing.T) {
	w := newMarketWorld(t)
	a, b := w.newRelayed(1, 1_000_000), w.newRelayed(2, 1_000_000)
	for _, epochs := range []uint32{1, 1, 3} {
		paid := map[wire.AccountID]uint64{}
		for i := range uint64(10) {
			for _, relay := range []wire.AccountID{relayTwo, relayOne} { // the later one first
				w.relayed(relay, 10+i, a.seal(through(relay, dummy)))
				w.relayed(relay, 100+i, b.seal(through(relay, dummy)))
				paid[relay] += 110 + 2*i
			}
			if commit := w.block(); len(commit.Outbox) != 0 {
				t.Fatalf("paid within the epoch: %+v", commit.Outbox)
			}
			if i == 5 {
				w.c = w.restore(w.snapshot())
			}
		}
		available, _ := a.balance(wire.NativeAsset)
		w.epoch += epochs
		w.relayed(relayOne, 1, a.seal(through(relayOne, dummy))) // belongs to the new epoch
		commit := w.block()
		want := []wire.OutboxMessage{
			{To: relayOne, Asset: wire.NativeAsset, Amount: wire.U128{Lo: paid[relayOne]}},
			{To: relayTwo, Asset: wire.NativeAsset, Amount: wire.U128{Lo: paid[relayTwo]}},
		}
		if len(commit.Outbox) != 2 || commit.Outbox[0] != want[0] || commit.Outbox[1] != want[1] {
			t.Fatalf("outbox %+v, want %+v", commit.Outbox, want)
		}
		a.wantBalance(wire.NativeAsset, available-1, 0)
		if w.coming(relayOne) != 1 || w.coming(relayTwo) != 0 {
			t.Error("the new epoch does not begin anew")
		}
		w.epoch++
		if commit = w.block(); len(commit.Outbox) != 1 || commit.Outbox[0].Amount.Lo != 1 {
			t.Fatalf("outbox %+v", commit.Outbox)
		}
	}
}

// TestRelayStuffing: a relay that sends dummies of its own accounts has afterwards,
// in its accounts and in payouts, what it had, and less by what it paid the chain.
func TestRelayStuffing(t *testing.T) {
	w := newMarketWorld(t)
	const had = 100_000
	relay := w.newRelayed(1, had)
	sybil := w.newRelayed(2, had)
	received := uint64(0)
	spent := uint64(0)
	for i := range uint64(200) {
		who := []*trader{relay, sybil}[i%2]
		w.relayed(relay.id, 77, who.seal(through(relay.id, dummy)))
		spent += 77
		if i%20 == 19 {
			w.epoch++
			for _, m := range w.block().Outbox {
				if m.To == relay.id && m.Asset == wire.NativeAsset {
					received += m.Amount.Lo
				}
			}
		}
	}
	w.epoch++
	for _, m := range w.block().Outbox {
		received += m.Amount.Lo
	}
	own, _ := relay.balance(wire.NativeAsset)
	other, _ := sybil.balance(wire.NativeAsset)
	if own != had || own+other+received != 2*had || received != 100*77 {
		t.Errorf("the relay has %d and %d, received %d", own, other, received)
	}
	if own+other+received > 2*had || received >= spent {
		t.Error("stuffing gains")
	}
}

// TestAccountIsRelayToo: a relay that trades pays its own envelopes, is refunded
// those of others, and is debited where another relays for it.
func TestAccountIsRelayToo(t *testing.T) {
	w := newMarketWorld(t)
	relay, tr := w.newRelayed(1, 1_000), w.newRelayed(2, 1_000)
	w.relayed(relay.id, 10, relay.seal(through(relay.id, dummy)))
	w.relayed(relay.id, 20, tr.seal(through(relay.id, dummy)))
	w.relayed(relayOne, 40, relay.seal(through(relayOne, dummy)))
	w.block()
	relay.wantBalance(wire.NativeAsset, 960, 0)
	tr.wantBalance(wire.NativeAsset, 980, 0)
	relay.send(withdrawal(wire.NativeAsset, 60, relay.id)) // its own turn and its refund's are one payer's
	w.epoch++
	commit := w.block()
	if got := amounts(commit); len(got) != 3 || got[0]+got[1] != 60 || got[2] != 60 {
		t.Errorf("outbox %+v", commit.Outbox)
	}
}

// TestRelaysAreBounded: envelopes of one relay too many are applied, and neither
// debited nor refunded. The next epoch has room again.
func TestRelaysAreBounded(t *testing.T) {
	limits := DefaultLimits()
	limits.Relays = 2
	w := newWorld(t, limits)
	w.list(exampleMarket())
	tr, poor := w.newRelayed(1, 1_000), w.newFunded(2)
	third := wire.AccountID{0x7e, 3}
	for _, relay := range []wire.AccountID{relayOne, relayTwo, third, relayOne} {
		w.relayed(relay, 10, tr.seal(through(relay, dummy)))
	}
	w.relayed(third, 10, poor.seal(through(third, limit(1, wire.Sell, 100, 4))))
	w.block()
	tr.wantBalance(wire.NativeAsset, 970, 0)
	poor.wantBalance(base, 1_000_000-400, 400)
	w.c = w.restore(w.snapshot())
	w.epoch++
	w.relayed(third, 10, tr.seal(through(third, dummy)))
	if commit := w.block(); len(commit.Outbox) != 2 || w.coming(third) != 10 {
		t.Errorf("outbox %+v", commit.Outbox)
	}
}

// TestRelaySumsAreWide: fees of 64 bits add up to more.
func TestRelaySumsAreWide(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	w.depositFor(wire.PlainBeneficiary(tr.id), wire.NativeAsset, wire.U128{Hi: 5})
	for range 3 {
		w.relayed(relayOne, ^uint64(0), tr.seal(through(relayOne, dummy)))
	}
	w.block()
	if e := tr.lastEvent(); e.Amount != (wire.U128{Lo: ^uint64(0)}) || e.Account != relayOne {
		t.Errorf("the entry says %+v", e)
	}
	w.epoch++
	if commit := w.block(); len(commit.Outbox) != 1 || commit.Outbox[0].Amount != (wire.U128{Hi: 2, Lo: ^uint64(0) - 2}) {
		t.Errorf("outbox %+v", commit.Outbox)
	}
}

// TestI2RelayMoneyCounts: what is debited for relays and what they have coming are
// one number, or the contract does not commit.
func TestI2RelayMoneyCounts(t *testing.T) {
	for name, spoil := range map[string]func(c *Contract, leaf uint32){
		"debited for nobody": func(c *Contract, leaf uint32) { c.debit(leaf, wire.U128{Lo: 1}) },
		"coming from nobody": func(c *Contract, leaf uint32) {
			c.touch(leaf)
			asset := &c.ledger.assets[c.ledger.byID[wire.NativeAsset]]
			asset.relays.Lo++
		},
		"paid and still coming": func(c *Contract, leaf uint32) { c.leave(leaf, wire.U128{Lo: 1}); c.touch(leaf) },
	} {
		w := newMarketWorld(t)
		tr := w.newRelayed(1, 1_000)
		w.relayed(relayOne, 10, tr.seal(through(relayOne, dummy)))
		w.block()
		index, _ := w.c.ledger.find(w.c.accounts.byID[tr.id], wire.NativeAsset)
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
		if err := w.c.Apply(&block); err != nil {
			t.Fatal(err)
		}
		spoil(w.c, index)
		if _, err := w.c.EndCheckpoint(wire.Hash{}); !errors.Is(err, ErrConservation) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
