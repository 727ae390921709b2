package contract

import (
	"bytes"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// benchFlow seals commands of many sessions into checkpoints: per hundred some 37
// resting orders, 15 that trade, 10 amendments, 38 cancels, so the book keeps its size.
type benchFlow struct {
	w       *world
	traders []*trader
	random  uint64
	order   []uint64   // last order number of a trader
	open    [][]uint64 // order numbers that were placed to rest
	relay   wire.AccountID
}

func (f *benchFlow) draw(n uint64) uint64 {
	f.random ^= f.random << 13
	f.random ^= f.random >> 7
	f.random ^= f.random << 17
	return f.random % n
}

func newBenchFlow(b testing.TB, traders int) *benchFlow {
	w := newMarketWorld(b)
	w.silent = true
	f := &benchFlow{w: w, random: 88172645463325252}
	for i := range traders {
		tr := w.newTrader(byte(i))
		tr.id[0], tr.id[1] = byte(i), byte(i>>8) // any account: sessions are put in below
		tr.session = seal.NewSession(testInstance, tr.id, [32]byte{byte(i), byte(i >> 8), 1}, start+hour, w.epoch)
		f.traders = append(f.traders, tr)
		w.fund(tr.id, base, 1<<50)
		w.fund(tr.id, quote, 1<<50)
		w.fund(tr.id, wire.NativeAsset, 1<<50)
	}
	f.order, f.open = make([]uint64, traders), make([][]uint64, traders)
	w.add(wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{}})
	opening := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
	if err := w.c.Apply(&opening); err != nil {
		b.Fatal(err)
	}
	for i := range w.pending {
		if err := w.c.Apply(&w.pending[i]); err != nil {
			b.Fatal(err)
		}
	}
	envelope := make([]byte, wire.OpeningEnvelopeSize)
	envelope[0], envelope[1] = wire.ClassOpening, byte(w.epoch)
	for i, tr := range f.traders {
		w.c.applyOpening(envelope, &wire.Opening{Account: tr.id, Secret: [32]byte{byte(i), byte(i >> 8), 1}, ExpiresAt: start + hour})
	}
	if _, err := w.c.EndCheckpoint(wire.Hash{}); err != nil {
		b.Fatal(err)
	}
	w.number, w.pending = w.number+1, nil
	return f
}

// command draws the next command of a trader.
func (f *benchFlow) command(i int) wire.Command {
	open := f.open[i]
	x := f.draw(100)
	if x < 38 && len(open) > 20 {
		k := f.draw(uint64(len(open)))
		order := open[k]
		open[k] = open[len(open)-1]
		f.open[i] = open[:len(open)-1]
		return wire.Command{Kind: wire.CommandCancel, Order: order}
	}
	if x < 48 && len(open) > 20 {
		return wire.Command{Kind: wire.CommandAmend, Order: open[f.draw(uint64(len(open)))], Price: 1000 + f.draw(2)*400, Quantity: 2 + f.draw(50)}
	}
	f.order[i]++
	side := uint8(f.draw(2))
	distance := int64(f.draw(500) + 1)
	if x < 85 {
		f.open[i] = append(f.open[i], f.order[i])
		if len(f.open[i]) > 500 {
			f.open[i] = f.open[i][1:]
		}
	} else {
		distance = -int64(f.draw(20))
	}
	if side == wire.Buy {
		distance = -distance
	}
	return limit(f.order[i], side, uint64(1_200+distance), 2+f.draw(100))
}

// checkpoint seals so many commands behind a Block message.
func (f *benchFlow) checkpoint(b testing.TB, commands int) []wire.InboxMessage {
	f.w.number++
	f.w.time += 20
	messages := make([]wire.InboxMessage, 0, commands+1)
	messages = append(messages, wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: f.w.number, Timestamp: f.w.time, Epoch: f.w.epoch}})
	for range commands {
		i := int(f.draw(uint64(len(f.traders))))
		envelope := f.traders[i].seal(through(f.relay, f.command(i)))
		messages = append(messages, wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: f.relay, Fee: 1_000, Bytes: envelope}})
	}
	return messages
}

const benchCommands = 2_000

// BenchmarkSealedCommands goes from envelope bytes to a state root on one core:
// inbox hash, opening, matching, ledger, history, tree. One operation is one command.
func BenchmarkSealedCommands(b *testing.B) { benchCommandFlow(b, wire.AccountID{}) }

// BenchmarkRelayedCommands is the same with a refund for each envelope.
func BenchmarkRelayedCommands(b *testing.B) { benchCommandFlow(b, relayOne) }

func benchCommandFlow(b *testing.B, relay wire.AccountID) {
	f := newBenchFlow(b, 2_000)
	f.relay = relay
	for range 20 { // books and histories fill
		f.apply(b, f.checkpoint(b, benchCommands))
	}
	b.ReportAllocs()
	b.ResetTimer()
	trades := f.w.c.trades
	done, used := 0, time.Duration(0)
	for done < b.N {
		b.StopTimer()
		messages := f.checkpoint(b, min(benchCommands, b.N-done))
		before := processorTime(b)
		b.StartTimer()
		f.apply(b, messages)
		used += processorTime(b) - before
		done += len(messages) - 1
	}
	b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "commands/s")
	b.ReportMetric(float64(done)/used.Seconds(), "commands/cpu-s")
	b.ReportMetric(float64(f.w.c.trades-trades)/float64(done), "trades/command")
	b.ReportMetric(float64(f.w.c.book.OpenOrders()), "open")
	rejected, entries := 0, 0
	for i := range f.w.c.accounts.list {
		for _, e := range f.w.c.accounts.list[i].history.items {
			entries++
			if e.kind == wire.EventRejected {
				rejected++
			}
		}
	}
	b.ReportMetric(float64(rejected)/float64(entries), "rejected/entry")
}

// processorTime is what the process has used, garbage collection included: on a
// shared machine it says more than the clock.
func processorTime(b testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func (f *benchFlow) apply(b testing.TB, messages []wire.InboxMessage) {
	for i := range messages {
		if err := f.w.c.Apply(&messages[i]); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := f.w.c.EndCheckpoint(wire.Hash{}); err != nil {
		b.Fatal(err)
	}
}

// restingFlow has so many open orders.
func restingFlow(b testing.TB, traders, orders int) *benchFlow {
	f := newBenchFlow(b, traders)
	for placed := 0; placed < orders; {
		messages := f.checkpoint(b, 0)
		for range benchCommands {
			i := int(f.draw(uint64(traders)))
			f.order[i]++
			side := uint8(f.draw(2))
			price := 1_000 - f.draw(500)
			if side == wire.Sell {
				price = 1_001 + f.draw(500)
			}
			messages = append(messages, wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{
				Bytes: f.traders[i].seal(limit(f.order[i], side, price, 10)),
			}})
			placed++
		}
		f.apply(b, messages)
	}
	return f
}

func BenchmarkSnapshot100kOrders(b *testing.B) {
	f := restingFlow(b, 1_000, 100_000)
	b.ReportMetric(float64(f.w.c.book.OpenOrders()), "orders")
	b.ResetTimer()
	for b.Loop() {
		if err := f.w.c.Snapshot(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRestore100kOrders(b *testing.B) {
	f := restingFlow(b, 1_000, 100_000)
	snapshot := f.w.snapshot()
	b.ReportMetric(float64(len(snapshot)), "bytes")
	b.ResetTimer()
	for b.Loop() {
		if _, err := Restore(f.w.c.config, bytes.NewReader(snapshot)); err != nil {
			b.Fatal(err)
		}
	}
}
