package contract

import (
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

func TestWithdrawAndTransfer(t *testing.T) {
	w := newMarketWorld(t)
	tr, other := w.newFunded(1), w.newTrader(2)
	to := wire.AccountID{0x99}
	tr.send(wire.Command{Kind: wire.CommandWithdraw, Asset: base, Amount: wire.U128{Lo: 400_000}, To: to})
	tr.send(wire.Command{Kind: wire.CommandTransfer, Asset: base, Amount: wire.U128{Lo: 100_000}, To: other.id})
	commit := w.block()
	if len(commit.Outbox) != 1 || commit.Outbox[0] != (wire.OutboxMessage{To: to, Asset: base, Amount: wire.U128{Lo: 400_000}}) {
		t.Fatalf("outbox %+v", commit.Outbox)
	}
	tr.wantBalance(base, 500_000, 0)
	if e := tr.lastEvent(); e.Kind != wire.EventWithdrawn || e.Number != 0 || e.Amount.Lo != 400_000 || e.Asset != base {
		t.Errorf("withdrawal %+v", e)
	}
	if e := tr.events(0)[3]; e.Kind != wire.EventTransferOut || e.Account != other.id || e.Amount.Lo != 100_000 {
		t.Errorf("transfer %+v", e)
	}
	other.link(hour)
	w.block()
	other.wantBalance(base, 100_000, 0)
	if e := other.events(0)[0]; e.Kind != wire.EventTransferIn || e.Account != tr.id {
		t.Errorf("transfer %+v", e)
	}
}

// TestRejections: every rule has a command that breaks it, is recorded with its
// reason and changes nothing else (I9).
func TestRejections(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	tr.send(limit(1, wire.Sell, 100, 10))
	w.block()
	place := func(change func(*wire.Command)) wire.Command {
		command := limit(2, wire.Sell, 100, 10)
		change(&command)
		return command
	}
	amount := func(kind uint8, asset uint32, amount wire.U128, to wire.AccountID) wire.Command {
		return wire.Command{Kind: kind, Asset: asset, Amount: amount, To: to}
	}
	amend := func(order, price, quantity uint64) wire.Command {
		return wire.Command{Kind: wire.CommandAmend, Order: order, Price: price, Quantity: quantity}
	}
	for i, test := range []struct {
		command wire.Command
		reason  wire.Reason
	}{
		{place(func(c *wire.Command) { c.Order = 0 }), wire.ReasonOrderNumber},
		{place(func(c *wire.Command) { c.Order = 1 }), wire.ReasonOrderExists},
		{place(func(c *wire.Command) { c.Market = 99 }), wire.ReasonUnknownMarket},
		{place(func(c *wire.Command) { c.Market = 1 << 31 }), wire.ReasonUnknownMarket},
		{place(func(c *wire.Command) { c.Side = 2 }), wire.ReasonSide},
		{place(func(c *wire.Command) { c.Price = 0 }), wire.ReasonPrice},
		{place(func(c *wire.Command) { c.Price = 1<<20 + 1 }), wire.ReasonPrice},
		{place(func(c *wire.Command) { c.Quantity = 1 }), wire.ReasonQuantity},
		{place(func(c *wire.Command) { c.Quantity = 1<<20 + 1 }), wire.ReasonQuantity},
		{place(func(c *wire.Command) { c.TimeInForce = 5 }), wire.ReasonTimeInForce},
		{place(func(c *wire.Command) { c.TimeInForce = wire.FillOrKill }), wire.ReasonTimeInForce},
		{place(func(c *wire.Command) { c.ExpiresAt = w.time + hour }), wire.ReasonExpiry},
		{place(func(c *wire.Command) { c.TimeInForce = wire.GoodTillDate }), wire.ReasonExpiry},
		{place(func(c *wire.Command) { c.TimeInForce, c.ExpiresAt = wire.GoodTillDate, w.time }), wire.ReasonExpiry},
		{place(func(c *wire.Command) { c.Quantity = 9_991 }), wire.ReasonBalance}, // 9,990 lots are available
		{place(func(c *wire.Command) { c.Side, c.Price, c.Quantity = wire.Buy, 1<<20, 4 }), wire.ReasonBalance},
		{amend(9, 100, 10), wire.ReasonOrderUnknown},
		{amend(1, 0, 10), wire.ReasonPrice},
		{amend(1, 1<<20+1, 10), wire.ReasonPrice},
		{amend(1, 100, 1), wire.ReasonQuantity},
		{amend(1, 100, 1<<20+1), wire.ReasonQuantity},
		{amend(1, 100, 10_001), wire.ReasonBalance},
		{wire.Command{Kind: wire.CommandCancel, Order: 9}, wire.ReasonOrderUnknown},
		{amount(wire.CommandWithdraw, base, wire.U128{}, tr.id), wire.ReasonAmount},
		{amount(wire.CommandWithdraw, base, wire.U128{Lo: 999_001}, tr.id), wire.ReasonBalance},
		{amount(wire.CommandWithdraw, 77, wire.U128{Lo: 1}, tr.id), wire.ReasonBalance},
		{amount(wire.CommandWithdraw, base, wire.U128{Hi: ^uint64(0), Lo: ^uint64(0)}, tr.id), wire.ReasonBalance},
		{amount(wire.CommandWithdraw, base, wire.U128{Lo: 1}, wire.CustodyAccount), wire.ReasonCustody},
		{amount(wire.CommandTransfer, base, wire.U128{}, wire.AccountID{1}), wire.ReasonAmount},
		{amount(wire.CommandTransfer, base, wire.U128{Lo: 999_001}, wire.AccountID{1}), wire.ReasonBalance},
		{amount(wire.CommandTransfer, base, wire.U128{Lo: 1}, tr.id), wire.ReasonSameAccount},
	} {
		accounts, leaves := len(w.c.accounts.list), len(w.c.ledger.leaves)
		tr.send(test.command)
		w.block()
		tr.wantRejected(test.command.Kind, test.reason)
		tr.wantBalance(base, 999_000, 1_000)
		tr.wantBalance(quote, 10_000_000, 0)
		if len(w.c.accounts.list) != accounts || len(w.c.ledger.leaves) != leaves || w.c.outbox.next != 0 || w.c.orders.lastID != 1 {
			t.Fatalf("rejection %d left more than its entry", i)
		}
	}
	if got := tr.lastEvent().Reason.String(); got == "" {
		t.Error("a reason without a text")
	}
	cancelAll := wire.Command{Kind: wire.CommandCancelAll}
	cancelAll.Markets.Some, cancelAll.Markets.Value = true, 99
	tr.send(cancelAll)
	w.block()
	tr.wantRejected(wire.CommandCancelAll, wire.ReasonUnknownMarket)
}

// TestI8OthersOrders: another's order does not exist for a command.
func TestI8OthersOrders(t *testing.T) {
	w := newMarketWorld(t)
	owner, other := w.newFunded(1), w.newFunded(2)
	owner.send(limit(5, wire.Sell, 100, 10))
	w.block()
	for _, command := range []wire.Command{
		{Kind: wire.CommandCancel, Order: 5}, {Kind: wire.CommandAmend, Order: 5, Price: 100, Quantity: 5},
	} {
		other.send(command)
		w.block()
		other.wantRejected(command.Kind, wire.ReasonOrderUnknown)
	}
	other.send(wire.Command{Kind: wire.CommandCancelAll})
	other.send(limit(5, wire.Sell, 101, 10)) // numbers are each account's own
	w.block()
	owner.wantBalance(base, 999_000, 1_000)
	other.wantBalance(base, 999_000, 1_000)
}

// TestI9Deposits: what cannot be credited goes back to the depositor.
func TestI9Deposits(t *testing.T) {
	limits := DefaultLimits()
	limits.Leaves, limits.Accounts, limits.Assets = 4, 3, 3
	w := newWorld(t, limits)
	w.list(exampleMarket()) // a leaf of the fee account
	w.block()
	key, err := w.ring.Public(w.epoch)
	if err != nil {
		t.Fatal(err)
	}
	public, err := seal.ParsePublicKey(testInstance, &key)
	if err != nil {
		t.Fatal(err)
	}
	tr := w.newTrader(1)
	sealed, err := public.Beneficiary(tr.id, depositor, base, wire.U128{Lo: 50})
	if err != nil {
		t.Fatal(err)
	}
	w.depositFor(sealed, base, wire.U128{Lo: 50})
	w.depositFor(sealed, base, wire.U128{Lo: 51}) // sealed for another amount
	w.depositFor(wire.SealedBeneficiary([]byte("garbage")), base, wire.U128{Lo: 52})
	w.depositFor(wire.PlainBeneficiary(tr.id), base, wire.U128{})
	tr.link(hour)
	commit := w.block()
	tr.wantBalance(base, 50, 0)
	if len(commit.Outbox) != 1 || commit.Outbox[0] != (wire.OutboxMessage{To: depositor, Asset: base, Amount: wire.U128{Lo: 51 + 52}}) {
		t.Errorf("outbox %+v", commit.Outbox)
	}
	w.fund(tr.id, quote, 1)
	w.fund(wire.AccountID{1}, base, 1) // the fourth leaf, the third account
	w.fund(wire.AccountID{2}, base, 1) // no account left
	w.fund(wire.AccountID{1}, quote, 1)
	w.fund(tr.id, 555, 1)
	commit = w.block()
	if len(commit.Outbox) != 3 || len(commit.Payouts) != 3 {
		t.Errorf("outbox %+v", commit.Outbox)
	}
	for _, to := range []wire.AccountID{{2}, {3}} {
		tr.send(wire.Command{Kind: wire.CommandTransfer, Asset: base, Amount: wire.U128{Lo: 1}, To: to})
		w.block()
		tr.wantRejected(wire.CommandTransfer, wire.ReasonLedgerFull)
	}
	w.fund(tr.id, base, 8) // what has a leaf is credited as before
	if commit = w.block(); len(commit.Outbox) != 0 {
		t.Errorf("outbox %+v", commit.Outbox)
	}
	tr.wantBalance(base, 58, 0)
}

// TestI2BrokenLedgerStops: a contract that finds money made or lost does not commit.
func TestI2BrokenLedgerStops(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*Contract, uint32)
		want  error
	}{
		"money made":        {func(c *Contract, i uint32) { c.touch(i).available.Lo++ }, ErrConservation},
		"money lost":        {func(c *Contract, i uint32) { c.touch(i).held.Lo-- }, ErrConservation},
		"moved to an asset": {func(c *Contract, i uint32) { c.touch(i).available.Lo--; c.touch(i+1).available.Lo++ }, ErrConservation},
		"payout forgotten":  {func(c *Contract, i uint32) { c.debit(i, wire.U128{Lo: 5}) }, ErrConservation},
		"below zero":        {func(c *Contract, i uint32) { c.debit(i, wire.U128{Hi: 1}) }, ErrLedger},
		"overflow":          {func(c *Contract, i uint32) { c.credit(i, wire.U128{Hi: ^uint64(0), Lo: ^uint64(0)}) }, ErrLedger},
		"engine disagrees":  {func(c *Contract, i uint32) { c.orders.slots[0].remaining--; c.applyTestCancel() }, ErrEngine},
	} {
		w := newMarketWorld(t)
		tr := w.newFunded(1)
		tr.send(limit(1, wire.Sell, 100, 10))
		w.block()
		index, _ := w.c.ledger.find(w.c.accounts.byID[tr.id], base)
		opening := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
		if err := w.c.Apply(&opening); err != nil {
			t.Fatal(err)
		}
		test.spoil(w.c, index)
		if commit, err := w.c.EndCheckpoint(wire.Hash{}); !errors.Is(err, test.want) || commit != nil {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if err := w.c.Apply(&opening); !errors.Is(err, test.want) {
			t.Errorf("%s: goes on with %v", name, err)
		}
		if w.c.Snapshot(nil) == nil || w.c.CheckInvariants() == nil {
			t.Errorf("%s: a broken state is written or passes", name)
		}
	}
}

