package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/bitcloak/bitcloak/engine"
)

// busyBook returns a book with orders of every kind in several markets.
func busyBook(t testing.TB) *engine.Engine {
	t.Helper()
	book := engine.New(smallLimits)
	var events engine.Events
	g := generator{choose: seeded(7)}
	for range 3000 {
		g.next().apply(book, &events)
		events.Reset()
	}
	if book.OpenOrders() < 20 {
		t.Fatalf("only %d open orders", book.OpenOrders())
	}
	return book
}

func snapshotOf(t testing.TB, book engine.Book) []byte {
	t.Helper()
	var snapshot bytes.Buffer
	if err := book.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	return snapshot.Bytes()
}

func TestSnapshotRestores(t *testing.T) {
	book := busyBook(t)
	snapshot := snapshotOf(t, book)
	restored, err := engine.Restore(iotest.OneByteReader(bytes.NewReader(snapshot)), smallLimits)
	if err != nil {
		t.Fatal(err)
	}
	if err := restored.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	if restored.StateHash() != book.StateHash() || restored.Time() != book.Time() {
		t.Fatal("another state was restored")
	}
	if !bytes.Equal(snapshotOf(t, restored), snapshot) {
		t.Fatal("the snapshot of the restored book differs")
	}
}

func TestSnapshotReportsWriteErrors(t *testing.T) {
	_, w := io.Pipe()
	w.CloseWithError(io.ErrClosedPipe)
	if err := busyBook(t).Snapshot(w); !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("got %v", err)
	}
}

// TestRestoreRefusesDamage flips each byte, cuts at each length and adds one: none may pass.
func TestRestoreRefusesDamage(t *testing.T) {
	snapshot := snapshotOf(t, busyBook(t))
	for i := range snapshot {
		damaged := bytes.Clone(snapshot)
		damaged[i] ^= 1 << (i % 8)
		if _, err := engine.Restore(bytes.NewReader(damaged), smallLimits); err == nil {
			t.Fatalf("a flipped bit in byte %d passed", i)
		}
		if _, err := engine.Restore(bytes.NewReader(snapshot[:i]), smallLimits); !errors.Is(err, engine.ErrSnapshotTruncated) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	longer := append(bytes.Clone(snapshot), 0)
	if _, err := engine.Restore(bytes.NewReader(longer), smallLimits); !errors.Is(err, engine.ErrSnapshotTrailing) {
		t.Fatalf("a byte more: %v", err)
	}
	if _, err := engine.Restore(iotest.ErrReader(io.ErrNoProgress), smallLimits); !errors.Is(err, io.ErrNoProgress) {
		t.Fatalf("a failing reader: %v", err)
	}
}

// Offsets in a snapshot, from the encoding in spec/engine.md.
const (
	versionAt = 16
	headerAt  = 18
	marketAt  = headerAt + 24
	levelAt   = marketAt + 21
	orderAt   = levelAt + 12
)

// TestRestoreNamesTheDamage damages one field at a time. The cause is found where it is read, before the state hash
// would betray it.
func TestRestoreNamesTheDamage(t *testing.T) {
	limits := engine.Limits{Markets: 4, Owners: 4, Orders: 3}
	book := engine.New(limits)
	var events engine.Events
	book.SetMarket(engine.Market{ID: 1}, &events)
	book.AdvanceTime(100, &events)
	book.Place(&engine.Order{ID: 1, Owner: 1, Market: 1, Price: 10, Quantity: 5}, &events)
	book.Place(&engine.Order{ID: 2, Owner: 1, Market: 1, Price: 10, Quantity: 5}, &events)
	book.Place(&engine.Order{ID: 3, Owner: 2, Market: 1, Price: 11, Quantity: 5, Side: engine.Sell}, &events)
	snapshot := snapshotOf(t, book)
	ask := orderAt + 2*31
	cases := []struct {
		name   string
		want   error
		says   string
		damage func(b []byte)
	}{
		{"magic", engine.ErrNotSnapshot, "", func(b []byte) { b[0] = 'B' }},
		{"version", engine.ErrSnapshotVersion, "version 2", func(b []byte) { b[versionAt] = 2 }},
		{"limits", engine.ErrSnapshotLimits, "Markets:5", func(b []byte) { b[headerAt]++ }},
		{"hash", engine.ErrSnapshotDamaged, "state hash", func(b []byte) { b[len(b)-1]++ }},
		{"time", engine.ErrSnapshotDamaged, "state hash", func(b []byte) { b[headerAt+12]++ }},
		{"more markets", engine.ErrSnapshotDamaged, "", func(b []byte) { b[headerAt+20] = 2 }},
		{"market id", engine.ErrSnapshotDamaged, "invalid market", func(b []byte) { b[marketAt] = 9 }},
		{"market state", engine.ErrSnapshotDamaged, "invalid market", func(b []byte) { b[marketAt+4] = 2 }},
		{"empty level", engine.ErrSnapshotDamaged, "is empty", func(b []byte) { b[levelAt+8] = 0 }},
		{"huge level", engine.ErrSnapshotDamaged, "", func(b []byte) { binary.LittleEndian.PutUint32(b[levelAt+8:], 1<<31) }},
		{"duplicate order", engine.ErrSnapshotDamaged, "duplicate order", func(b []byte) { b[orderAt+31] = 1 }},
		{"owner", engine.ErrSnapshotDamaged, "invalid owner", func(b []byte) { b[orderAt+8] = 4 }},
		{"zero quantity", engine.ErrSnapshotDamaged, "zero quantity", func(b []byte) { b[orderAt+12] = 0 }},
		{"notional", engine.ErrSnapshotDamaged, "notional overflow", func(b []byte) { b[orderAt+19] = 255 }},
		{"an IOC order", engine.ErrSnapshotDamaged, "impossible flags", func(b []byte) { b[orderAt+20] = byte(engine.IOC) }},
		{"self-trade policy", engine.ErrSnapshotDamaged, "invalid self-trade", func(b []byte) { b[orderAt+21] = 4 }},
		{"post-only", engine.ErrSnapshotDamaged, "impossible flags", func(b []byte) { b[orderAt+22] = 2 }},
		{"expiry of a GTC order", engine.ErrSnapshotDamaged, "unexpected expiry", func(b []byte) { b[orderAt+23] = 200 }},
		{"passed expiry", engine.ErrSnapshotDamaged, "expiry passed", func(b []byte) { b[orderAt+20], b[orderAt+23] = byte(engine.GTD), 100 }},
		{"crossed", engine.ErrSnapshotDamaged, "crossed", func(b []byte) { b[ask] = 10 }},
		{"zero price", engine.ErrSnapshotDamaged, "zero price", func(b []byte) { b[ask] = 0 }},
	}
	for _, c := range cases {
		b := bytes.Clone(snapshot)
		c.damage(b)
		if _, err := engine.Restore(bytes.NewReader(b), limits); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %v: %s", c.name, err, c.want, c.says)
		}
	}
}

