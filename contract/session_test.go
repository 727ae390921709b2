package contract

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// historyLength is how many entries an account ever had.
func (w *world) historyLength(id wire.AccountID) uint64 {
	handle, known := w.c.accounts.byID[id]
	if !known {
		return 0
	}
	return w.c.accounts.list[handle].history.count
}

// TestI4CommandsApplyOnce replays envelopes: in the same block, later, and after a
// restart.
func TestI4CommandsApplyOnce(t *testing.T) {
	w := newMarketWorld(t)
	tr, other := w.newFunded(1), w.newFunded(2)
	envelope := tr.seal(wire.Command{Kind: wire.CommandTransfer, Asset: base, Amount: wire.U128{Lo: 10}, To: other.id})
	w.envelope(envelope)
	w.envelope(envelope)
	w.block()
	w.envelope(envelope)
	w.block()
	tr.wantBalance(base, 999_990, 0)
	other.wantBalance(base, 1_000_010, 0)
	w.c = w.restore(w.snapshot())
	w.envelope(envelope)
	w.block()
	tr.wantBalance(base, 999_990, 0)
}

// TestWindow sends out of order, with gaps, and beyond what is known.
func TestWindow(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	count := func() uint64 {
		w.block()
		events := uint64(0)
		for _, e := range tr.events(0) {
			if e.Kind == wire.EventRejected {
				events++
			}
		}
		return events
	}
	send := func(sequences ...uint64) {
		for _, s := range sequences { // an unknown order's cancel leaves one entry a command
			w.envelope(tr.sealAt(w.epoch, s, wire.Command{Kind: wire.CommandCancel, Order: 99}))
		}
	}
	for _, step := range []struct {
		name      string
		sequences []uint64
		applied   uint64
	}{
		{"in order", []uint64{0, 1}, 2},
		{"again", []uint64{0, 1}, 0},
		{"backwards", []uint64{5, 4, 3, 2}, 4},
		{"the last one known", []uint64{69}, 1}, // next is 6
		{"what it left behind", []uint64{6, 68}, 2},
		{"beyond", []uint64{134}, 0}, // next is 70
		{"the last one known again", []uint64{133}, 1},
		{"given up", []uint64{69, 7}, 0}, // 64 before 134 is 70
		{"the oldest unused", []uint64{70}, 1},
		{"a step of one gives one up", []uint64{134, 71, 72}, 3},
		{"one gave up another", []uint64{197, 133, 134, 135}, 2},
	} {
		before := uint64(0)
		for _, e := range tr.events(0) {
			if e.Kind == wire.EventRejected {
				before++
			}
		}
		send(step.sequences...)
		if got := count() - before; got != step.applied {
			t.Errorf("%s: %d of %v applied, want %d", step.name, got, step.sequences, step.applied)
		}
	}
	if next := tr.ask(wire.Query{Kind: wire.QueryBalances}).NextSequence; next != 198 {
		t.Errorf("next sequence %d", next)
	}
}

// TestWindowModel compares the window with a set of used sequences.
func TestWindowModel(t *testing.T) {
	random := uint64(1)
	for range 200 {
		w, used, next := window{}, map[uint64]bool{}, uint64(0)
		for range 300 {
			random = random*6364136223846793005 + 1442695040888963407
			sequence := next + random>>33%140
			sequence -= min(sequence, 70)
			open := !used[sequence] && sequence < next+64 && sequence+64 >= next
			if w.open(sequence) != open {
				t.Fatalf("next %d, sequence %d: open %v, want %v", next, sequence, w.open(sequence), open)
			}
			if !open {
				continue
			}
			w.use(sequence)
			used[sequence] = true
			next = max(next, sequence+1)
			if !w.plausible() || w.next != next {
				t.Fatalf("window %+v after using %d", w, sequence)
			}
		}
	}
}

