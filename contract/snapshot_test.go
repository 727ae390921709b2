package contract

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// busyWorld has a bit of everything.
func busyWorld(t testing.TB) (*world, []*trader) {
	w := newMarketWorld(t)
	traders := []*trader{w.newFunded(1), w.newFunded(2), w.newFunded(3)}
	second := exampleMarket()
	second.ID, second.Base, second.Quote = 2, quote, base
	w.list(second)
	for i := range uint64(30) {
		for _, tr := range traders {
			tr.send(limit(i+1, uint8(i%2), 100+i%5, 4+i))
		}
	}
	dated := limit(99, wire.Buy, 5, 10)
	dated.TimeInForce, dated.ExpiresAt = wire.GoodTillDate, w.time+2_000
	traders[0].send(dated)
	w.epoch++
	w.block()
	other := limit(77, wire.Sell, 5, 10)
	other.Market = 2
	traders[1].send(other)
	for i := range uint64(maximumWaiting) { // more payouts than a commit takes
		for _, tr := range traders {
			tr.send(withdrawal(base, 1+i, wire.AccountID{byte(i)}))
		}
	}
	for i := range byte(40) {
		w.depositFrom(wire.AccountID{0xd0, i / 2}, wire.SealedBeneficiary(nil), 5_000+uint32(i), wire.U128{Lo: 3})
	}
	for i, relay := range []wire.AccountID{relayTwo, relayOne, traders[0].id} {
		w.fund(traders[1].id, wire.NativeAsset, 1_000)
		w.relayed(relay, 10+uint64(i), traders[1].seal(through(relay, dummy)))
	}
	w.newTrader(9).link(hour) // an account without a leaf
	gone := w.newTrader(10)
	gone.link(400)
	second.Status = wire.MarketHalted
	w.list(second)
	w.block()
	traders[0].link(hour)
	for i := range byte(80) {
		w.depositFrom(wire.AccountID{0xd0, i}, wire.SealedBeneficiary(nil), 5_000, wire.U128{Lo: 3})
	}
	w.block()
	if len(w.c.relays.list) != 3 || w.c.outbox.count < 20 {
		t.Fatalf("%d relays, %d payouts wait", len(w.c.relays.list), w.c.outbox.count)
	}
	return w, traders
}

