package confidential

import (
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