// TestGarbageChangesNothing: what does not authenticate leaves its tag usable.
func TestGarbageChangesNothing(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	good := tr.seal(limit(1, wire.Sell, 100, 4))
	before := w.historyLength(tr.id)
	for at := range good {
		if at == 0 || at > 20 && at%31 != 0 {
			continue
		}
		bad := bytes.Clone(good)
		bad[at] ^= 1
		w.envelope(bad)
	}
	w.envelope(good[:100])
	w.envelope(append(bytes.Clone(good), 0))
	w.envelope(nil)
	w.envelope(make([]byte, wire.CommandEnvelopeSize))
	w.envelope(make([]byte, wire.OpeningEnvelopeSize))
	w.block()
	if w.historyLength(tr.id) != before {
		t.Fatal("garbage left a trace")
	}
	w.envelope(good)
	w.block()
	if e := tr.lastEvent(); e.Kind != wire.EventPlaced {
		t.Errorf("after garbage under its tag the command does %+v", e)
	}
}

// sealBytes seals any plaintext under a sequence, as only the session's owner can.
// The cipher is built here from the specification: the wallet's seals only commands.
func (tr *trader) sealBytes(sequence uint64, plaintext []byte) []byte {
	tr.w.t.Helper()
	s := tr.w.c.accounts.list[tr.w.c.accounts.byID[tr.id]].session
	key, err := hkdf.Key(sha256.New, s.roots[currentEpoch][:], nil, "command", 32)
	if err != nil {
		tr.w.t.Fatal(err)
	}
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		tr.w.t.Fatal(err)
	}
	tag := s.ciphers[currentEpoch].Tag(sequence)
	envelope := append([]byte{wire.ClassCommand}, tag[:]...)
	additional := append(testInstance.Append([]byte("bitcloak/command/v1")), envelope...)
	nonce := append(binary.LittleEndian.AppendUint64(nil, sequence), 0, 0, 0, 0)
	return aead.Seal(envelope, nonce, plaintext, additional)
}

// plaintextOf is the plaintext of a command that names a relay, or of none.
func plaintextOf(sequence byte, relay wire.AccountID, command ...byte) []byte {
	plaintext := make([]byte, wire.CommandPlaintextSize)
	plaintext[0] = sequence
	copy(plaintext[8:], relay[:])
	copy(plaintext[8+len(relay):], command)
	return plaintext
}

// unreadable are plaintexts that hold no command of a sequence.
func unreadable(sequence byte, relay wire.AccountID) [][]byte {
	dirty := plaintextOf(sequence, relay, wire.CommandDummy)
	dirty[200] = 1
	return [][]byte{
		dirty,
		plaintextOf(sequence+96, relay, wire.CommandDummy),     // another sequence
		plaintextOf(sequence, relay, 8),                        // no such command
		plaintextOf(sequence, relay, wire.CommandCancelAll, 2), // neither none nor some
	}
}

// TestUnreadableCommands: sealed by the owner and still no command.
func TestUnreadableCommands(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	s := w.c.accounts.list[w.c.accounts.byID[tr.id]].session
	tr.send(wire.Command{Kind: wire.CommandDummy})
	before := w.historyLength(tr.id)
	w.block()
	if w.historyLength(tr.id) != before || s.window.next != 1 {
		t.Error("a dummy left a trace or did not use its sequence")
	}
	for i := range unreadable(0, wire.AccountID{}) {
		sequence := s.window.next
		w.envelope(tr.sealBytes(sequence, unreadable(byte(sequence), wire.AccountID{})[i]))
		w.block()
		tr.wantRejected(wire.CommandUnreadable, wire.ReasonUnreadable)
		if s.window.next != sequence+1 {
			t.Error("the sequence is not used")
		}
	}
}

