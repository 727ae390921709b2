package mempool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// commitRuntime judges made-up commits: of a worker, for a checkpoint, with a byte to tell versions apart. A checkpoint
// is done when enough workers have voted for it.
type commitRuntime struct {
	mutex  sync.Mutex
	due    uint32
	needed int
	voted  map[byte]bool // for the one that is due
	halted bool
	during func() // called while a transaction is judged
}

func commitOf(worker byte, checkpoint uint32, version byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{worker}, checkpoint), version)
}

func (f *commitRuntime) Validate(_ Source, tx []byte) (v Validity, err error) {
	f.mutex.Lock()
	v, err = f.judge(tx)
	during := f.during
	f.during = nil
	f.mutex.Unlock()
	if during != nil {
		during()
	}
	return v, err
}

func (f *commitRuntime) judge(tx []byte) (Validity, error) {
	worker, checkpoint := tx[0], binary.LittleEndian.Uint32(tx[1:])
	v := Validity{Tag: fmt.Sprint(worker, "/", checkpoint), Provides: []string{fmt.Sprint(checkpoint)},
		Priority: 1<<40 - uint64(checkpoint), Longevity: ^uint64(0), Propagate: true}
	switch {
	case f.halted:
		return Validity{}, frame.InvalidCustom(2)
	case checkpoint < f.due:
		return Validity{}, frame.InvalidStale
	case checkpoint > f.due:
		v.Requires = []string{fmt.Sprint(checkpoint - 1)}
	case f.voted[worker]:
		return Validity{}, frame.InvalidCustom(11)
	}
	return v, nil
}

func (f *commitRuntime) Nonce(scale.AccountID) (uint32, error) { return 0, nil }

// apply is what a block does with one.
func (f *commitRuntime) apply(tx []byte) (invalid error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	v, err := f.judge(tx)
	if err != nil {
		return err
	}
	if len(v.Requires) > 0 {
		return frame.InvalidFuture
	}
	if f.voted[tx[0]] = true; len(f.voted) >= f.needed {
		f.due, f.voted = f.due+1, map[byte]bool{}
	}
	return nil
}

func newCommits(t *testing.T, needed int, change func(*Limits)) (*Pool, *commitRuntime, *int) {
	t.Helper()
	limits := DefaultLimits()
	if change != nil {
		change(&limits)
	}
	f, rings := &commitRuntime{needed: needed, voted: map[byte]bool{}}, new(int)
	p, err := New(Options{Validator: f, Limits: &limits, OnReady: func() { *rings++ }})
	if err != nil {
		t.Fatal(err)
	}
	return p, f, rings
}

// block applies what the pool offers, at most so many, as PrepareProposal does, and gives the checkpoints and how many
// were too early.
func block(t *testing.T, p *Pool, f *commitRuntime, count int) (applied []uint32, early int) {
	t.Helper()
	var b Block
	for _, tx := range p.Select(1<<20, count) {
		switch err := f.apply(tx.Bytes); {
		case err == nil:
			applied = append(applied, binary.LittleEndian.Uint32(tx.Bytes[1:]))
			b.Included = append(b.Included, tx.Hash)
		case errors.Is(err, frame.InvalidFuture) && p.Follows(tx.Hash):
			early++
		case len(b.Included) > 0:
			p.Withdraw(tx.Hash)
		default:
			p.Reject(tx.Hash)
		}
	}
	b.Number = p.number + 1
	if err := p.Committed(b); err != nil {
		t.Fatal(err)
	}
	checkBare(t, p)
	return applied, early
}

