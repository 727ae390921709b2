package app

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// A block is executed once, however often it comes back.
func TestExecutedOnce(t *testing.T) {
	p := newPeer(t)
	p.submit(p.transfer("Alice", 0, cloak), p.transfer("Alice", 1, cloak), p.transfer("Bob", 0, cloak))
	b := p.prepare(1, at(0))
	if len(b.txs) != 1+3 || p.executions != 1 {
		t.Fatalf("a claim and %d transactions proposed, %d executions", len(b.txs)-1, p.executions)
	}
	for range 2 {
		if !p.process(b) {
			t.Fatal("its own proposal is refused")
		}
	}
	response := p.finalize(b)
	p.commit()
	if p.executions != 1 {
		t.Errorf("%d executions of one block", p.executions)
	}
	head := p.chain.Head()
	if head.Number != 1 || !bytes.Equal(response.AppHash, head.Hash[:]) || len(response.TxResults) != 4 {
		t.Errorf("head %+v, AppHash %x", head, response.AppHash)
	}
	if p.pool.HasReady() {
		t.Error("the pool still offers what is in the block")
	}
	// Another node executes it once, too, and agrees.
	other := newPeer(t)
	if hash := other.decide(b); !bytes.Equal(hash, response.AppHash) || other.executions != 1 {
		t.Errorf("another node: %x after %d executions, want %x", hash, other.executions, response.AppHash)
	}
}

// A result is not taken for another block's.
func TestResultsAreNotMixedUp(t *testing.T) {
	p := newPeer(t)
	p.submit(p.transfer("Alice", 0, cloak))
	first := p.prepare(1, at(0))
	later := p.claimed(1, at(5), first.txs[1:]...)
	if !p.process(later) || p.executions != 2 {
		t.Errorf("the same transactions at another time: %d executions", p.executions)
	}
	if !p.process(first) {
		t.Error("the first is refused")
	}
	response := p.finalize(later)
	p.commit()
	if p.chain.Head().Timestamp != uint64(at(5).UnixMilli()) {
		t.Errorf("head %+v", p.chain.Head())
	}
	if other := newPeer(t); !bytes.Equal(other.decide(later), response.AppHash) {
		t.Error("another node disagrees")
	}
}

func TestEmptyBlocks(t *testing.T) {
	p := newPeer(t)
	genesis := p.chain.Genesis()
	height := int64(0)
	step := func(ms int, wantNumber uint32) {
		t.Helper()
		height++
		hash := p.decide(p.prepare(height, at(ms)))
		head := p.chain.Head()
		if head.Number != wantNumber || !bytes.Equal(hash, head.Hash[:]) || head.Height != uint64(height) {
			t.Fatalf("height %d at %d ms: %+v, AppHash %x, want block %d", height, ms, head, hash, wantNumber)
		}
	}
	step(0, 0)
	step(500, 0)
	step(999, 0)
	if head := p.chain.Head(); head.Hash != genesis {
		t.Error("empty blocks changed the AppHash")
	}
	step(1000, 1) // the heartbeat
	step(1001, 1)
	step(1999, 1)
	step(2000, 2)
	if p.info().LastBlockHeight != 7 {
		t.Errorf("info %+v", p.info())
	}
}

// The next block's time is this block's end: when the heartbeat is due by the clock, the node asks for that block.
func TestOverdueHeartbeatRings(t *testing.T) {
	p := newPeer(t)
	p.decide(p.prepare(1, at(1000)))
	p.clock = at(1500)
	p.decide(p.prepare(2, at(1010)))
	if p.rings != 0 {
		t.Error("rings before the heartbeat is due")
	}
	p.clock = at(2010)
	p.decide(p.prepare(3, at(1020)))
	if p.rings != 1 {
		t.Errorf("rang %d times for an overdue heartbeat", p.rings)
	}
}