// applyTestCancel cancels order 1 of the first account with orders.
func (c *Contract) applyTestCancel() {
	c.cancel(c.orders.slots[0].account, &wire.Command{Order: c.orders.slots[0].client})
}

func TestProtocolMisuse(t *testing.T) {
	block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: 5, Timestamp: start, Epoch: 3}}
	market := wire.InboxMessage{Kind: wire.MessageMarket, Market: exampleMarket()}
	fresh := func() *Contract { return newWorld(t, Limits{}).c }
	if err := fresh().Apply(&market); !errors.Is(err, ErrProtocol) {
		t.Errorf("a message before its block: %v", err)
	}
	if _, err := fresh().EndCheckpoint(wire.Hash{}); !errors.Is(err, ErrProtocol) {
		t.Errorf("the end of nothing: %v", err)
	}
	twice := fresh()
	if err := twice.Apply(&block); err != nil {
		t.Fatal(err)
	}
	if err := twice.Apply(&block); !errors.Is(err, ErrProtocol) {
		t.Errorf("two blocks in one checkpoint: %v", err)
	}
	for name, next := range map[string]wire.Block{
		"number": {Number: 5, Timestamp: start, Epoch: 3}, "time": {Number: 6, Timestamp: start - 1, Epoch: 3}, "epoch": {Number: 6, Timestamp: start, Epoch: 2},
	} {
		c := fresh()
		if err := c.Apply(&block); err != nil {
			t.Fatal(err)
		}
		if _, err := c.EndCheckpoint(wire.Hash{}); err != nil {
			t.Fatal(err)
		}
		if err := c.Apply(&wire.InboxMessage{Kind: wire.MessageBlock, Block: next}); !errors.Is(err, ErrBlock) {
			t.Errorf("%s goes backwards: %v", name, err)
		}
	}
	if _, err := New(Config{}); !errors.Is(err, ErrOpener) {
		t.Errorf("a contract without keys: %v", err)
	}
	config, _ := testConfig(t, 0, Limits{Accounts: 5})
	if _, err := New(config); !errors.Is(err, ErrLimits) {
		t.Errorf("limits of zero: %v", err)
	}
	unknown := fresh()
	if err := unknown.Apply(&block); err != nil {
		t.Fatal(err)
	}
	if err := unknown.Apply(&wire.InboxMessage{Kind: 9}); !errors.Is(err, ErrMessage) {
		t.Errorf("a message of no kind: %v", err)
	}
}