// checkBare compares order, counts and readiness of the bare transactions with what they should be.
func checkBare(t *testing.T, p *Pool) {
	t.Helper()
	check(t, p)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	size, provided := 0, tags{}
	for i, tx := range p.bare {
		if i > 0 && compareBare(p.bare[i-1], tx) >= 0 || p.bareTags[tx.tag] != tx {
			t.Fatal("bare transactions are out of order or not indexed")
		}
		if tx.ready != provided.haveAll(tx.requires) {
			t.Fatalf("%x is ready: %v", tx.Bytes, tx.ready)
		}
		if tx.ready {
			provided.add(tx.provides)
		}
		size += len(tx.Bytes)
	}
	if size != p.bareSize || len(p.bareTags) != len(p.bare) || len(p.bare) > p.limits.MaxBare || size > p.limits.MaxBareBytes {
		t.Fatalf("%d bare transactions of %d bytes, counted %d, %d tags", len(p.bare), size, p.bareSize, len(p.bareTags))
	}
}

func upTo(n uint32) (all []uint32) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// TestCommitsAheadApplyInOneBlock whatever the order in which they came.
func TestCommitsAheadApplyInOneBlock(t *testing.T) {
	p, f, rings := newCommits(t, 1, nil)
	for checkpoint := uint32(19); checkpoint > 0; checkpoint-- {
		submit(t, p, commitOf(1, checkpoint, 0))
	}
	if p.HasReady() || *rings != 0 || len(p.Select(1<<20, 100)) != 0 {
		t.Error("commits are offered without the one that is due")
	}
	submit(t, p, commitOf(1, 0, 0))
	checkBare(t, p)
	if !p.HasReady() || *rings != 1 {
		t.Errorf("rang %d times for the one that is due", *rings)
	}
	if applied, early := block(t, p, f, 100); !slices.Equal(applied, upTo(20)) || early != 0 {
		t.Errorf("applied %v, %d too early", applied, early)
	}
	if p.HasReady() || p.Usage().Bare != 0 {
		t.Errorf("left: %+v", p.Usage())
	}
}

// TestCommitsThatFoundNoRoomWait, and go on from there in the next block.
func TestCommitsThatFoundNoRoomWait(t *testing.T) {
	p, f, rings := newCommits(t, 1, nil)
	for checkpoint := range uint32(20) {
		submit(t, p, commitOf(1, checkpoint, 0))
	}
	if applied, _ := block(t, p, f, 7); !slices.Equal(applied, upTo(7)) {
		t.Errorf("applied %v", applied)
	}
	before := *rings
	if left := p.Revalidate(1); left != 0 || *rings != before+1 {
		t.Errorf("%d left to ask about, rang %d times", left, *rings-before)
	}
	if applied, _ := block(t, p, f, 100); len(applied) != 13 || f.due != 20 {
		t.Errorf("applied %v", applied)
	}
}

// TestConflictingCommitsAheadDisplaceNobody: nor do they keep anybody out of a full pool.
func TestConflictingCommitsAheadDisplaceNobody(t *testing.T) {
	p, f, _ := newCommits(t, 1, func(l *Limits) { l.MaxBare = 30 })
	for checkpoint := uint32(1); checkpoint < 40; checkpoint++ {
		_, _ = p.Submit(SourceExternal, commitOf(66, checkpoint, 9)) // a broken worker is first
		checkBare(t, p)
	}
	var low *PriorityError
	if _, err := p.Submit(SourceExternal, commitOf(66, 5, 10)); !errors.As(err, &low) {
		t.Errorf("a second vote of a worker for a checkpoint: %v", err)
	}
	for checkpoint := range uint32(15) {
		submit(t, p, commitOf(1, checkpoint, 0))
	}
	if _, err := p.Submit(SourceExternal, commitOf(2, 39, 0)); !errors.Is(err, ErrFull) {
		t.Errorf("the last of a full pool: %v", err)
	}
	honest := 0
	for _, tx := range p.Select(1<<20, 100) {
		if tx.Bytes[0] == 1 {
			honest++
		}
	}
	if honest != 15 {
		t.Errorf("%d of 15 honest commits are offered", honest)
	}
	if applied, _ := block(t, p, f, 100); len(applied) < 15 {
		t.Errorf("applied %v", applied)
	}
}