// TestRestoreRefusesOrderOfLevels hands in levels in the wrong order under the hash that would be theirs.
func TestRestoreRefusesOrderOfLevels(t *testing.T) {
	book := engine.New(smallLimits)
	var events engine.Events
	book.SetMarket(engine.Market{ID: 1}, &events)
	for id := range engine.OrderID(2) {
		book.Place(&engine.Order{ID: id, Market: 1, Price: 10 + engine.Price(id), Quantity: 5}, &events)
	}
	snapshot := snapshotOf(t, book)
	first, second := bytes.Clone(snapshot[levelAt:levelAt+43]), bytes.Clone(snapshot[levelAt+43:levelAt+86])
	copy(snapshot[levelAt:], second)
	copy(snapshot[levelAt+43:], first)
	market := append([]byte{1}, snapshot[marketAt:levelAt]...)
	for _, level := range [][]byte{second, first} {
		hash := sha256.Sum256(append([]byte{0}, level...))
		market = append(market, hash[:]...)
	}
	marketHash := sha256.Sum256(market)
	state := append([]byte{2}, snapshot[headerAt:marketAt]...)
	hash := sha256.Sum256(append(state, marketHash[:]...))
	copy(snapshot[len(snapshot)-32:], hash[:])
	if _, err := engine.Restore(bytes.NewReader(snapshot), smallLimits); !errors.Is(err, engine.ErrSnapshotDamaged) ||
		!strings.Contains(err.Error(), "not behind") {
		t.Fatalf("got %v", err)
	}
}

func FuzzRestore(f *testing.F) {
	snapshot := snapshotOf(f, busyBook(f))
	f.Add(snapshot)
	f.Add(snapshot[:len(snapshot)/2])
	f.Add(snapshotOf(f, engine.New(smallLimits)))
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := engine.Restore(bytes.NewReader(data), smallLimits)
		if err != nil {
			return
		}
		if err := book.CheckInvariants(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshotOf(t, book), data) {
			t.Fatal("a snapshot that is not canonical passed")
		}
	})
}
