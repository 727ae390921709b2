package loop

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Amounts in base units.
const (
	oneKSM  = 1_000_000_000_000
	oneUSDT = 1_000_000
)

func place(order uint64, side uint8, ticks, lots uint64) wire.Command {
	return wire.Command{Kind: wire.CommandPlace, Order: order, Market: market, Side: side, Price: ticks, Quantity: lots}
}

// counters proves an asset's side of I2, and checks it.
func (l *loop) counters(asset uint32) wire.Counters {
	l.t.Helper()
	c := value(l, wire.CountersCodec, wire.StorageCounters(asset)).Value
	backing, ok := c.Liabilities.Add(c.Deposited)
	if ok {
		backing, ok = backing.Sub(c.DepositedAtCommit)
	}
	for _, part := range []scale.U128{c.Queued, c.Shielded} {
		if ok {
			backing, ok = backing.Add(part)
		}
	}
	if !ok || backing != c.Custody {
		l.t.Errorf("I2 is broken for asset %d: %+v", asset, c)
	}
	return c
}

// TestLoop trades over a real node: deposits, garbage, sealed orders, a partial
// fill, a withdrawal, a restart of worker and node in between.
func TestLoop(t *testing.T) {
	l := newLoop(t)
	bob, charlie := l.trader("Bob"), l.trader("Charlie")
	bob.deposit(ksm, 2*oneKSM)
	charlie.deposit(usdt, 100*oneUSDT)
	l.settleAll()
	bob.submit(bob.open(), []byte("garbage"), make([]byte, wire.CommandEnvelopeSize))
	charlie.submit(charlie.open())
	l.settleAll()

	// 0.5 KSM at 20 USDT: 10 USDT, and 500 ppm of it from the taker.
	bob.submit(bob.command(place(1, wire.Sell, 2_000, 800)))
	l.settleAll()
	charlie.submit(charlie.command(place(1, wire.Buy, 2_100, 500)))
	l.settleAll()
	check := func() {
		t.Helper()
		if available, held := bob.holds(ksm); available != 2*oneKSM-8*oneKSM/10 || held != 3*oneKSM/10 {
			t.Errorf("Bob has %d available and %d held KSM", available, held)
		}
		if available, _ := bob.holds(usdt); available != 10*oneUSDT {
			t.Errorf("Bob has %d USDT", available)
		}
		if available, held := charlie.holds(usdt); available != 90*oneUSDT-5_000 || held != 0 {
			t.Errorf("Charlie has %d available and %d held USDT", available, held)
		}
	}
	check()

	// The worker's restart goes on from its snapshot, the node's from its store.
	if err := l.worker.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.node.Close(); err != nil {
		t.Fatal(err)
	}
	l.startNode()
	l.startWorker()
	<-l.worker.Ready()
	check()

	l.withdraw(charlie)
	for _, asset := range []uint32{ksm, usdt} {
		c := l.counters(asset)
		if c.Custody != c.Liabilities {
			t.Errorf("asset %d: everything is committed and paid, yet %+v", asset, c)
		}
	}
}

// TestNodeRestartsUnderTheWorker: the worker connects again and loses nothing.
func TestNodeRestartsUnderTheWorker(t *testing.T) {
	l := newLoop(t)
	bob := l.trader("Bob")
	bob.deposit(ksm, oneKSM)
	l.settleAll()
	bob.submit(bob.open())
	l.settleAll()
	for range 2 {
		if err := l.node.Close(); err != nil {
			t.Fatal(err)
		}
		l.startNode()
		bob.deposit(ksm, oneKSM)
		l.settleAll()
	}
	if available, _ := bob.holds(ksm); available != 3*oneKSM {
		t.Errorf("Bob has %d", available)
	}
	if err := l.worker.Err(); err != nil {
		t.Errorf("the worker stopped: %v", err)
	}
}

