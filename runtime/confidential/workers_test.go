package confidential

import (
	"fmt"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestRegisterWorker(t *testing.T) {
	w := newWorld(t, 1, 1)
	want := wire.Worker{Measurement: testMeasurement(), Platform: testPlatform(0), Operator: operator, RegisteredAt: 1}
	if got := workers.Get(w.c, w.workers[0].Public()); got != want {
		t.Fatalf("%+v", got)
	}
	w.end()
}

func TestRegisterRefuses(t *testing.T) {
	candidate := newPair(t, "candidate")
	public := candidate.Public()
	good := func(w *world) wire.Evidence { return w.quote(public, testMeasurement(), testPlatform(1)) }
	edit := func(w *world, change func(*wire.Quote)) wire.Evidence {
		quote, err := wire.QuoteCodec.Unmarshal(good(w).Bytes)
		if err != nil {
			t.Fatal(err)
		}
		change(&quote)
		return wire.Evidence{Bytes: wire.QuoteCodec.Marshal(quote)}
	}
	cases := []struct {
		name     string
		worker   keys.Pair
		evidence func(*world) wire.Evidence
		before   func(*world)
		want     error
	}{
		{name: "unknown kind", evidence: func(w *world) wire.Evidence {
			e := good(w)
			e.Kind = 1
			return e
		}, want: ErrEvidenceKind},
		{name: "simulated on a real chain", evidence: good, before: func(w *world) { simulatedVendor.Remove(w.c) }, want: ErrEvidenceKind},
		{name: "empty", evidence: func(*world) wire.Evidence { return wire.Evidence{} }, want: ErrEvidence},
		{name: "trailing bytes", evidence: func(w *world) wire.Evidence {
			e := good(w)
			e.Bytes = append(e.Bytes, 0)
			return e
		}, want: ErrEvidence},
		{name: "the largest", evidence: func(*world) wire.Evidence { return wire.Evidence{Bytes: make([]byte, wire.MaxEvidence)} }, want: ErrEvidence},
		{name: "another vendor", evidence: func(w *world) wire.Evidence {
			return edit(w, func(q *wire.Quote) { q.Signature = candidate.Sign(q.SigningBytes()) })
		}, want: ErrEvidence},
		{name: "altered measurement", evidence: func(w *world) wire.Evidence { return edit(w, func(q *wire.Quote) { q.Measurement[0]++ }) }, want: ErrEvidence},
		{name: "altered platform", evidence: func(w *world) wire.Evidence { return edit(w, func(q *wire.Quote) { q.Platform = testPlatform(2) }) }, want: ErrEvidence},
		{name: "another worker's", worker: newPair(t, "other"), evidence: good, want: ErrEvidence},
		{name: "another network's", evidence: func(w *world) wire.Evidence {
			return edit(w, func(q *wire.Quote) {
				q.ReportData = wire.ReportData(wire.Instance{Genesis: scale.Hash{1}}, public)
				q.Signature = w.vendor.Sign(q.SigningBytes())
			})
		}, want: ErrEvidence},
		{name: "program not allowed", evidence: func(w *world) wire.Evidence { return w.quote(public, scale.Hash{1}, testPlatform(1)) }, want: ErrMeasurement},
		{name: "machine not allowed", evidence: func(w *world) wire.Evidence { return w.quote(public, testMeasurement(), scale.Hash{1}) }, want: ErrPlatform},
		{name: "registered", evidence: good, before: func(w *world) {
			if err := w.registerWith(candidate, good(w)); err != nil {
				t.Fatal(err)
			}
		}, want: ErrRegistered},
		{name: "too many", evidence: good, before: func(w *world) {
			for i := 2; i < int(maxWorkers)+1; i++ {
				if err := w.register(newPair(t, fmt.Sprint("more", i)), i); err != nil {
					t.Fatal(err)
				}
			}
		}, want: ErrTooManyWorkers},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, 1, 1)
			if test.before != nil {
				test.before(w)
			}
			if test.worker == nil {
				test.worker = candidate
			}
			if err := w.registerWith(test.worker, test.evidence(w)); err != test.want {
				t.Fatalf("%v, not %v", err, test.want)
			}
			w.check()
		})
	}
	w := newWorld(t, 0, 1)
	if err := registerWorker(w.c, frame.Root(), &registration{}); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}

func TestRemoveWorkerRefuses(t *testing.T) {
	w := newWorld(t, 1, 1)
	if err := w.root(removeWorkerIndex, make([]byte, 32)); err != ErrUnknownWorker {
		t.Fatal(err)
	}
	public := w.workers[0].Public()
	if err := removeWorker(w.c, frame.Signed(operator), &public); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}

