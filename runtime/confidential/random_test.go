package confidential

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"pgregory.net/rapid"
)

// model is the chain and the contract in a few numbers, by their own arithmetic.
type model struct {
	free     map[scale.AccountID]uint64
	deposits []uint64 // by checkpoint: what its messages brought
	private  uint64   // the ledger after the last commit
	answered int      // checkpoints with a commit
	halted   bool
}

// waiting is what checkpoints without a commit have brought.
func (m *model) waiting() (sum uint64) {
	for _, amount := range m.deposits[m.answered:] {
		sum += amount
	}
	return sum
}

// TestRandomBlocksAgainstTheModel: two of three workers agree on honest commits;
// faulty ones, replays and greed come between. Every block every invariant is
// checked, and every unit is where the model has it.
func TestRandomBlocksAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, 3, 2)
		m := &model{free: map[scale.AccountID]uint64{alice: 1_000_000, bob: 1_000_000}}
		for range rapid.IntRange(1, 12).Draw(r, "blocks") {
			brought, opened := uint64(0), false
			for range rapid.IntRange(0, 5).Draw(r, "steps") {
				switch rapid.IntRange(0, 5).Draw(r, "step") {
				case 0, 1:
					who := rapid.SampledFrom([]scale.AccountID{alice, bob}).Draw(r, "depositor")
					amount := rapid.Uint64Range(10, 500).Draw(r, "deposit")
					w.deposit(who, ksm, amount)
					m.free[who] -= amount
					brought, opened = brought+amount, true
				case 2:
					w.mustSubmit(command(1))
					opened = true
				case 3:
					m.commit(r, w)
				case 4:
					m.misbehave(r, w)
				case 5:
					m.resolve(w)
				}
			}
			w.end()
			if opened || openBlock.Exists(w.c) { // or the heartbeat was due
				m.deposits = append(m.deposits, brought)
			}
			m.compare(r, w)
			w.begin()
		}
	})
}

// commit sends an honest commit, as one or as two extrinsics, or a greedy one.
func (m *model) commit(r *rapid.T, w *world) {
	if m.answered == len(m.deposits) {
		return
	}
	available := m.private + m.deposits[m.answered]
	amount := rapid.Uint64Range(0, available+available/4).Draw(r, "payout")
	to := rapid.SampledFrom([]scale.AccountID{alice, bob}).Draw(r, "to")
	var outbox []wire.OutboxMessage
	if amount > 0 {
		outbox = []wire.OutboxMessage{payout(to, ksm, amount)}
	}
	k := w.draft(outbox...)
	if m.halted {
		if invalid := w.send(k, w.workers[0]); invalid != refuseHalted.validity {
			r.Fatalf("halted, but %v", invalid)
		}
		return
	}
	if rapid.Bool().Draw(r, "at once") {
		w.mustSend(k, w.workers[0], w.workers[1])
	} else {
		w.mustSend(k, w.workers[1])
		w.mustSend(k, w.workers[2])
	}
	if amount > available {
		m.halted = true // I2: refused as a whole
		return
	}
	m.private = available - amount
	m.free[to] += amount
	m.answered++
}

// misbehave replays, dissents or votes for nonsense.
func (m *model) misbehave(r *rapid.T, w *world) {
	if m.halted || m.answered == 0 {
		return
	}
	past := w.draftFor(uint64(rapid.IntRange(0, m.answered-1).Draw(r, "past")))
	if rapid.Bool().Draw(r, "stranger") {
		if invalid := w.sendVotes(past, votes(scale.Hash{}, w.workers[2])); invalid == nil {
			r.Fatal("a forged vote was taken")
		}
		return
	}
	heard := commitHashes.Exists(w.c, past.Checkpoint)
	invalid := w.send(past, w.workers[2])
	if (invalid == nil) != heard {
		r.Fatalf("dissent: %v", invalid)
	}
	m.halted = heard
}

func (m *model) resolve(w *world) {
	err := w.root(resolveIndex, discard)
	if (err == nil) != m.halted {
		w.t.Fatal(err)
	}
	m.halted = false
}

func (m *model) compare(r *rapid.T, w *world) {
	if w.committed() != uint64(m.answered) || discrepancies.Exists(w.c) != m.halted {
		r.Fatalf("%d commits, the model %d", w.committed(), m.answered)
	}
	for who, free := range m.free {
		if assets.Balance(w.c, ksm, who) != units(free) {
			r.Fatalf("%s has %s, not %d", who, assets.Balance(w.c, ksm, who), free)
		}
	}
	if got := assets.Balance(w.c, ksm, wire.CustodyAccount); got != units(m.private+m.waiting()) {
		r.Fatalf("I2: custody holds %s, not %d", got, m.private+m.waiting())
	}
}

// FuzzCalls decodes arbitrary calls, validates the bare ones and dispatches.
func FuzzCalls(f *testing.F) {
	w := newWorld(f, 1, 1)
	w.mustSubmit(command(1))
	w.next()
	k := w.draft(payout(alice, ksm, 10))
	submitted, err := wire.CallSubmit([][]byte{command(1), {1}})
	if err != nil {
		f.Fatal(err)
	}
	sent, err := wire.CallCommit(&k, votes(k.Digest(), w.workers[0]))
	if err != nil {
		f.Fatal(err)
	}
	announced := key(0, 1)
	called, err := wire.CallAnnounceKey(&announced, votes(announced.Digest(instance(w.c)), w.workers[0]))
	if err != nil {
		f.Fatal(err)
	}
	market := testMarket(9)
	f.Add(submitted)
	f.Add(sent)
	f.Add(called)
	snapshot := wire.Snapshot{Root: scale.Hash{1}}
	published, err := wire.CallAnnounceSnapshot(&snapshot, votes(snapshot.Digest(instance(w.c)), w.workers[0]))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(published)
	f.Add(append([]byte{Index, sweepFeesIndex}, sweepArguments(usdt, bob)...))
	f.Add(wire.CallSetMarket(&market))
	f.Add(append([]byte{Index, resolveIndex}, discard...))
	f.Fuzz(func(t *testing.T, input []byte) {
		d := scale.NewDecoder(input)
		call := w.calls.Decode(d)
		if d.Finish() != nil {
			return
		}
		for _, origin := range []frame.Origin{frame.None(), frame.Signed(alice), frame.Root()} {
			w.c.Host.Begin()
			w.t = t
			if _, invalid := call.ValidateBare(w.c); invalid == nil && w.calls.Dispatch(w.c, frame.None(), call) != nil {
				t.Fatal("valid, but fails")
			}
			_ = w.calls.Dispatch(w.c, origin, call)
			w.end()
			w.c.Host.Rollback()
		}
	})
}