// TestI4OpeningsOpenOnce: a recorded opening replays to nothing, so it never brings
// a replaced session back.
func TestI4OpeningsOpenOnce(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	old, oldSession := tr.opening(), tr.session
	tr.link(hour)
	w.block()
	if tr.view().session != tr.session.ID() {
		t.Fatal("the new session is not open")
	}
	w.envelope(old)
	w.block()
	if tr.view().session != tr.session.ID() {
		t.Error("a replayed opening replaced the session")
	}
	replaced := *tr
	replaced.session, replaced.next = oldSession, 0
	before := w.historyLength(tr.id)
	replaced.send(limit(1, wire.Sell, 10, 10))
	w.block()
	if w.historyLength(tr.id) != before {
		t.Error("a replaced session trades")
	}
	tr.send(wire.Command{Kind: wire.CommandCloseSession})
	tr.send(limit(1, wire.Sell, 10, 10)) // after the close: unknown
	w.envelope(tr.opening())             // and the closed session's id is used
	w.block()
	if _, open := w.c.Authenticate(tr.id, func([32]byte) bool { return true }); open {
		t.Error("the session is still open")
	}
}

func TestOpeningsRefused(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	id := tr.session.ID()
	for name, expiresAt := range map[string]func() uint64{
		"already over": func() uint64 { return w.time + 500 }, "too long": func() uint64 { return w.time + 500 + wire.MaxSessionDuration + 1 },
		"never": func() uint64 { return 0 }, "for ever": func() uint64 { return ^uint64(0) },
	} {
		attempt := *tr
		attempt.linkWith([32]byte{9}, expiresAt())
		w.block()
		if tr.view().session != id {
			t.Errorf("%s: opened", name)
		}
	}
	attempt := *tr
	attempt.linkWith([32]byte{9}, w.time+500+wire.MaxSessionDuration)
	w.block()
	if attempt.view().session == id {
		t.Error("the longest session is refused")
	}
	// A signature of another account opens nothing for this one.
	thief := w.newTrader(2)
	thief.id = tr.id
	thief.linkWith([32]byte{10}, w.time+hour)
	w.block()
	if attempt.view().session == thief.session.ID() {
		t.Error("another's signature opened a session")
	}
}

func TestSessionsExpire(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	tr.link(2_000)
	w.block()
	w.block()
	w.block()
	tr.send(limit(1, wire.Sell, 100, 4)) // applied at the session's last ms but one
	w.time -= 1
	w.block()
	tr.wantBalance(base, 1_000_000-400, 400)
	tr.send(limit(2, wire.Sell, 100, 4))
	before := w.historyLength(tr.id)
	w.block()
	if got := w.historyLength(tr.id); got != before+1 {
		t.Errorf("%d entries at expiry, want one more than %d", got, before)
	}
	if _, open := w.c.Authenticate(tr.id, func([32]byte) bool { return true }); open {
		t.Error("an expired session is open")
	}
	tr.link(hour)
	w.block()
	tr.wantBalance(base, 1_000_000-400, 400) // orders belong to accounts
}

func TestEpochs(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	old := tr.sealAt(w.epoch, 0, limit(1, wire.Sell, 100, 4))
	late := tr.sealAt(w.epoch, 1, limit(2, wire.Sell, 100, 4))
	tooLate := tr.sealAt(w.epoch, 2, limit(3, wire.Sell, 100, 4))
	lateOpening := w.newTrader(5)
	lateOpening.link(24 * hour)
	tooLateOpening := w.newTrader(6)
	tooLateOpening.link(24 * hour)
	openings := w.pending
	w.pending = nil
	w.envelope(old)
	w.block()
	tr.wantBalance(base, 1_000_000-400, 400)

	w.epoch++
	w.envelope(late) // the epoch before stays valid
	w.pending = append(w.pending, openings[0])
	w.envelope(tr.sealAt(w.epoch, 3, limit(4, wire.Sell, 100, 4)))
	w.block()
	tr.wantBalance(base, 1_000_000-1_200, 1_200)
	lateOpening.view()
	lateOpening.next = 0
	w.envelope(lateOpening.sealAt(w.epoch-1, 0, wire.Command{Kind: wire.CommandCancel, Order: 1}))
	w.envelope(lateOpening.sealAt(w.epoch, 1, wire.Command{Kind: wire.CommandCancel, Order: 1}))
	w.block()
	if got := w.historyLength(lateOpening.id); got != 3 {
		t.Errorf("a session opened to the epoch before has %d entries, want 3", got)
	}
	if w.c = w.restore(w.snapshot()); w.c.CheckInvariants() != nil {
		t.Fatal(w.c.CheckInvariants())
	}

	w.epoch++
	w.envelope(tooLate)
	w.pending = append(w.pending, openings[1])
	w.block()
	tr.wantBalance(base, 1_000_000-1_200, 1_200)
	if w.historyLength(tooLateOpening.id) != 0 {
		t.Error("an opening to an erased epoch opened a session")
	}

	w.epoch += 3 // epochs pass without a checkpoint
	w.envelope(tr.sealAt(w.epoch, 4, limit(5, wire.Sell, 100, 4)))
	w.envelope(tr.sealAt(w.epoch-1, 5, limit(6, wire.Sell, 100, 4)))
	w.block()
	tr.wantBalance(base, 1_000_000-2_000, 2_000)
	w.c.fail(nil)
	if err := w.c.Apply(&wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch - 1}}); err != ErrBlock {
		t.Errorf("an epoch ended twice: %v", err)
	}
}

