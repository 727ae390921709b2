package mempool

import (
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
)

func TestLimitsOfASender(t *testing.T) {
	p := newPool(t, newRuntime(), func(l *Limits) {
		l.MaxPerSender, l.MaxFuturePerSender, l.MaxBytesPerSender, l.MaxTransactionBytes = 4, 2, 1000, 600
	})
	for name, test := range map[string]struct {
		tx   []byte
		want error
	}{
		"too large":     {signed(1, 0, 1, 601), ErrSize},
		"too far ahead": {signed(1, 9, 1, 0), ErrFuture},
	} {
		if _, err := p.Submit(SourceExternal, test.tx); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	submit(t, p, signed(1, 2, 1, 0))
	submit(t, p, signed(1, 3, 1, 0))
	if _, err := p.Submit(SourceExternal, signed(1, 4, 1, 0)); !errors.Is(err, ErrFuture) {
		t.Errorf("a third future one: %v", err)
	}
	submit(t, p, signed(1, 0, 1, 0))
	submit(t, p, signed(1, 1, 1, 0))
	if _, err := p.Submit(SourceExternal, signed(1, 4, 1, 0)); !errors.Is(err, ErrSender) {
		t.Errorf("a fifth: %v", err)
	}
	submit(t, p, signed(2, 0, 1, 600))
	if _, err := p.Submit(SourceExternal, signed(2, 1, 1, 600)); !errors.Is(err, ErrSender) {
		t.Errorf("too many bytes: %v", err)
	}
	if _, err := p.Submit(SourceExternal, signed(2, 0, 2, 600)); err != nil {
		t.Errorf("a replacement needs no room: %v", err)
	}
	if _, err := p.Submit(SourceExternal, signed(1, 0, 1, 0)[:5]); !errors.Is(err, frame.InvalidCall) {
		t.Errorf("what the runtime refuses: %v", err)
	}
	check(t, p)
}

// A sender that fills the pool loses its own transactions to newcomers, however high its priorities are at the end.
func TestOneSenderCannotPushOthersOut(t *testing.T) {
	p := newPool(t, newRuntime(), func(l *Limits) { l.MaxTransactions, l.MaxPerSender = 100, 95 })
	for sender := byte(2); sender <= 6; sender++ {
		submit(t, p, signed(sender, 0, 1, 0))
	}
	for nonce := range uint32(95) {
		priority := uint64(1)
		if nonce > 90 {
			priority = 1_000_000
		}
		submit(t, p, signed(1, nonce, priority, 0))
	}
	submit(t, p, signed(7, 0, 1, 0)) // the pool was full
	for sender := byte(2); sender <= 7; sender++ {
		if p.NextNonce(account(sender), 0) != 1 {
			t.Errorf("sender %d lost its transaction", sender)
		}
	}
	if got := p.NextNonce(account(1), 0); got != 89 { // 95 in all: tails first, the costly ones among them
		t.Errorf("%d of the greedy sender's are left", got)
	}
}

func TestEvictionByEffectivePriority(t *testing.T) {
	p := newPool(t, newRuntime(), func(l *Limits) { l.MaxTransactions, l.MaxPerSender = 19, 19 }) // no slack
	for sender := byte(1); sender <= 8; sender++ {
		submit(t, p, signed(sender, 0, 100, 0))
		submit(t, p, signed(sender, 1, 100, 0))
	}
	submit(t, p, signed(50, 0, 1, 0))
	_, costly, err := p.SubmitAndWatch(SourceExternal, signed(50, 1, 1_000_000, 0)) // behind one of priority 1
	if err != nil {
		t.Fatal(err)
	}
	submit(t, p, signed(51, 0, 50, 0))
	submit(t, p, signed(52, 0, 50, 0)) // one too many
	expectStatuses(t, costly, Status{Kind: StatusReady}, Status{Kind: StatusDropped})
	submit(t, p, signed(53, 0, 50, 0))
	if got := p.NextNonce(account(50), 0); got != 0 {
		t.Errorf("%d of the weakest sender's are left", got)
	}
	if _, err := p.Submit(SourceExternal, signed(60, 0, 49, 0)); !errors.Is(err, ErrFull) {
		t.Errorf("the worst of a full pool: %v", err)
	}
	if _, err := p.Submit(SourceExternal, signed(60, 0, 50, 0)); !errors.Is(err, ErrFull) {
		t.Errorf("no better than the worst, and later: %v", err)
	}
	submit(t, p, signed(60, 0, 51, 0))
	for _, sender := range []byte{51, 52, 60} {
		if p.NextNonce(account(sender), 0) != 1 {
			t.Errorf("sender %d has lost its transaction", sender)
		}
	}
}

func TestEvictionMakesRoomForMany(t *testing.T) {
	p := newPool(t, newRuntime(), func(l *Limits) { l.MaxTransactions, l.MaxPerSender = 200, 200 })
	for sender := byte(0); sender < 200; sender++ {
		submit(t, p, signed(sender, 0, uint64(sender)+1, 0))
	}
	submit(t, p, signed(255, 0, 1000, 0))
	if got := p.Usage().Signed; got != 190 {
		t.Errorf("%d are left", got)
	}
	if p.NextNonce(account(11), 0) != 1 || p.NextNonce(account(10), 0) != 0 {
		t.Error("not the lowest priorities were given up")
	}
}

func TestFutureGoesFirst(t *testing.T) {
	p := newPool(t, newRuntime(), func(l *Limits) { l.MaxTransactions, l.MaxPerSender = 19, 19 })
	_, watcher, err := p.SubmitAndWatch(SourceExternal, signed(1, 5, 1_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	for sender := byte(2); sender < 21; sender++ {
		submit(t, p, signed(sender, 0, 1, 0))
	}
	expectStatuses(t, watcher, Status{Kind: StatusFuture}, Status{Kind: StatusDropped})
}

func TestBareRoomIsReserved(t *testing.T) {
	p := newPool(t, newRuntime(), func(l *Limits) { l.MaxTransactions, l.MaxPerSender, l.MaxBare = 10, 10, 2 })
	for nonce := range uint32(10) {
		submit(t, p, signed(1, nonce, 1_000, 0))
	}
	submit(t, p, bare(1, 0))
	submit(t, p, bare(2, 0))
	if _, err := p.Submit(SourceExternal, bare(3, 0)); !errors.Is(err, ErrFull) {
		t.Errorf("a third bare one: %v", err)
	}
	submit(t, p, bare(4, 5))
	expectOrder(t, p, append([]string{"bare 4", "bare 1"}, order(p.Select(1<<20, 1000))[2:]...)...)
	if u := p.Usage(); u.Signed != 10 || u.Bare != 2 || u.Senders != 1 {
		t.Errorf("usage %+v", u)
	}
}
