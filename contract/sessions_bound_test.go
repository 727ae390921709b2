package contract

import (
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// isOpen tells whether the trader's session, and not another, is open.
func (tr *trader) isOpen() bool {
	handle, known := tr.w.c.accounts.byID[tr.id]
	if !known || tr.w.c.accounts.list[handle].session == nil {
		return false
	}
	return tr.w.c.accounts.list[handle].session.id == tr.session.ID()
}

// TestSessionsAreBounded: beyond the bound an opening changes nothing, unless it
// replaces the account's own session. What ends makes room. Accounts without a leaf
// take no room from those with one, before and after their first.
func TestSessionsAreBounded(t *testing.T) {
	limits := DefaultLimits()
	limits.Sessions, limits.UnfundedIDs = 2, 3
	w := newWorld(t, limits)
	w.list(exampleMarket())
	var strangers []*trader
	for i := range byte(3) {
		strangers = append(strangers, w.newTrader(20+i))
		strangers[i].link(hour)
	}
	funded := func(seed byte) *trader { // first, and then opens a session
		tr := w.newTrader(seed)
		w.fund(tr.id, base, 1_000_000)
		tr.link(hour)
		w.block()
		return tr
	}
	first, second := funded(1), funded(2)
	if !first.isOpen() || !second.isOpen() || !strangers[2].isOpen() {
		t.Fatal("strangers keep funded accounts out")
	}
	third := funded(3)
	if third.isOpen() || w.historyLength(third.id) != 1 || w.c.accounts.list[w.c.accounts.byID[third.id]].liveIDs != 0 {
		t.Fatal("an opening beyond the bound leaves a trace")
	}
	refused := third.opening()
	first.link(1_400) // replaces its own
	w.block()
	if !first.isOpen() {
		t.Fatal("a session cannot be replaced at the bound")
	}
	w.c = w.restore(w.snapshot())
	// With its first leaf an account comes under the bound.
	w.fund(strangers[0].id, base, 5)
	second.send(wire.Command{Kind: wire.CommandTransfer, Asset: base, Amount: wire.U128{Lo: 5}, To: strangers[1].id})
	w.block()
	for _, stranger := range strangers[:2] {
		if stranger.isOpen() || w.historyLength(stranger.id) != 3 { // opened, then closed and credited
			t.Error("more sessions of accounts with a leaf than the bound")
		}
	}
	if w.c.accounts.sessions != 2 || !strangers[2].isOpen() {
		t.Errorf("%d sessions of funded accounts", w.c.accounts.sessions)
	}
	w.block() // the first session expires
	w.envelope(refused)
	w.block()
	if !third.isOpen() {
		t.Error("an expired session makes no room, or a refused opening is used up")
	}
	second.send(wire.Command{Kind: wire.CommandCloseSession})
	strangers[1].link(hour)
	w.block()
	strangers[1].wantBalance(base, 5, 0)
	if w.c.accounts.sessions != 2 {
		t.Errorf("%d sessions of funded accounts", w.c.accounts.sessions)
	}
}

// countingOpener counts the tags that its ciphers compute.
type countingOpener struct {
	Opener
	tags *int
}

type countingCipher struct {
	Cipher
	tags *int
}

func (o countingOpener) Cipher(root [32]byte) Cipher {
	return &countingCipher{o.Opener.Cipher(root), o.tags}
}

func (c *countingCipher) Tag(sequence uint64) wire.Tag {
	*c.tags++
	return c.Cipher.Tag(sequence)
}

// TestEpochsStartPrepared: each checkpoint computes a bounded number of the next
// epoch's tags, and its first block only those of what moved since.
func TestEpochsStartPrepared(t *testing.T) {
	const sessions = 500
	w := newMarketWorld(t)
	w.silent = true
	var tags int
	w.c.config.Opener = countingOpener{w.c.config.Opener, &tags}
	tr := w.newFunded(1)
	w.openSessions(t, sessions)
	if len(w.c.ahead.tags) > aheadTags+windowSize {
		t.Fatalf("one checkpoint computes %d tags ahead", len(w.c.ahead.tags))
	}
	for range sessions*windowSize/aheadTags + 2 {
		tags = 0
		w.block()
		if tags > aheadTags+2*windowSize {
			t.Fatalf("a checkpoint computes %d tags", tags)
		}
	}
	tags = 0
	w.block()
	if tags != 0 {
		t.Errorf("%d tags are computed with nothing left to do", tags)
	}
	for range 5 {
		tr.send(dummy)
	}
	w.block()
	w.epoch++
	tags = 0
	w.direct(func() {
		if tags > 10 { // and none if the checkpoint's end has caught up
			t.Errorf("the epoch's first block computes %d tags", tags)
		}
	})
	if err := w.c.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	// Without the time to prepare it is done at the block, and is right as well.
	w.epoch++
	w.block()
	if err := w.c.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	// A block full of messages leaves less for it.
	for range aheadTags / 2 {
		w.envelope(nil)
	}
	tags = 0
	w.block()
	if tags > aheadTagsMinimum+windowSize {
		t.Errorf("a full checkpoint computes %d tags", tags)
	}
}

// TestClosedSessionsTagsAreDead: they are taken out of the tables later, a bounded
// number at a time, and stand for nothing until then, whoever has the account's
// place now.
func TestClosedSessionsTagsAreDead(t *testing.T) {
	const sessions = 300
	w := newMarketWorld(t)
	var tags int
	w.c.config.Opener = countingOpener{w.c.config.Opener, &tags}
	w.openSessions(t, sessions)
	tr, stranger := w.newFunded(1), w.newTrader(2)
	stranger.link(600)
	old, strange := tr.seal(limit(1, wire.Sell, 100, 4)), stranger.seal(limit(1, wire.Sell, 100, 4))
	w.block()
	w.epoch++
	late := tr.sealAt(w.epoch, 1, limit(2, wire.Sell, 100, 4))
	tr.link(25 * hour)
	w.envelope(old) // behind the opening that replaces its session, of an epoch that the new one has no keys of
	w.envelope(late)
	w.block()
	tr.wantBalance(base, 1_000_000, 0)
	stranger.link(25 * hour) // where the first session's expiry gives the handle away
	w.envelope(strange)
	w.block()
	if w.historyLength(stranger.id) != 1 {
		t.Error("a closed session trades")
	}
	w.epoch++
	w.block()
	w.time += 24 * hour // all but two expire
	tags = 0
	w.direct(func() {
		if tags != 0 || len(w.c.closed) < sessions {
			t.Errorf("%d tags are computed as %d sessions expire", tags, len(w.c.closed))
		}
	})
	for i := 0; len(w.c.closed) > 0; i++ {
		switch i { // in the middle of it the tables move on, and are made anew
		case 2:
			w.epoch++
		case 4:
			w.epoch += 2
		}
		tags = 0
		w.block()
		if tags > aheadTags+6*windowSize { // the two open sessions have theirs at the epoch
			t.Fatalf("%d tags are computed at once", tags)
		}
		if i == 4 && len(w.c.closed) > 0 {
			t.Error("closed sessions have tags of skipped epochs")
		}
		if i > 3*sessions*windowSize/aheadTags+2 {
			t.Fatal("closed sessions' tags are never forgotten")
		}
	}
	if len(w.c.open) != 2 {
		t.Errorf("%d sessions are open", len(w.c.open))
	}
}

// TestClosedSessionsAreBounded: one too many has another's tags forgotten at once.
func TestClosedSessionsAreBounded(t *testing.T) {
	w := newMarketWorld(t)
	first, second := w.newFunded(1), w.newFunded(2)
	w.c.closed = make([]closedSession, maximumClosed-1)
	first.send(wire.Command{Kind: wire.CommandCloseSession})
	second.send(wire.Command{Kind: wire.CommandCloseSession})
	w.block()
	if len(w.c.tags[currentEpoch]) != 0 || len(w.c.closed) != 0 {
		t.Errorf("%d tags, %d closed sessions", len(w.c.tags[currentEpoch]), len(w.c.closed))
	}
	w.c.closed = make([]closedSession, maximumClosed)
	third := w.newFunded(3)
	w.c.closed = make([]closedSession, maximumClosed)
	w.direct(func() {
		w.c.closeSession(w.c.accounts.byID[third.id])
		if len(w.c.closed) != maximumClosed {
			t.Errorf("%d closed sessions", len(w.c.closed))
		}
	})
}
