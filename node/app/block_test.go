package app

import (
	"bytes"
	"context"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/runtime"
)

// A block is executed once, however often it comes back.
func TestExecutedOnce(t *testing.T) {
	p := newPeer(t)
	p.submit(p.transfer("Alice", 0, cloak), p.transfer("Alice", 1, cloak), p.transfer("Bob", 0, cloak))
	b := p.prepare(1, at(0))
	if len(b.txs) != 3 || p.executions != 1 {
		t.Fatalf("%d transactions proposed, %d executions", len(b.txs), p.executions)
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
	if head.Number != 1 || !bytes.Equal(response.AppHash, head.Hash[:]) || len(response.TxResults) != 3 {
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
	later := first
	later.time = at(5)
	later.hash = bytes.Repeat([]byte{1}, 32)
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
		b := block{height: 1, time: at(0), txs: txs}
		b.name()
		if p.process(b) {
			t.Errorf("%s: accepted", name)
		}
	}
	if head := p.chain.Head(); head.Number != 0 || head.Height != 0 {
		t.Errorf("refused proposals changed the chain: %+v", head)
	}
}

// What is decided all the same skips what fails, and leaves it out of the Substrate block.
func TestDecidedBlockSkips(t *testing.T) {
	p := newPeer(t)
	good, bad := p.transfer("Alice", 0, cloak), p.transfer("Bob", 7, cloak)
	b := block{height: 1, time: at(0), txs: [][]byte{bad, good, {9}}}
	b.name()
	response := p.finalize(b)
	p.commit()
	codes := []uint32{response.TxResults[0].Code, response.TxResults[1].Code, response.TxResults[2].Code}
	if !slices.Equal(codes, []uint32{codeSkipped, 0, codeSkipped}) {
		t.Errorf("codes %v", codes)
	}
	body, err := p.store.Body(p.chain.Head().Hash)
	if err != nil || len(body) != 2 || !bytes.Equal(body[1], good) {
		t.Errorf("body %x %v", body, err)
	}
	nothing := block{height: 2, time: at(10), txs: [][]byte{bad}}
	nothing.name()
	before := p.chain.Head().Hash
	if response := p.finalize(nothing); !bytes.Equal(response.AppHash, before[:]) || response.TxResults[0].Code != codeSkipped {
		t.Errorf("a block in which nothing applies: %+v", response)
	}
	p.commit()
	if p.chain.Head().Number != 1 {
		t.Error("a block in which nothing applies made a Substrate block")
	}
}

func TestProposalDropsWhatFails(t *testing.T) {
	p := newPeer(t)
	// Each is valid alone; the first spends what the others need.
	all := uint64(999_990 * cloak)
	p.submit(p.transfer("Alice", 0, all), p.transfer("Alice", 1, all), p.transfer("Alice", 2, cloak), p.transfer("Bob", 0, cloak))
	b := p.prepare(1, at(0))
	if len(b.txs) != 4 { // calls that fail are applied: they pay the fee
		t.Fatalf("%d transactions", len(b.txs))
	}
	p.decide(b)
	// A transaction that the state no longer takes leaves the pool; those behind it wait.
	behind := p.transfer("Bob", 2, cloak)
	p.submit(p.transfer("Bob", 1, cloak), behind)
	other := block{height: 2, time: at(10), txs: [][]byte{p.transfer("Bob", 1, 2*cloak)}}
	other.name()
	p.decide(other)
	if b := p.prepare(3, at(20)); len(b.txs) != 1 || !bytes.Equal(b.txs[0], behind) {
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
	if err := types.ToTxs(response.Txs).Validate(1000); err != nil || len(response.Txs) == 0 || len(response.Txs) == 20 {
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
