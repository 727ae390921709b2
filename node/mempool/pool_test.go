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
