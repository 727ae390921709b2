package mempool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// fakeRuntime judges transactions of a made-up format: signed flag, sender, nonce, priority, padding.
type fakeRuntime struct {
	mutex   sync.Mutex
	nonces  map[byte]uint32
	broke   map[byte]bool // cannot pay
	asked   int
	pausing chan struct{} // if set, Validate waits for it after having judged
}

func newRuntime() *fakeRuntime {
	return &fakeRuntime{nonces: map[byte]uint32{}, broke: map[byte]bool{}}
}

func account(sender byte) (id scale.AccountID) {
	id[0] = sender
	return id
}

func signed(sender byte, nonce uint32, priority uint64, size int) []byte {
	tx := binary.LittleEndian.AppendUint32([]byte{1, sender}, nonce)
	tx = binary.LittleEndian.AppendUint64(tx, priority)
	return append(tx, make([]byte, max(0, size-len(tx)))...)
}

func bare(tag byte, priority uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{0, tag}, priority)
}

func (f *fakeRuntime) Validate(_ Source, tx []byte) (Validity, error) {
	f.mutex.Lock()
	f.asked++
	v, err := f.judge(tx)
	pausing := f.pausing
	f.mutex.Unlock()
	if pausing != nil {
		<-pausing
	}
	return v, err
}

func (f *fakeRuntime) judge(tx []byte) (Validity, error) {
	if len(tx) < 10 {
		return Validity{}, frame.InvalidCall
	}
	if tx[0] == 0 {
		return Validity{Tag: string(tx[1:2]), Priority: binary.LittleEndian.Uint64(tx[2:]), Longevity: ^uint64(0), Propagate: true}, nil
	}
	sender, nonce := tx[1], binary.LittleEndian.Uint32(tx[2:])
	v := Validity{Signed: true, Sender: account(sender), Nonce: nonce, Next: f.nonces[sender],
		Priority: binary.LittleEndian.Uint64(tx[6:]), Longevity: ^uint64(0), Propagate: true}
	if v.Priority == 64 { // stands for a mortal one
		v.Longevity = 64
	}
	switch {
	case f.broke[sender]:
		return Validity{}, frame.InvalidPayment
	case nonce < v.Next:
		return Validity{}, frame.InvalidStale
	}
	return v, nil
}

func (f *fakeRuntime) Nonce(id scale.AccountID) (uint32, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.nonces[id[0]], nil
}

func (f *fakeRuntime) set(sender byte, nonce uint32) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.nonces[sender] = nonce
}

