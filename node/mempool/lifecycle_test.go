package mempool

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestBlocks(t *testing.T) {
	f := newRuntime()
	p := newPool(t, f, nil)
	included, watcher, err := p.SubmitAndWatch(SourceExternal, signed(1, 0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	_, overtaken, _ := p.SubmitAndWatch(SourceExternal, signed(2, 0, 1, 0))
	_, unblocked, _ := p.SubmitAndWatch(SourceExternal, signed(2, 2, 1, 0))
	submit(t, p, signed(1, 1, 1, 0))
	f.set(1, 1)
	f.set(2, 2) // others with its nonces were in the block
	block := scale.Hash{9}
	if err := p.Committed(Block{Hash: block, Number: 1, Included: []scale.Hash{included, {1}}, Changed: []scale.AccountID{account(2), account(8)}}); err != nil {
		t.Fatal(err)
	}
	check(t, p)
	expectOrder(t, p, "2/2", "1/1")
	expectStatuses(t, overtaken, Status{Kind: StatusReady}, Status{Kind: StatusInvalid})
	expectStatuses(t, unblocked, Status{Kind: StatusFuture}, Status{Kind: StatusReady})
	if _, err := p.Submit(SourceExternal, signed(1, 0, 1, 0)); !errors.Is(err, frame.InvalidStale) {
		t.Errorf("the included one again: %v", err)
	}
	p.Finalized(scale.Hash{8})
	p.Finalized(block)
	expectStatuses(t, watcher, Status{Kind: StatusReady}, Status{Kind: StatusInBlock, Block: block}, Status{Kind: StatusFinalized, Block: block})
	if len(p.included) != 0 || len(p.watchers) != 1 {
		t.Errorf("%d blocks and %d watchers are remembered", len(p.included), len(p.watchers))
	}
}

// Only senders that a block changed are looked at again.
func TestRevalidationIsTargeted(t *testing.T) {
	f := newRuntime()
	p := newPool(t, f, nil)
	for sender := byte(1); sender <= 20; sender++ {
		submit(t, p, signed(sender, 0, 1, 0))
	}
	_, watcher, _ := p.SubmitAndWatch(SourceExternal, signed(1, 1, 1, 0))
	submit(t, p, bare(5, 1))
	f.broke[1], f.broke[2] = true, true // by what the block did to 1; nobody is told of 2
	if err := p.Committed(Block{Number: 1, Changed: []scale.AccountID{account(1)}}); err != nil {
		t.Fatal(err)
	}
	before := f.asked
	if left := p.Revalidate(1); left != 1 {
		t.Errorf("%d left after one", left)
	}
	if left := p.Revalidate(100); left != 0 || f.asked != before+2 {
		t.Errorf("%d left, %d asked", left, f.asked-before)
	}
	check(t, p)
	if u := p.Usage(); u.Signed != 20 || u.Future != 1 {
		t.Errorf("usage %+v", u)
	}
	expectStatuses(t, watcher, Status{Kind: StatusReady}, Status{Kind: StatusFuture})
}

func TestExpiry(t *testing.T) {
	f := newRuntime()
	p := newPool(t, f, nil)
	submit(t, p, signed(1, 0, 64, 0)) // mortal
	submit(t, p, signed(2, 0, 1, 0))
	before := f.asked
	for number := uint64(1); number < 64; number++ {
		_ = p.Committed(Block{Number: number})
	}
	if p.Revalidate(10); f.asked != before {
		t.Error("asked before the time was over")
	}
	_ = p.Committed(Block{Number: 64})
	if p.Revalidate(10); f.asked != before+1 {
		t.Errorf("asked %d times at the end", f.asked-before)
	}
	if p.expiry.entries.Len() != 1 || p.expiry.entries[0].at != 128 {
		t.Errorf("the new end is not noted: %v", p.expiry.entries)
	}
}

func TestRejectedOnesAreBanned(t *testing.T) {
	f := newRuntime()
	now := time.Unix(1000, 0)
	p, err := New(Options{Validator: f, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	hash, watcher, _ := p.SubmitAndWatch(SourceExternal, signed(1, 0, 1, 0))
	submit(t, p, signed(1, 1, 1, 0))
	p.Reject(hash)
	check(t, p)
	expectStatuses(t, watcher, Status{Kind: StatusReady}, Status{Kind: StatusInvalid})
	if p.HasReady() {
		t.Error("what was behind it is still ready")
	}
	if _, err := p.Submit(SourceExternal, signed(1, 0, 1, 0)); !errors.Is(err, ErrBanned) {
		t.Errorf("again at once: %v", err)
	}
	now = now.Add(p.limits.BanTime)
	if _, err := p.Submit(SourceExternal, signed(1, 0, 1, 0)); err != nil {
		t.Errorf("again later: %v", err)
	}
	b := newBans(3)
	for i := range byte(10) {
		b.add(scale.Hash{i}, now.Add(time.Minute), now)
	}
	if len(b.until) > 3 {
		t.Errorf("%d bans", len(b.until))
	}
}

// A block that comes between asking the runtime and entering the pool makes the answer old.
// TestWithdrawnOnesMayComeBack: one whose time had not come is out, and not banned.
func TestWithdrawnOnesMayComeBack(t *testing.T) {
	p := newPool(t, newRuntime(), nil)
	hash := submit(t, p, bare(1, 5))
	p.Withdraw(hash)
	p.Withdraw(scale.Hash{1}) // unknown: nothing happens
	if p.HasReady() {
		t.Error("it is still offered to blocks")
	}
	check(t, p)
	submit(t, p, bare(1, 5))
	if !p.HasReady() {
		t.Error("it did not come back")
	}
}

func TestBlockDuringValidation(t *testing.T) {
	f := newRuntime()
	p := newPool(t, f, nil)
	f.pausing = make(chan struct{})
	result := make(chan error)
	go func() { _, err := p.Submit(SourceExternal, signed(1, 0, 1, 0)); result <- err }()
	for {
		f.mutex.Lock()
		asked := f.asked
		f.mutex.Unlock()
		if asked == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	f.set(1, 1)
	if err := p.Committed(Block{Number: 1}); err != nil {
		t.Fatal(err)
	}
	close(f.pausing)
	if err := <-result; !errors.Is(err, frame.InvalidStale) {
		t.Errorf("taken with a used nonce: %v", err)
	}
}

func TestReap(t *testing.T) {
	p := newPool(t, newRuntime(), nil)
	a, b := signed(1, 0, 1, 100), signed(2, 0, 1, 100)
	dropped := submit(t, p, signed(3, 0, 1, 100))
	submit(t, p, a)
	submit(t, p, b)
	p.Reject(dropped)
	if got := p.Reap(150); len(got) != 1 || !slices.Equal(got[0], a) {
		t.Errorf("first %x", got)
	}
	if got := p.Reap(0); len(got) != 1 || !slices.Equal(got[0], b) {
		t.Errorf("then %x", got)
	}
	if got := p.Reap(0); len(got) != 0 {
		t.Errorf("finally %x", got)
	}
}

func TestReadinessIsAnnounced(t *testing.T) {
	rings := 0
	p, err := New(Options{Validator: newRuntime(), OnReady: func() { rings++ }})
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		tx   []byte
		want int
	}{{signed(1, 1, 1, 0), 0}, {signed(1, 0, 1, 0), 1}, {bare(1, 1), 2}, {signed(1, 3, 1, 0), 2}} {
		submit(t, p, step.tx)
		if rings != step.want {
			t.Errorf("step %d: announced %d times, want %d", i, rings, step.want)
		}
	}
}

func TestWatcherIsBounded(t *testing.T) {
	w := newWatcher()
	for range 100 {
		w.tell(Status{Kind: StatusReady})
	}
	w.tell(Status{Kind: StatusDropped})
	ctx := context.Background()
	seen := 0
	for {
		status, ok := w.Next(ctx)
		if !ok {
			break
		}
		if seen++; status.Kind == StatusDropped && seen != maxStatuses+1 {
			t.Errorf("the end came as number %d", seen)
		}
	}
	if seen != maxStatuses+1 {
		t.Errorf("%d statuses", seen)
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, ok := newWatcher().Next(ctx); ok {
		t.Error("a status out of nothing")
	}
}
