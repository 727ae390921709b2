package engine

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
)

// fill places resting orders, spread over owners, levels, sides and markets.
func fill(e *Engine, orders, markets, levels int) {
	var events Events
	for id := range markets {
		e.SetMarket(Market{ID: MarketID(id)}, &events)
	}
	choose := chooser(4)
	for id := range orders {
		side := Side(id & 1)
		price := Price(100_000 - 1 - choose(uint64(levels)))
		if side == Sell {
			price = Price(100_000 + choose(uint64(levels)))
		}
		events.Reset()
		e.Place(&Order{
			ID: OrderID(id), Owner: Owner(choose(10_000)), Market: MarketID(choose(uint64(markets))), Side: side,
			Price: price, Quantity: Quantity(1 + choose(1000)),
		}, &events)
	}
}

// BenchmarkMarkets places and cancels an order among as many in one market and in many.
func BenchmarkMarkets(b *testing.B) {
	for _, markets := range []int{1, 1000} {
		b.Run(fmt.Sprint(markets), func(b *testing.B) {
			const orders = 100_000
			e := New(DefaultLimits())
			fill(e, orders, markets, 20)
			choose := chooser(5)
			var events Events
			o := Order{ID: orders, Owner: 1, Quantity: 1}
			b.ReportAllocs()
			for b.Loop() {
				events.Reset()
				o.ID++
				o.Market, o.Price = MarketID(choose(uint64(markets))), Price(99_980+choose(20))
				e.Place(&o, &events)
				e.Cancel(Cancellation{Order: o.ID, Owner: 1}, &events)
			}
		})
	}
}

// BenchmarkRestore restores a million orders.
func BenchmarkRestore(b *testing.B) {
	e := New(DefaultLimits())
	fill(e, 1_000_000, 10, 2000)
	var snapshot bytes.Buffer
	if err := e.Snapshot(&snapshot); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(snapshot.Len()))
	for b.Loop() {
		if _, err := Restore(bytes.NewReader(snapshot.Bytes()), DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory reports what ten million resting orders take.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		e := New(DefaultLimits())
		fill(e, 10_000_000, 1, 2000)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/10_000_000, "bytes/order")
		b.ReportMetric(float64(after.HeapSys-before.HeapSys)/(1<<20), "MiB-from-system")
		runtime.KeepAlive(e)
	}
}

// BenchmarkStateHash asks for the state hash after every hundredth of a large book has changed, and of all of it.
func BenchmarkStateHash(b *testing.B) {
	e := New(DefaultLimits())
	fill(e, 100_000, 10, 2000)
	choose := chooser(6)
	var events Events
	b.Run("after 100 commands", func(b *testing.B) {
		for b.Loop() {
			for range 100 {
				events.Reset()
				id := OrderID(choose(100_000))
				o, _ := e.Lookup(id)
				e.Amend(&Amendment{Order: id, Owner: o.Owner, Price: o.Price, Quantity: o.Quantity}, &events)
			}
			e.StateHash()
		}
	})
	b.Run("of everything", func(b *testing.B) {
		for b.Loop() {
			for at := uint32(1); at < e.ladders.levels.used; at++ {
				e.ladders.levels.at(at).stale = true
			}
			for i := range e.markets {
				e.markets[i].stale = true
			}
			e.StateHash()
		}
	})
}