func newPool(t *testing.T, f *fakeRuntime, change func(*Limits)) *Pool {
	t.Helper()
	limits := DefaultLimits()
	if change != nil {
		change(&limits)
	}
	p, err := New(Options{Validator: f, Limits: &limits})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func submit(t *testing.T, p *Pool, tx []byte) scale.Hash {
	t.Helper()
	hash, err := p.Submit(SourceExternal, tx)
	if err != nil {
		t.Fatal(err)
	}
	check(t, p)
	return hash
}

// check compares every count of the pool with what it holds.
func check(t *testing.T, p *Pool) {
	t.Helper()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	number, bytes := 0, 0
	for id, q := range p.senders {
		size := 0
		if len(q.transactions) == 0 || q.sender != id {
			t.Fatalf("queue of %v: %d transactions, sender %v", id, len(q.transactions), q.sender)
		}
		gap := false
		for i, tx := range q.transactions {
			if i > 0 && q.transactions[i-1].Nonce >= tx.Nonce {
				t.Fatal("a queue is out of order")
			}
			gap = gap || uint64(tx.Nonce) != uint64(q.next)+uint64(i)
			if tx.ready == gap || (i < q.ready) == gap {
				t.Fatalf("nonce %d after %d: ready %v, gap %v", tx.Nonce, q.next, tx.ready, gap)
			}
			if p.byHash[tx.Hash] != tx {
				t.Fatal("a transaction of a queue is not indexed")
			}
			size += len(tx.Bytes)
		}
		if size != q.bytes {
			t.Fatalf("a queue of %d bytes counts %d", size, q.bytes)
		}
		number, bytes = number+len(q.transactions), bytes+size
	}
	if number != p.signed || bytes != p.bytes || len(p.byHash) != number+len(p.bare) {
		t.Fatalf("%d transactions of %d bytes, counted %d of %d, indexed %d", number, bytes, p.signed, p.bytes, len(p.byHash))
	}
	if p.signed > p.limits.MaxTransactions || p.bytes > p.limits.MaxBytes {
		t.Fatalf("%d transactions of %d bytes exceed the limits", p.signed, p.bytes)
	}
}

// order describes a selection: sender and nonce of each, or the tag.
func order(selected []*Transaction) (out []string) {
	for _, t := range selected {
		if t.Signed {
			out = append(out, fmt.Sprintf("%d/%d", t.Sender[0], t.Nonce))
		} else {
			out = append(out, "bare "+fmt.Sprint(t.tag[0]))
		}
	}
	return out
}

func expectOrder(t *testing.T, p *Pool, want ...string) {
	t.Helper()
	if got := order(p.Select(1<<20, 1000)); !slices.Equal(got, want) {
		t.Errorf("selected %v, want %v", got, want)
	}
}

func TestOrder(t *testing.T) {
	p := newPool(t, newRuntime(), nil)
	submit(t, p, signed(1, 0, 5, 0))
	submit(t, p, signed(1, 1, 100, 0))
	submit(t, p, signed(2, 0, 50, 0))
	submit(t, p, signed(3, 1, 900, 0)) // nonce 0 is missing
	submit(t, p, signed(4, 0, 5, 0))
	submit(t, p, bare(7, 1))
	submit(t, p, bare(8, 2))
	expectOrder(t, p, "bare 8", "bare 7", "2/0", "1/0", "1/1", "4/0")
	submit(t, p, signed(3, 0, 1, 0))
	expectOrder(t, p, "bare 8", "bare 7", "2/0", "1/0", "1/1", "4/0", "3/0", "3/1")
	if got := order(p.Select(1<<20, 3)); !slices.Equal(got, []string{"bare 8", "bare 7", "2/0"}) {
		t.Errorf("three of them: %v", got)
	}
	if got := p.NextNonce(account(3), 0); got != 2 {
		t.Errorf("next nonce %d", got)
	}
	if got := p.NextNonce(account(9), 4); got != 4 {
		t.Errorf("next nonce of a stranger %d", got)
	}
	if got := p.Ready(1<<20, 1); len(got) != 1 || !slices.Equal(got[0], bare(8, 2)) {
		t.Errorf("ready %x", got)
	}
}

func TestSelectPassesOverWhatDoesNotFit(t *testing.T) {
	p := newPool(t, newRuntime(), nil)
	submit(t, p, signed(1, 0, 9, 500))
	submit(t, p, signed(1, 1, 9, 20))
	submit(t, p, signed(2, 0, 5, 100))
	submit(t, p, signed(3, 0, 1, 100))
	if got := order(p.Select(260, 100)); !slices.Equal(got, []string{"2/0", "3/0"}) {
		t.Errorf("selected %v", got)
	}
}

func TestReplacement(t *testing.T) {
	p := newPool(t, newRuntime(), nil)
	first, watcher, err := p.SubmitAndWatch(SourceExternal, signed(1, 0, 100, 0))
	if err != nil {
		t.Fatal(err)
	}
	var low *PriorityError
	if _, err := p.Submit(SourceExternal, signed(1, 0, 109, 0)); !errors.As(err, &low) || low.Old != 100 || low.New != 109 {
		t.Errorf("a bump of 9%%: %v", err)
	}
	second := submit(t, p, signed(1, 0, 110, 0))
	expectStatuses(t, watcher, Status{Kind: StatusReady}, Status{Kind: StatusUsurped, By: second})
	if p.byHash[first] != nil {
		t.Error("the replaced one is still there")
	}
	submit(t, p, bare(1, 10))
	if _, err := p.Submit(SourceExternal, append(bare(1, 10), 0)); !errors.As(err, &low) {
		t.Errorf("another bare one with the tag: %v", err)
	}
	submit(t, p, bare(1, 11))
	var known *KnownError
	if _, err := p.Submit(SourceExternal, bare(1, 11)); !errors.As(err, &known) {
		t.Errorf("the same again: %v", err)
	}
	expectOrder(t, p, "bare 1", "1/0")
}

func expectStatuses(t *testing.T, w *Watcher, want ...Status) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for i, status := range want {
		if got, ok := w.Next(ctx); !ok || got != status {
			t.Fatalf("status %d: %+v %v, want %+v", i, got, ok, status)
		}
	}
	if want[len(want)-1].Kind >= StatusFinalized {
		if got, ok := w.Next(ctx); ok {
			t.Fatalf("a status after the last: %+v", got)
		}
	}
}

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