func TestInvalidProposalIsRefused(t *testing.T) {
	p := newPeer(t)
	forged := p.transfer("Alice", 0, cloak)
	forged[60] ^= 1
	for name, txs := range map[string][][]byte{
		"forged":                {forged},
		"garbage":               {{1, 2, 3}},
		"submitted inherent":    {runtime.TimestampInherent(uint64(at(0).UnixMilli()))},
		"nonce ahead":           {p.transfer("Alice", 1, cloak)},
		"twice":                 {p.transfer("Alice", 0, cloak), p.transfer("Alice", 0, cloak)},
		"doorbell":              {Doorbell},
		"good, and then forged": {p.transfer("Bob", 0, cloak), forged},
	} {
		b := p.claimed(1, at(0), txs...)
		if p.process(b) {
			t.Errorf("%s: accepted", name)
		}
		if _, err := p.execute(1, uint64(at(0).UnixMilli()), b.txs); errors.Is(err, errWrongClaim) {
			t.Errorf("%s: refused for its claim alone", name)
		}
	}
	if head := p.chain.Head(); head.Number != 0 || head.Height != 0 {
		t.Errorf("refused proposals changed the chain: %+v", head)
	}
}

// A block says truly what it makes, whenever it makes something, and only then.
func TestClaims(t *testing.T) {
	p := newPeer(t)
	transfer := p.transfer("Alice", 0, cloak)
	good := p.claimed(1, at(0), transfer)
	lie := bytes.Clone(good.txs[0])
	lie[len(lie)-1] ^= 1
	beat := p.claimed(1, at(1000))
	for name, c := range map[string]struct {
		time time.Time
		txs  [][]byte
		want error
	}{
		"another hash":             {at(0), [][]byte{lie, transfer}, errWrongClaim},
		"the claim of other times": {at(1), good.txs, errWrongClaim},
		"no claim":                 {at(0), [][]byte{transfer}, errNoClaim},
		"the claim behind":         {at(0), [][]byte{transfer, good.txs[0]}, errNoClaim},
		"two claims":               {at(0), [][]byte{good.txs[0], good.txs[0], transfer}, nil},
		"cut short":                {at(0), [][]byte{good.txs[0][:40], transfer}, errNoClaim},
		"a heartbeat left out":     {at(1000), nil, errNoClaim},
		"no heartbeat is due":      {at(999), beat.txs, errIdleClaim},
	} {
		b := block{height: 1, time: c.time, txs: c.txs}
		b.name()
		if p.process(b) {
			t.Errorf("%s: accepted", name)
		}
		if _, err := p.execute(1, uint64(c.time.UnixMilli()), c.txs); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]block{"transfer": good, "heartbeat": beat} {
		if !p.process(b) {
			t.Errorf("%s: refused", name)
		}
	}
	p.decide(good)
	head := p.chain.Head()
	if height, proposed := p.Latest(); height != 1 || p.Height() != 1 || !bytes.Equal(proposed[0], wire.BlockClaim(head.Hash)) || head.Finalized() != 1 {
		t.Errorf("head %+v, height %d, claim %x", head, height, proposed)
	}
}

// A node that cannot find a decided block true stops, and keeps nothing of it: going on would be telling a final block from another.
func TestDecidedFalseBlockStops(t *testing.T) {
	p := newPeer(t)
	before := p.chain.Head()
	good, bad := p.transfer("Alice", 0, cloak), p.transfer("Bob", 7, cloak)
	wrong := p.claimed(1, at(0), good)
	wrong.txs[0] = wire.BlockClaim(scale.Hash{1})
	for name, b := range map[string]block{"invalid": p.claimed(1, at(0), bad, good, []byte{9}), "wrong claim": wrong} {
		_, err := p.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{Hash: b.hash, Height: b.height, Time: b.time, Txs: b.txs})
		if err == nil {
			t.Errorf("%s: executed", name)
		}
		if _, err := p.Commit(context.Background(), &abci.RequestCommit{}); err == nil {
			t.Errorf("%s: committed", name)
		}
	}
	if p.chain.Head() != before {
		t.Errorf("head %+v", p.chain.Head())
	}
	p.decide(p.claimed(1, at(0), good))
}