// TestCommitsOfSeveralWorkers: two of three must vote. What has too few votes waits without being offered again and
// again; what is done is dropped.
func TestCommitsOfSeveralWorkers(t *testing.T) {
	p, f, _ := newCommits(t, 2, nil)
	for checkpoint := range uint32(10) {
		submit(t, p, commitOf(1, checkpoint, 0))
	}
	if applied, early := block(t, p, f, 100); !slices.Equal(applied, []uint32{0}) || early != 9 {
		t.Errorf("applied %v of one worker, %d too early", applied, early)
	}
	p.Revalidate(100)
	if p.HasReady() || p.Usage().Bare != 9 {
		t.Errorf("one worker's commits are still offered, or gone: %+v", p.Usage())
	}
	for checkpoint := range uint32(10) {
		submit(t, p, commitOf(2, checkpoint, 0))
		submit(t, p, commitOf(3, checkpoint, 0))
	}
	if applied, early := block(t, p, f, 100); f.due != 10 || len(applied) != 19 || early != 0 {
		t.Errorf("applied %v, %d too early", applied, early)
	}
	p.Revalidate(100)
	if u := p.Usage(); u.Bare != 0 || u.Banned != 0 || u.Due != 0 {
		t.Errorf("left: %+v", u)
	}
}

// TestStaleCommitsAreDropped with all behind them, when others were quicker or commits are halted.
func TestStaleCommitsAreDropped(t *testing.T) {
	for name, change := range map[string]func(*commitRuntime){
		"another node's block": func(f *commitRuntime) { f.due = 10 },
		"a discrepancy":        func(f *commitRuntime) { f.halted = true },
	} {
		p, f, _ := newCommits(t, 1, nil)
		for checkpoint := range uint32(10) {
			submit(t, p, commitOf(1, checkpoint, 0))
		}
		change(f)
		if err := p.Committed(Block{Number: 1}); err != nil {
			t.Fatal(err)
		}
		if left := p.Revalidate(100); left != 0 || p.Usage().Bare != 0 || p.HasReady() {
			t.Errorf("%s: %d left to ask about, %+v", name, left, p.Usage())
		}
		checkBare(t, p)
	}
}

// TestBlockWhileACommitIsJudged: what it required is in the block; it is ready all the same.
func TestBlockWhileACommitIsJudged(t *testing.T) {
	p, f, _ := newCommits(t, 1, nil)
	submit(t, p, commitOf(1, 0, 0))
	f.during = func() { block(t, p, f, 10) }
	submit(t, p, commitOf(1, 1, 0))
	if !p.HasReady() || f.due != 1 {
		t.Errorf("the next is not ready after its predecessor's block: %+v", p.Usage())
	}
	f.during = func() { block(t, p, f, 10) }
	if _, err := p.Submit(SourceExternal, commitOf(2, 1, 0)); !errors.Is(err, frame.InvalidStale) {
		t.Errorf("taken though a block has made it stale: %v", err)
	}
	checkBare(t, p)
}

// TestRandomCommits: whatever comes in, in whatever order, everything is committed as long as the workers resubmit, and
// the pool keeps its counts.
func TestRandomCommits(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	p, f, _ := newCommits(t, 2, func(l *Limits) { l.MaxBare = 40 })
	for step := 0; f.due < 200; step++ {
		if step > 100_000 {
			t.Fatalf("stuck at checkpoint %d: %+v", f.due, p.Usage())
		}
		switch random.IntN(20) {
		case 0:
			block(t, p, f, random.IntN(12))
		case 1:
			p.Revalidate(random.IntN(8))
		case 2:
			if selected := p.Select(1<<20, 3); len(selected) > 0 {
				p.Withdraw(selected[0].Hash)
			}
		default:
			checkpoint := f.due + uint32(random.IntN(16)) - min(f.due, 2)
			_, _ = p.Submit(SourceExternal, commitOf(byte(random.IntN(4)), checkpoint, 0))
		}
		checkBare(t, p)
	}
}