// TestRemovedWorkerStaysAway: its evidence is public, so anybody could send it again.
func TestRemovedWorkerStaysAway(t *testing.T) {
	w := newWorld(t, 2, 1)
	public, platform := w.workers[0].Public(), testPlatform(0)
	w.mustRoot(removeWorkerIndex, public[:])
	if err := w.register(w.workers[0], 0); err != ErrRetired {
		t.Fatalf("the same key came back: %v", err)
	}
	if err := w.register(newPair(t, "another key"), 0); err != ErrPlatform {
		t.Fatalf("another key of the machine came back: %v", err)
	}
	w.mustRoot(14, platform[:], []byte{1})
	if err := w.register(w.workers[0], 0); err != ErrRetired {
		t.Fatalf("the same key came back when its machine was allowed again: %v", err)
	}
	if err := w.register(newPair(t, "another key"), 0); err != nil {
		t.Fatalf("governance allowed the machine again: %v", err)
	}
}

// TestWithdrawnAllowanceRemovesWorkers: no vote counts of what is not trusted.
func TestWithdrawnAllowanceRemovesWorkers(t *testing.T) {
	w := newWorld(t, 2, 1)
	platform, measurement := testPlatform(0), testMeasurement()
	yes, no := []byte{1}, []byte{0}
	w.mustRoot(14, platform[:], no)
	if workers.Exists(w.c, w.workers[0].Public()) || !workers.Exists(w.c, w.workers[1].Public()) {
		t.Fatal("the wrong worker was removed")
	}
	if err := w.register(w.workers[0], 0); err != ErrPlatform {
		t.Fatal(err)
	}
	w.mustRoot(14, platform[:], yes)
	if err := w.register(w.workers[0], 0); err != nil {
		t.Fatal(err)
	}
	w.mustRoot(13, measurement[:], no)
	for range workers.All(w.c) {
		t.Fatal("a worker is left that runs a withdrawn program")
	}
	if err := w.register(w.workers[0], 0); err != ErrMeasurement {
		t.Fatal(err)
	}
	w.mustRoot(13, measurement[:], yes)
	if err := allowMeasurement(w.c, frame.Signed(alice), &allowance{}); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	if err := allowPlatform(w.c, frame.None(), &allowance{}); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	w.end()
}

func TestThresholdBounds(t *testing.T) {
	w := newWorld(t, 1, 1)
	for _, wrong := range []uint32{0, maxWorkers + 1} {
		if err := w.root(11, scale.U32.Marshal(wrong)); err != ErrThreshold {
			t.Fatal(err)
		}
	}
	if err := setThreshold(w.c, frame.Signed(alice), new(uint32)); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
}

func TestMarkets(t *testing.T) {
	w := newWorld(t, 0, 1)
	set := func(change func(*wire.Market)) error {
		market := testMarket(9)
		change(&market)
		return w.root(10, wire.MarketCodec.Marshal(market))
	}
	if err := set(func(*wire.Market) {}); err != nil {
		t.Fatal(err)
	}
	if messages := blockMessages.Get(w.c); messages[len(messages)-1].Market != testMarket(9) {
		t.Fatal("the contract was not told")
	}
	if err := set(func(m *wire.Market) { m.Status, m.TakerFeePPM = wire.MarketHalted, 100 }); err != nil {
		t.Fatal("a change:", err)
	}
	cases := []struct {
		name   string
		change func(*wire.Market)
		want   error
	}{
		{"other lots", func(m *wire.Market) { m.LotSize = units(7) }, ErrMarketFixed},
		{"other base", func(m *wire.Market) { m.Base = 5 }, ErrMarketFixed},
		{"fee", func(m *wire.Market) { m.MakerFeePPM = wire.MaxFeePPM + 1 }, ErrMarket},
		{"status", func(m *wire.Market) { m.Status = 2 }, ErrMarket},
		{"one asset", func(m *wire.Market) { m.ID, m.Quote = 10, ksm }, ErrMarket},
		{"amounts overflow", func(m *wire.Market) { m.ID, m.MaxPrice, m.MaxQuantity = 10, 1<<63, 1<<63 }, ErrMarket},
		{"no such base", func(m *wire.Market) { m.ID, m.Base = 10, 5 }, ErrMarketAsset},
		{"no such quote", func(m *wire.Market) { m.ID, m.Quote = 10, 5 }, ErrMarketAsset},
		{"too many", func(m *wire.Market) {
			m.ID = 10
			marketCount.Set(w.c, maxMarkets)
		}, ErrTooManyMarkets},
	}
	for _, test := range cases {
		before := inbox.Get(w.c)
		if err := set(test.change); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
		if inbox.Get(w.c) != before {
			t.Errorf("%s: the contract was told", test.name)
		}
	}
	marketCount.Set(w.c, 3)
	if err := setMarket(w.c, frame.Signed(alice), &listing{}); err != frame.ErrBadOrigin {
		t.Fatal(err)
	}
	w.end()
}