// TestCommitsKeepUp: with a checkpoint in every block, commits do not fall behind.
func TestCommitsKeepUp(t *testing.T) {
	l := newLoop(t)
	bob := l.trader("Bob")
	bob.deposit(ksm, oneKSM)
	l.settleAll()
	for range 400 {
		bob.deposit(ksm, oneKSM/1_000)
		time.Sleep(4 * time.Millisecond)
	}
	l.advance()
	last := value(l, wire.LastCommitCodec, wire.StorageLastCommit()).Value
	count := value(l, scale.U64, wire.StorageCheckpointCount()).Value
	t.Logf("%d of %d checkpoints are committed at block %d", last.Checkpoint+1, count, l.head.Number)
	if behind := count - last.Checkpoint - 1; behind > 24 {
		t.Errorf("commits are %d checkpoints behind", behind)
	}
	bob.submit(bob.open())
	l.settleAll()
	if available, _ := bob.holds(ksm); available != oneKSM+400*(oneKSM/1_000) {
		t.Errorf("Bob has %d", available)
	}
}

// withdraw takes 0.25 KSM out to an account of the chain.
func (l *loop) withdraw(from *trader) {
	l.t.Helper()
	before := l.assetBalance(from)
	from.submit(from.command(wire.Command{Kind: wire.CommandWithdraw, Asset: ksm, Amount: scale.U128From(oneKSM / 4), To: from.pair.AccountID()}))
	l.settleAll()
	l.until("the payout", func() bool { return l.assetBalance(from) == before+oneKSM/4 })
	if available, _ := from.holds(ksm); available != oneKSM/4 {
		l.t.Errorf("%d KSM are left in the pool", available)
	}
}

// assetBalance proves an account's KSM on the chain.
func (l *loop) assetBalance(tr *trader) uint64 {
	l.t.Helper()
	values, err := l.chain.Read(l.t.Context(), l.head, wire.StorageAssetAccount(ksm, tr.pair.AccountID()))
	if err != nil {
		l.t.Fatal(err)
	}
	d := scale.NewDecoder(values[0]) // AssetAccount starts with the balance
	return d.U128().Lo
}

// settleAll waits until the pool of the node is empty and everything is committed.
func (l *loop) settleAll() {
	l.t.Helper()
	l.until("an empty pool", func() bool {
		var pending []scale.HexBytes
		if err := l.rpc.Call(l.t.Context(), &pending, "author_pendingExtrinsics"); err != nil {
			l.t.Fatal(err)
		}
		return len(pending) == 0
	})
	l.settled()
}

// TestLatency measures from the submission of an order that matches to the frame
// that shows its fill. The bound is loose: tests share their machine.
func TestLatency(t *testing.T) {
	l := newLoop(t)
	bob, charlie := l.trader("Bob"), l.trader("Charlie")
	bob.deposit(ksm, 100*oneKSM)
	charlie.deposit(usdt, 10_000*oneUSDT)
	l.settleAll()
	bob.submit(bob.open())
	charlie.submit(charlie.open())
	l.settleAll()
	bob.submit(bob.command(place(1, wire.Sell, 2_000, 10_000)))
	l.settleAll()
	next := charlie.subscribe()
	var final, took []time.Duration
	for i := range uint64(20) {
		envelope := charlie.command(place(1+i, wire.Buy, 2_000, 10))
		l.settleAll() // the chain rests, but for its heartbeat
		started := time.Now()
		charlie.submit(envelope)
		l.advance()
		final = append(final, time.Since(started))
		for {
			if frame := next(); len(frame.Fills) > 0 {
				break
			}
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(final)
	slices.Sort(took)
	t.Logf("order to a proven head: median %v; to its sealed fill: median %v, longest %v", final[len(final)/2], took[len(took)/2], took[len(took)-1])
	if took[len(took)/2] > 5*time.Second {
		t.Errorf("the median is %v", took[len(took)/2])
	}
}

// subscribe opens the trader's stream and gives what waits for its next frame.
func (tr *trader) subscribe() (next func() wire.Frame) {
	tr.t.Helper()
	request, opener, err := tr.key().Query(tr.pair.AccountID(), tr.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		tr.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	tr.t.Cleanup(cancel)
	connection, _, err := websocket.Dial(ctx, "ws://"+tr.worker.Address().String()+"/v1/stream", nil)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.t.Cleanup(func() { _ = connection.CloseNow() })
	if err := connection.Write(ctx, websocket.MessageBinary, request); err != nil {
		tr.t.Fatal(err)
	}
	number := uint64(0)
	return func() wire.Frame {
		_, sealed, err := connection.Read(ctx)
		if err != nil {
			tr.t.Fatal(err)
		}
		frame, err := opener.OpenFrame(number, sealed)
		if err != nil {
			tr.t.Fatal(err)
		}
		number++
		return frame
	}
}
