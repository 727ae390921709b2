package contract

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// BenchmarkEpochStart is the pause at the first block of an epoch: what applying
// its Block message costs, with so many sessions open.
func BenchmarkEpochStart(b *testing.B) {
	for _, sessions := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(sessions), func(b *testing.B) { benchEpochStart(b, sessions) })
	}
}

func benchEpochStart(b *testing.B, sessions int) {
	w := newMarketWorld(b)
	w.silent = true
	w.openSessions(b, sessions)
	b.ResetTimer()
	used := time.Duration(0)
	for range b.N {
		b.StopTimer()
		for range sessions*windowSize/4096 + 1 {
			w.block()
		}
		w.epoch++
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number + 1, Timestamp: w.time, Epoch: w.epoch}}
		before := processorTime(b)
		b.StartTimer()
		if err := w.c.Apply(&block); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		used += processorTime(b) - before
		w.number++
		w.inbox = w.c.Inbox()
		commit, err := w.c.EndCheckpoint(wire.Hash{})
		if err != nil {
			b.Fatal(err)
		}
		w.last = commit
	}
	b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/start")
	b.ReportMetric(0, "ns/op")
}

// openSessions gives as many accounts a leaf and a session.
func (w *world) openSessions(t testing.TB, sessions int) {
	t.Helper()
	envelope := make([]byte, wire.OpeningEnvelopeSize)
	envelope[0], envelope[1] = wire.ClassOpening, byte(w.epoch)
	accounts := make([]wire.AccountID, sessions)
	for i := range accounts {
		binary.LittleEndian.PutUint64(accounts[i][:], uint64(i)+1<<32)
		w.fund(accounts[i], base, 1)
	}
	w.block()
	w.direct(func() {
		for _, id := range accounts {
			secret := [32]byte{1}
			copy(secret[8:], id[:8])
			w.c.applyOpening(envelope, &wire.Opening{Account: id, Secret: secret, ExpiresAt: w.time + 24*hour})
		}
	})
}
