package contract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

func withdrawal(asset uint32, amount uint64, to wire.AccountID) wire.Command {
	return wire.Command{Kind: wire.CommandWithdraw, Asset: asset, Amount: wire.U128{Lo: amount}, To: to}
}

// amounts are those of a commit's payouts, which tests make tell who they are.
func amounts(commit *wire.Commit) (list []uint64) {
	for _, m := range commit.Outbox {
		list = append(list, m.Amount.Lo)
	}
	return list
}

func equal(a, b []uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// countEvents counts a trader's history entries of a kind.
func (tr *trader) countEvents(kind uint8) (count int) {
	tr.w.t.Helper()
	for _, e := range tr.events(0) {
		if e.Kind == kind {
			count++
		}
	}
	return count
}

// TestOutboxTakesTurns: one payout of each payer, then the next of each, whoever
// came first with how many.
func TestOutboxTakesTurns(t *testing.T) {
	w := newMarketWorld(t)
	a, b := w.newFunded(1), w.newFunded(2)
	for i := range uint64(4) {
		a.send(withdrawal(base, 10+i, a.id))
	}
	b.send(withdrawal(base, 20, a.id))
	w.depositFor(wire.SealedBeneficiary(nil), 5000, wire.U128{Lo: 30})
	w.depositFor(wire.SealedBeneficiary(nil), 6000, wire.U128{Lo: 31})
	b.send(withdrawal(base, 21, a.id))
	commit := w.block()
	if got := amounts(commit); !equal(got, []uint64{10, 20, 30, 11, 21, 31, 12, 13}) {
		t.Fatalf("outbox %v", got)
	}
	if e := a.lastEvent(); e.Kind != wire.EventWithdrawn || e.Number != 7 || e.Amount.Lo != 13 || e.Asset != base {
		t.Errorf("the last withdrawal %+v", e)
	}
	if e := b.lastEvent(); e.Kind != wire.EventWithdrawn || e.Number != 4 || e.Amount.Lo != 21 {
		t.Errorf("another's %+v", e)
	}
	if a.countEvents(wire.EventWithdrawalWaiting) != 0 {
		t.Error("a withdrawal that left at once is said to wait")
	}
}

// TestOutboxIsBounded: 16 withdrawals of an account, 64 payouts a commit, an end in
// all; what waits goes on in turns, restored in the middle of a round or not.
func TestOutboxIsBounded(t *testing.T) {
	limits := DefaultLimits()
	limits.Outbox = 90
	w := newWorld(t, limits)
	w.list(exampleMarket())
	var traders []*trader
	for i := range byte(6) {
		traders = append(traders, w.newFunded(i+1))
	}
	for i, tr := range traders {
		for k := range uint64(17) {
			tr.send(withdrawal(base, uint64(i+1)*100+k, tr.id))
		}
	}
	commit := w.block() // 16 of each of the first five, 10 of the last
	if len(commit.Outbox) != wire.MaxOutbox || w.c.outbox.count != 90-64 {
		t.Fatalf("%d messages, %d wait", len(commit.Outbox), w.c.outbox.count)
	}
	for i, tr := range traders {
		rejected := 1
		if i == 5 {
			rejected = 7
		}
		if got := tr.countEvents(wire.EventRejected); got != rejected {
			t.Errorf("trader %d: %d rejected", i, got)
		}
		if taken, waits := tr.countEvents(wire.EventWithdrawn), tr.countEvents(wire.EventWithdrawalWaiting); taken+waits != 17-rejected || taken > 11 || taken < 10 {
			t.Errorf("trader %d: %d taken, %d wait", i, taken, waits)
		}
	}
	copied := w.restore(w.snapshot())
	if err := copied.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	original := w.c
	w.c = copied
	rest := w.block()
	if len(rest.Outbox) != 26 || rest.OutboxStart != 64 || len(w.c.outbox.byID) != 0 || w.c.outbox.withdrawals != 0 {
		t.Fatalf("the rest: %d from %d", len(rest.Outbox), rest.OutboxStart)
	}
	// The four turns that came last in the first commit are the traders' 3rd to 6th.
	if got := rest.Outbox[0].Amount.Lo; got != commit.Outbox[63].Amount.Lo+100 && got/100 == commit.Outbox[63].Amount.Lo/100 {
		t.Errorf("the turn goes from %d to %d", commit.Outbox[63].Amount.Lo, got)
	}
	block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
	if err := original.Apply(&block); err != nil {
		t.Fatal(err)
	}
	same, err := original.EndCheckpoint(rest.BlockHash)
	if err != nil || !bytes.Equal(wire.CommitCodec.Marshal(*same), wire.CommitCodec.Marshal(*rest)) {
		t.Errorf("restored within a round the contract goes on otherwise (%v)", err)
	}
}

// TestOutboxTotalsNeverOverflow: what fits goes first.
func TestOutboxTotalsNeverOverflow(t *testing.T) {
	w := newMarketWorld(t)
	huge := wire.U128{Hi: ^uint64(0), Lo: 1}
	for range 2 { // too much to add up, so each waits on its own
		w.depositFor(wire.SealedBeneficiary(nil), 6000, huge)
	}
	w.depositFor(wire.SealedBeneficiary(nil), 6000, wire.U128{Lo: 5}) // adds up with the second
	first := w.block()
	w.c = w.restore(w.snapshot())
	second := w.block()
	if len(first.Outbox) != 1 || len(second.Outbox) != 1 || first.Outbox[0].Amount != huge || second.Outbox[0].Amount != (wire.U128{Hi: huge.Hi, Lo: 6}) {
		t.Errorf("payouts %+v and %+v", first.Outbox, second.Outbox)
	}
}

// TestRefusedDepositsAddUp: those of a depositor and an asset are one payout. While
// the outbox is full they are the depositor's in the ledger, if that has room.
func TestRefusedDepositsAddUp(t *testing.T) {
	limits := DefaultLimits()
	limits.Outbox, limits.Accounts = 3, 3
	w := newWorld(t, limits)
	w.list(exampleMarket())
	tr := w.newFunded(1)
	refused := func(asset uint32, amounts ...uint64) {
		for _, amount := range amounts {
			w.depositFor(wire.SealedBeneficiary(nil), asset, wire.U128{Lo: amount})
		}
	}
	refused(base, 1, 2, 3)
	if got := amounts(w.block()); !equal(got, []uint64{6}) {
		t.Fatalf("payouts %v", got)
	}
	huge := wire.U128{Hi: ^uint64(0), Lo: 1}
	stuck := func() { // the second cannot leave with the first, and keeps what is behind waiting
		w.depositFor(wire.SealedBeneficiary(nil), 6000, huge)
		w.depositFor(wire.SealedBeneficiary(nil), 6000, huge)
	}
	stuck()
	tr.send(withdrawal(base, 100, tr.id))
	refused(base, 10)
	refused(quote, 7, 8) // three wait: the depositor's own
	commit := w.block()
	if got := amounts(commit); len(got) != 2 || commit.Outbox[1].Amount.Lo != 100 {
		t.Fatalf("payouts %v", got)
	}
	handle, known := w.c.accounts.byID[depositor]
	if !known {
		t.Fatal("the depositor has no account")
	}
	index, found := w.c.ledger.find(handle, quote)
	if !found || w.c.ledger.leaves[index].available.Lo != 15 || w.historyLength(depositor) == 0 {
		t.Error("a refused deposit is lost while the outbox is full")
	}
	// No room in the ledger either: it adds up in the outbox, however full.
	stranger := wire.AccountID{0xd1}
	stuck()
	for range 3 {
		w.depositFrom(stranger, wire.SealedBeneficiary(nil), 7000, wire.U128{Lo: 9})
	}
	commit = w.block()
	if want := (wire.OutboxMessage{To: stranger, Asset: 7000, Amount: wire.U128{Lo: 27}}); len(commit.Outbox) != 2 || commit.Outbox[1] != want {
		t.Fatalf("payouts %+v", commit.Outbox)
	}
}

// TestOutboxIsFair: 4,000 accounts with 16 dust payouts each, all before one more
// account, delay its withdrawal by the commits that serve each of them once, not by
// those that serve all: it is in the commit number ceil(4,001/64) = 63.
func TestOutboxIsFair(t *testing.T) {
	const accounts = 4_000
	w := newMarketWorld(t)
	w.silent = true
	crowd := make([]wire.AccountID, accounts)
	for i := range crowd {
		binary.LittleEndian.PutUint32(crowd[i][:], uint32(i)+1)
		w.fund(crowd[i], base, 100)
	}
	late := w.newFunded(1)
	dust := withdrawal(base, 1, wire.AccountID{1})
	withdraw := func(times int, ids ...wire.AccountID) {
		for range times {
			for _, id := range ids {
				if reason := w.c.withdraw(w.c.accounts.byID[id], &dust); reason != wire.ReasonNone {
					t.Fatal(reason)
				}
			}
		}
	}
	w.direct(func() { withdraw(maximumWaiting, crowd...) })
	late.send(withdrawal(base, 999, late.id))
	after := 0
	for found := false; !found; after++ {
		// Nor do accounts whose turn was gain from asking again at once.
		var again []wire.AccountID
		for _, id := range crowd {
			if p := w.c.outbox.byID[id]; p != nil && p.withdrawals < maximumWaiting {
				again = append(again, id)
			}
		}
		var commit *wire.Commit
		if after == 0 {
			commit = w.block()
		} else {
			commit = w.direct(func() { withdraw(1, again...) })
		}
		for _, m := range commit.Outbox {
			found = found || m.Amount.Lo == 999
		}
	}
	if bound := (accounts + 1 + wire.MaxOutbox - 1) / wire.MaxOutbox; after != bound {
		t.Errorf("served in commit %d, want %d", after, bound)
	}
	w.checkBacking()
	if err := w.c.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	if e := late.lastEvent(); e.Kind != wire.EventWithdrawn || late.countEvents(wire.EventWithdrawalWaiting) != 1 {
		t.Errorf("the late withdrawal's history ends with %+v", e)
	}
}

// TestFeesOut: governance pays the fees of an asset out, once.
func TestFeesOut(t *testing.T) {
	w := newMarketWorld(t)
	seller, buyer := w.newFunded(1), w.newFunded(2)
	seller.send(limit(1, wire.Sell, 1000, 20))
	buyer.send(limit(1, wire.Buy, 1000, 20))
	w.block()
	earned := w.feeBalance(quote)
	if earned == 0 {
		t.Fatal("no fees")
	}
	to := wire.AccountID{0x60}
	fees := func(asset uint32, to wire.AccountID) {
		w.add(wire.InboxMessage{Kind: wire.MessageFees, Fees: wire.Fees{Asset: asset, To: to}})
	}
	fees(quote, wire.CustodyAccount)
	fees(base, to)  // nothing there
	fees(98765, to) // nor of an asset that nobody has
	if commit := w.block(); len(commit.Outbox) != 0 || w.feeBalance(quote) != earned {
		t.Fatalf("outbox %+v", commit.Outbox)
	}
	fees(quote, to)
	fees(quote, to)
	commit := w.block()
	if len(commit.Outbox) != 1 || commit.Outbox[0] != (wire.OutboxMessage{To: to, Asset: quote, Amount: wire.U128{Lo: earned}}) || w.feeBalance(quote) != 0 {
		t.Errorf("outbox %+v, %d left", commit.Outbox, w.feeBalance(quote))
	}
}

// TestSnapshotBindsPayers: what waits for one payer cannot be moved to another.
func TestSnapshotBindsPayers(t *testing.T) {
	w, _ := busyWorld(t)
	queue := w.c.outbox.queue[w.c.outbox.head:]
	one, other := queue[0], queue[1]
	for _, p := range queue {
		if p.id != one.id && p.waiting[0].withdrawal == one.waiting[0].withdrawal {
			other = p
		}
	}
	one.waiting, other.waiting = other.waiting, one.waiting
	snapshot := w.snapshot()
	if _, err := Restore(w.c.config, bytes.NewReader(snapshot)); !errors.Is(err, ErrSnapshotDamaged) {
		t.Errorf("payouts of another payer are restored: %v", err)
	}
	one.waiting, other.waiting = other.waiting, one.waiting
	w.restore(w.snapshot())
}