// A proposal with nothing in it waits a moment for what may be on its way; others do not.
func TestIdleProposalWaits(t *testing.T) {
	p := newPeer(t)
	ready := make(chan struct{}, 1)
	p.options.Ready, p.options.IdleWait = ready, 50*time.Millisecond
	began := time.Now()
	if b := p.prepare(1, at(0)); len(b.txs) != 0 || time.Since(began) < 50*time.Millisecond {
		t.Errorf("%d transactions after %v", len(b.txs), time.Since(began))
	}
	p.options.IdleWait = time.Minute
	ready <- struct{}{} // of something that is gone
	transfer := p.transfer("Alice", 0, cloak)
	go func() {
		time.Sleep(10 * time.Millisecond)
		if _, err := p.pool.Submit(mempool.SourceExternal, transfer); err != nil {
			t.Error(err)
		}
		ready <- struct{}{}
	}()
	if b := p.prepare(1, at(0)); len(b.txs) != 2 || !bytes.Equal(b.txs[1], transfer) {
		t.Errorf("%d transactions", len(b.txs))
	}
	p.decide(p.prepare(1, at(0))) // the pool has something: it does not wait
	p.decide(p.prepare(2, at(1000)))
	if p.chain.Head().Number != 2 {
		t.Error("no heartbeat")
	}
}

func TestProposalDropsWhatFails(t *testing.T) {
	p := newPeer(t)
	// Each is valid alone; the first spends what the others need.
	all := uint64(999_990 * cloak)
	p.submit(p.transfer("Alice", 0, all), p.transfer("Alice", 1, all), p.transfer("Alice", 2, cloak), p.transfer("Bob", 0, cloak))
	b := p.prepare(1, at(0))
	if len(b.txs) != 1+4 { // calls that fail are applied: they pay the fee
		t.Fatalf("%d transactions", len(b.txs))
	}
	p.decide(b)
	// A transaction that the state no longer takes leaves the pool; those behind it wait.
	behind := p.transfer("Bob", 2, cloak)
	p.submit(p.transfer("Bob", 1, cloak), behind)
	p.decide(p.claimed(2, at(10), p.transfer("Bob", 1, 2*cloak)))
	if b := p.prepare(3, at(20)); len(b.txs) != 2 || !bytes.Equal(b.txs[1], behind) {
		t.Errorf("%d transactions after another proposer's block", len(b.txs))
	}
}

func TestProposalKeepsToItsSize(t *testing.T) {
	p := newPeer(t)
	for nonce := range uint32(20) {
		p.submit(p.transfer("Alice", nonce, cloak))
	}
	response, err := p.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{MaxTxBytes: 1000, Height: 1, Time: at(0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := types.ToTxs(response.Txs).Validate(1000); err != nil || len(response.Txs) < 2 || len(response.Txs) > 20 {
		t.Errorf("%d transactions: %v", len(response.Txs), err)
	}
}

// A crash anywhere between two commits leaves the last one, and the replay gives the same chain.
func TestCrashes(t *testing.T) {
	reference, p := newPeer(t), newPeer(t)
	for height := int64(1); height <= 12; height++ {
		time := at(int(height) * 300)
		if height%3 == 0 {
			reference.submit(reference.transfer("Alice", uint32(height/3-1), cloak))
		}
		b := reference.prepare(height, time)
		want := reference.decide(b)
		switch height % 4 {
		case 0: // after the proposal was executed
			p.process(b)
			p.crash()
		case 1: // after the block was executed, before it was stored
			p.finalize(b)
			p.crash()
		case 2: // after it was stored
			p.decide(b)
			p.crash()
		}
		info := p.info()
		if stored := info.LastBlockHeight == height; stored != (height%4 == 2) {
			t.Fatalf("height %d: after the crash the store stands at %d", height, info.LastBlockHeight)
		}
		if info.LastBlockHeight < height {
			if got := p.finalize(b); !bytes.Equal(got.AppHash, want) {
				t.Fatalf("height %d: replayed to %x, want %x", height, got.AppHash, want)
			}
			p.commit()
		}
		if got := p.info(); !bytes.Equal(got.LastBlockAppHash, want) {
			t.Fatalf("height %d: AppHash %x, want %x", height, got.LastBlockAppHash, want)
		}
	}
	if p.chain.Head() != reference.chain.Head() {
		t.Errorf("head %+v, want %+v", p.chain.Head(), reference.chain.Head())
	}
}