// TestI5RestoreGoesOn: a restored contract gives the same snapshot and, from the
// same messages, the same commits, byte for byte.
func TestI5RestoreGoesOn(t *testing.T) {
	w, traders := busyWorld(t)
	snapshot := w.snapshot()
	restored := w.restore(snapshot)
	if err := restored.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := restored.Snapshot(&again); err != nil || !bytes.Equal(again.Bytes(), snapshot) {
		t.Fatalf("a restored contract writes another snapshot (%v)", err)
	}
	last, _ := w.c.Last()
	if got, ok := restored.Last(); !ok || got != last {
		t.Fatalf("last commit %+v, want %+v", got, last)
	}
	for round := range uint64(6) {
		for i, tr := range traders {
			tr.send(limit(200+round, uint8(round+uint64(i))%2, 100+round, 10))
			tr.send(wire.Command{Kind: wire.CommandCancel, Order: round*5 + uint64(i)})
		}
		if round == 3 {
			w.epoch++
		}
		for i := range byte(80) { // what still waits adds up
			w.depositFrom(wire.AccountID{0xd0, i}, wire.SealedBeneficiary(nil), 5_000, wire.U128{Lo: 3})
		}
		pending := append([]wire.InboxMessage(nil), w.pending...)
		want := wire.CommitCodec.Marshal(*w.block())
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
		for _, m := range append([]wire.InboxMessage{block}, pending...) {
			if err := restored.Apply(&m); err != nil {
				t.Fatal(err)
			}
		}
		commit, err := restored.EndCheckpoint(w.last.BlockHash)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(wire.CommitCodec.Marshal(*commit), want) {
			t.Fatalf("round %d: the restored contract commits otherwise", round)
		}
		for _, tr := range traders {
			for kind := wire.QueryBalances; kind <= wire.QueryHistory; kind++ {
				query := wire.Query{Kind: kind}
				a, b := w.c.Answer(tr.view(), &query), restored.Answer(tr.view(), &query)
				if !bytes.Equal(wire.AnswerBodyCodec.Marshal(a), wire.AnswerBodyCodec.Marshal(b)) {
					t.Fatalf("question %d is answered otherwise", kind)
				}
			}
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	w, _ := busyWorld(t)
	snapshot := w.snapshot()
	restore := func(config Config, b []byte) error {
		c, err := Restore(config, bytes.NewReader(b))
		if err != nil && c != nil {
			t.Error("a refused snapshot gives a contract")
		}
		return err
	}
	config := w.c.config
	if err := restore(config, snapshot); err != nil {
		t.Fatal(err)
	}
	otherKey, otherInstance, otherLimits := config, config, config
	otherKey.StateKey[0]++
	otherInstance.Instance.Contract++
	otherLimits.Limits.OpenOrders++
	version := bytes.Clone(snapshot)
	version[len(snapshotMagic)]++
	unlike, at := bytes.Clone(snapshot), len(snapshot) // the last payout that is no withdrawal
	for queue := w.c.outbox.queue; queue[len(queue)-1].waiting[0].withdrawal; queue = queue[:len(queue)-1] {
		at -= 32 + 8 + 4 + waitingSize*len(queue[len(queue)-1].waiting)
	}
	unlike[at-1] |= 0x10
	for name, test := range map[string]struct {
		config Config
		bytes  []byte
		want   error
	}{
		"another key":                   {otherKey, snapshot, ErrSnapshotDamaged},
		"another contract":              {otherInstance, snapshot, ErrSnapshotInstance},
		"other limits":                  {otherLimits, snapshot, ErrSnapshotLimits},
		"another version":               {config, version, ErrSnapshotVersion},
		"neither a withdrawal nor none": {config, unlike, ErrSnapshotDamaged},
		"cut":                           {config, snapshot[:len(snapshot)-1], ErrSnapshotTruncated},
		"longer":                        {config, append(bytes.Clone(snapshot), 0), ErrSnapshotTrailing},
		"nothing":                       {config, nil, ErrNotSnapshot},
		"something else":                {config, bytes.Repeat([]byte("x"), 500), ErrNotSnapshot},
	} {
		if err := restore(test.config, test.bytes); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	// Every byte is bound by the root, but for the block's hash, which the chain vouches for.
	header := len(snapshotMagic) + 2 + wire.InstanceSize + limitsSize + 8 + scalarsSize
	for at := 0; at < len(snapshot); at += 1 + at/400 {
		if at >= header && at < header+32 {
			continue
		}
		bad := bytes.Clone(snapshot)
		bad[at] ^= 0x10
		if restore(config, bad) == nil {
			t.Fatalf("byte %d altered and still restored", at)
		}
	}
}

// failingWriter fails after some bytes.
type failingWriter struct{ left int }

func (f *failingWriter) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestSnapshotReportsFailure(t *testing.T) {
	w, _ := busyWorld(t)
	if err := w.c.Snapshot(&failingWriter{left: 100}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a full disk: %v", err)
	}
	fresh, err := New(w.c.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Snapshot(io.Discard); !errors.Is(err, ErrSnapshotTime) {
		t.Errorf("a snapshot before the first commit: %v", err)
	}
}

func FuzzRestore(f *testing.F) {
	w, _ := busyWorld(f)
	snapshot := w.snapshot()
	f.Add(snapshot[:300], uint16(0))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, uint16(400))
	f.Add([]byte{1, 0, 0, 0}, uint16(190))
	config := w.c.config
	f.Fuzz(func(t *testing.T, patch []byte, at uint16) {
		b := bytes.Clone(snapshot)
		copy(b[int(at)%len(b):], patch)
		c, err := Restore(config, bytes.NewReader(b))
		if err == nil && c.CheckInvariants() != nil {
			t.Fatal("a broken state is restored")
		}
		_, _ = Restore(config, bytes.NewReader(patch))
	})
}