// Random use keeps the counts true, and never more than the limits.
func TestRandomUse(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	f := newRuntime()
	p := newPool(t, f, func(l *Limits) {
		l.MaxTransactions, l.MaxPerSender, l.MaxBytes, l.MaxBytesPerSender, l.MaxTransactionBytes = 60, 25, 6000, 3000, 300
		l.MaxFuturePerSender, l.MaxBare = 5, 4
	})
	number := uint64(0)
	for range 20_000 {
		sender := byte(random.IntN(12))
		switch random.IntN(12) {
		case 0:
			number++
			block := Block{Number: number, Hash: scale.Hash{byte(number)}}
			for _, tx := range p.Select(1000, random.IntN(10)) {
				block.Included = append(block.Included, tx.Hash)
				if tx.Signed {
					f.set(tx.Sender[0], tx.Nonce+1)
				}
			}
			block.Changed = append(block.Changed, account(sender))
			if err := p.Committed(block); err != nil {
				t.Fatal(err)
			}
			p.Finalized(block.Hash)
		case 1:
			f.broke[sender] = !f.broke[sender]
		case 2:
			p.Revalidate(random.IntN(5))
		case 3:
			if selected := p.Select(1000, 3); len(selected) > 0 {
				p.Reject(selected[len(selected)-1].Hash)
			}
		case 4:
			_, _ = p.Submit(SourceExternal, bare(byte(random.IntN(6)), uint64(random.IntN(50))))
		default:
			nonce := f.nonces[sender] + uint32(random.IntN(20))
			_, _ = p.Submit(SourceExternal, signed(sender, nonce, uint64(random.IntN(100)), 20+random.IntN(200)))
		}
		check(t, p)
	}
}

func TestConcurrentUse(t *testing.T) {
	f := newRuntime()
	p := newPool(t, f, nil)
	var group sync.WaitGroup
	for sender := byte(1); sender <= 8; sender++ {
		group.Go(func() {
			for nonce := range uint32(200) {
				if _, err := p.Submit(SourceExternal, signed(sender, nonce, uint64(sender), 0)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Go(func() {
		for number := range uint64(50) {
			block := Block{Number: number}
			for _, tx := range p.Select(1<<20, 20) {
				block.Included = append(block.Included, tx.Hash)
				f.set(tx.Sender[0], tx.Nonce+1)
			}
			_ = p.Committed(block)
			p.Revalidate(10)
			p.Reap(100)
		}
	})
	group.Wait()
	check(t, p)
}

func TestLimitsAreChecked(t *testing.T) {
	for _, change := range []func(*Limits){
		func(l *Limits) { l.MaxBare = 0 },
		func(l *Limits) { l.MaxPerSender = l.MaxTransactions + 1 },
		func(l *Limits) { l.MaxTransactionBytes = l.MaxBytesPerSender + 1 },
	} {
		limits := DefaultLimits()
		change(&limits)
		if _, err := New(Options{Validator: newRuntime(), Limits: &limits}); !errors.Is(err, ErrLimits) {
			t.Errorf("limits %+v: %v", limits, err)
		}
	}
}

func BenchmarkFullPool(b *testing.B) {
	f := newRuntime()
	p, _ := New(Options{Validator: f})
	random := rand.New(rand.NewPCG(1, 1))
	nonces := [256]uint32{}
	for b.Loop() {
		sender := byte(random.IntN(256))
		_, err := p.Submit(SourceExternal, signed(sender, p.NextNonce(account(sender), 0), uint64(random.IntN(1000)), 150))
		if err == nil {
			nonces[sender]++
		}
	}
}