// TestWrongInstance: an envelope for another contract opens nothing here, even
// with the same session.
func TestWrongInstance(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	foreign := seal.NewSession(wire.Instance{Genesis: testInstance.Genesis, Contract: 1}, tr.id, [32]byte{1}, w.time+hour, w.epoch)
	envelope, err := foreign.Seal(w.epoch, 0, &wire.Command{Kind: wire.CommandCancelAll})
	if err != nil {
		t.Fatal(err)
	}
	before := w.historyLength(tr.id)
	w.envelope(envelope)
	own := tr.seal(wire.Command{Kind: wire.CommandCancel, Order: 1})
	copy(envelope[:1+wire.TagSize], own) // under a known tag
	w.envelope(envelope)
	w.block()
	if w.historyLength(tr.id) != before {
		t.Error("another contract's envelope left a trace")
	}
}

// TestSessionLimits: ids are bounded, and accounts without a leaf never keep
// depositors out.
func TestSessionLimits(t *testing.T) {
	limits := DefaultLimits()
	limits.LiveIDs, limits.UnfundedIDs = 3, 4
	w := newWorld(t, limits)
	w.list(exampleMarket())
	funded := w.newFunded(1)
	for range 5 {
		funded.link(hour)
	}
	w.block()
	if got := w.c.accounts.list[w.c.accounts.byID[funded.id]].liveIDs; got != 3 {
		t.Errorf("%d live ids of one account", got)
	}
	var strangers []*trader
	for i := range byte(6) {
		strangers = append(strangers, w.newTrader(20+i))
		strangers[i].link(2_700)
	}
	w.block()
	if w.c.accounts.unfunded != 4 || w.historyLength(strangers[4].id) != 0 {
		t.Errorf("%d unfunded ids", w.c.accounts.unfunded)
	}
	strangers[0].link(1_700) // known, and still without a leaf
	w.block()
	if w.c.accounts.unfunded != 4 || w.historyLength(strangers[0].id) != 1 {
		t.Errorf("%d unfunded ids after one more of the same account", w.c.accounts.unfunded)
	}
	w.fund(strangers[0].id, base, 1)
	w.block()
	if w.c.accounts.unfunded != 3 {
		t.Errorf("%d unfunded ids after a deposit", w.c.accounts.unfunded)
	}
	w.fund(strangers[5].id, base, 1)
	strangers[5].link(hour)
	w.block()
	strangers[5].view()
	live := len(w.c.accounts.byID)
	w.block()
	w.block() // the strangers' sessions are over, and the accounts of three with them
	if w.c.accounts.unfunded != 0 || len(w.c.accounts.byID) >= live || len(w.c.accounts.free) != 3 {
		t.Errorf("%d unfunded ids, %d accounts, %d free handles", w.c.accounts.unfunded, len(w.c.accounts.byID), len(w.c.accounts.free))
	}
	reused := w.newTrader(40)
	w.fund(reused.id, base, 5)
	w.block()
	if len(w.c.accounts.free) != 2 {
		t.Error("a freed handle is not used again")
	}
	w.c = w.restore(w.snapshot())
	w.block()
}
