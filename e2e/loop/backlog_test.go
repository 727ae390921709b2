package loop

import (
	"context"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// Bounds of the test of a backlog.
const (
	backlogSize = 100 // checkpoints without a commit when the worker starts again
	backlogLeft = 2   // that a chain under load always has: a commit comes in a later block than its checkpoint
	backlogSpan = 40  // blocks, most of them until the worker has replayed what it missed
	loadPause   = 5 * time.Millisecond
)

// backlog proves how many checkpoints wait for their commits.
func (l *loop) backlog() uint64 {
	l.t.Helper()
	committed := uint64(0)
	if last := value(l, wire.LastCommitCodec, wire.StorageLastCommit()); last.Some {
		committed = last.Value.Checkpoint + 1
	}
	return value(l, scale.U64, wire.StorageCheckpointCount()).Value - committed
}

// load deposits again and again until it is stopped, and then tells how often. It signs by itself: nothing in the test
// holds it up.
type load struct {
	trader *trader
	stop   context.CancelFunc
	done   chan error
	count  uint64
}

func (tr *trader) startLoad() *load {
	tr.t.Helper()
	call, err := wire.CallDeposit(ksm, scale.U128From(oneKSM/1_000), wire.PlainBeneficiary(tr.pair.AccountID()))
	if err != nil {
		tr.t.Fatal(err)
	}
	var version worker.RuntimeVersion
	if err := tr.rpc.Call(tr.t.Context(), &version, "state_getRuntimeVersion"); err != nil {
		tr.t.Fatal(err)
	}
	account, err := ss58.Encode(2, tr.pair.AccountID())
	if err != nil {
		tr.t.Fatal(err)
	}
	var nonce uint32
	if err := tr.rpc.Call(tr.t.Context(), &nonce, "system_accountNextIndex", account); err != nil {
		tr.t.Fatal(err)
	}
	implicit := extrinsic.Implicit{SpecVersion: version.Spec, TransactionVersion: version.Transaction,
		Genesis: tr.instance.Genesis, Mortality: tr.instance.Genesis}
	ctx, stop := context.WithCancel(tr.t.Context())
	l := &load{trader: tr, stop: stop, done: make(chan error, 1)}
	go func() {
		var err error
		for ; ctx.Err() == nil && err == nil; time.Sleep(loadPause) {
			var signed []byte
			if signed, err = extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, implicit, extrinsic.SignerOf(tr.pair)); err == nil {
				err = tr.rpc.Call(tr.t.Context(), nil, "author_submitExtrinsic", scale.HexBytes(signed))
			}
			nonce++
			l.count++
		}
		l.done <- err
	}()
	return l
}

// end stops the load and gives what was deposited.
func (l *load) end() uint64 {
	l.trader.t.Helper()
	l.stop()
	if err := <-l.done; err != nil {
		l.trader.t.Fatalf("the load broke off: %v", err)
	}
	return l.count * (oneKSM / 1_000)
}

// TestBacklogShrinksUnderLoad: checkpoints that a worker missed are committed within a few blocks after it starts again,
// though every block goes on adding one.
func TestBacklogShrinksUnderLoad(t *testing.T) {
	l := newLoop(t)
	bob := l.trader("Bob")
	bob.deposit(ksm, oneKSM)
	l.settleAll()
	bob.submit(bob.open())
	l.settleAll()
	if err := l.worker.Close(); err != nil {
		t.Fatal(err)
	}
	traffic := bob.startLoad()
	l.until("a backlog", func() bool { return l.backlog() >= backlogSize })
	l.startWorker()
	l.advance()
	start, missed, highest := l.head.Number, l.backlog(), uint64(0)
	for left := missed; left > backlogLeft; left = l.backlog() {
		if l.head.Number > start+backlogSpan {
			t.Fatalf("%d checkpoints wait %d blocks after the worker's start with %d", left, l.head.Number-start, missed)
		}
		highest = max(highest, left)
		l.advance()
	}
	end, count := l.head.Number, value(l, scale.U64, wire.StorageCheckpointCount()).Value
	t.Logf("%d checkpoints, at most %d, were committed within %d blocks", missed, highest, end-start)
	highest = 0
	l.until("more blocks", func() bool {
		highest = max(highest, l.backlog())
		return l.head.Number >= end+50
	})
	t.Logf("then at most %d waited", highest)
	if highest > backlogSize/4 {
		t.Errorf("up to %d checkpoints waited again", highest)
	}
	if added := value(l, scale.U64, wire.StorageCheckpointCount()).Value - count; added < 40 {
		t.Errorf("only %d checkpoints in 50 blocks: this load shows nothing", added)
	}
	want := oneKSM + traffic.end()
	l.until("every deposit", func() bool {
		available, _ := bob.holds(ksm)
		return available == want
	})
}
