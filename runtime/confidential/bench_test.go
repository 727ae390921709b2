package confidential

import (
	"fmt"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/wire"
)

// BenchmarkSubmit puts batches of a thousand envelopes into the inbox; the time is
// that of one envelope, and what envelopeTime and byteTime allow for.
func BenchmarkSubmit(b *testing.B) {
	w := newWorld(b, 0, 1)
	batch := make([][]byte, 1000)
	for i := range batch {
		batch[i] = command(byte(i))
	}
	call, err := wire.CallSubmit(batch)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for done := 0; done < b.N; done += len(batch) {
		if err := w.dispatch(frame.Signed(alice), call); err == ErrInboxFull {
			b.StopTimer()
			w.next()
			b.StartTimer()
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommit commits empty checkpoints, with one vote.
func BenchmarkCommit(b *testing.B) {
	w := newWorld(b, 1, 1)
	for range b.N {
		b.StopTimer()
		w.mustSubmit(command(1))
		w.next()
		k := w.draft()
		list := votes(k.Digest(), w.workers[0])
		b.StartTimer()
		if invalid := w.sendVotes(k, list); invalid != nil {
			b.Fatal(invalid)
		}
	}
}

// BenchmarkRegister replaces one worker of a full list, at its machine.
func BenchmarkRegister(b *testing.B) {
	w := newWorld(b, int(maxWorkers), 1)
	calls := make([][]byte, b.N)
	for i := range calls {
		fresh := newPair(b, fmt.Sprint("fresh ", i)).Public()
		call, err := wire.CallRegisterWorker(fresh, w.quote(fresh, testMeasurement(), testPlatform(7)))
		if err != nil {
			b.Fatal(err)
		}
		calls[i] = call
	}
	b.ResetTimer()
	for _, call := range calls {
		if err := w.dispatch(frame.Signed(operator), call); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnnounceSnapshot announces with one vote.
func BenchmarkAnnounceSnapshot(b *testing.B) {
	w := newWorld(b, 1, 1)
	w.startCommitted()
	snapshot := w.published(0)
	list := votes(snapshot.Digest(instance(w.c)), w.workers[0])
	for range b.N {
		if invalid := w.publishVotes(snapshot, list); invalid != nil {
			b.Fatal(invalid)
		}
		b.StopTimer()
		snapshots.Remove(w.c)
		b.StartTimer()
	}
}

// BenchmarkSweepFees tells the contract to pay fees out.
func BenchmarkSweepFees(b *testing.B) {
	w := newWorld(b, 0, 1)
	call := append([]byte{Index, sweepFeesIndex}, sweepArguments(usdt, bob)...)
	for range b.N {
		if err := w.dispatch(frame.Root(), call); err == ErrInboxFull {
			b.StopTimer()
			w.next()
			b.StartTimer()
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
