package privateassets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"pgregory.net/rapid"
)

// model is custody of one asset in plain numbers: where every unit is.
type model struct {
	free    map[scale.AccountID]uint64 // on the chain, outside custody
	pending uint64                     // deposited, not passed
	private uint64                     // in the contract's ledger
	owed    map[scale.AccountID]uint64 // claimable
	frozen  bool
}

func (m *model) custody() uint64 {
	sum := m.pending + m.private
	for _, amount := range m.owed {
		sum += amount
	}
	return sum
}

// pay follows the rules of a payout: it arrives or it is owed.
func (m *model) pay(to scale.AccountID, amount uint64) {
	m.private -= amount
	if m.frozen || m.free[to]+amount < minimum {
		m.owed[to] += amount
		return
	}
	m.free[to] += amount
}

var people = []scale.AccountID{alice, bob, carol}

// TestRandomTradersAgainstTheModel deposits, commits, pays, freezes and claims at
// random; every unit is where the model has it.
func TestRandomTradersAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		m := &model{free: map[scale.AccountID]uint64{alice: wealth, bob: wealth}, owed: map[scale.AccountID]uint64{}}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			who := rapid.SampledFrom(people).Draw(r, "who")
			amount := rapid.Uint64Range(0, 2_000).Draw(r, "amount")
			switch rapid.IntRange(0, 4).Draw(r, "step") {
			case 0, 1:
				if w.deposit(who, usdt, amount) == nil {
					m.free[who] -= amount
					m.pending += amount
				}
			case 2:
				m.commit(r, w)
			case 3:
				index := uint8(freezeAsset)
				if m.frozen {
					index = thawAsset
				}
				w.issuerDoes(index, nil, 0)
				m.frozen = !m.frozen
			case 4:
				if w.claim(who, usdt, nil) == nil {
					m.free[who] += m.owed[who]
					delete(m.owed, who)
				}
			}
			m.compare(r, w)
		}
	})
}

// commit pays out at random; a commit that pays too much is refused as a whole.
func (m *model) commit(r *rapid.T, w *world) {
	var outbox []wire.OutboxMessage
	total := uint64(0)
	for range rapid.IntRange(0, 4).Draw(r, "payouts") {
		amount := rapid.Uint64Range(1, 1_000).Draw(r, "payout")
		outbox = append(outbox, payout(rapid.SampledFrom(people).Draw(r, "to"), usdt, amount))
		total += amount
	}
	err := w.commit(outbox...)
	if (err == nil) != (total <= m.private+m.pending) {
		r.Fatalf("I2: %d paid out of %d: %v", total, m.private+m.pending, err)
	}
	if err != nil {
		return
	}
	m.private, m.pending = m.private+m.pending, 0
	for _, message := range outbox {
		amount, _ := message.Amount.Uint64()
		m.pay(message.To, amount)
	}
}

func (m *model) compare(r *rapid.T, w *world) {
	for _, who := range people {
		if assets.Balance(w.c, usdt, who) != units(m.free[who]) || claimable.Get(w.c, who, usdt) != units(m.owed[who]) {
			r.Fatalf("%s has %s and %s to claim, the model %d and %d", who,
				assets.Balance(w.c, usdt, who), claimable.Get(w.c, who, usdt), m.free[who], m.owed[who])
		}
	}
	k := counters.Get(w.c, usdt)
	if k.Liabilities != units(m.private) || k.Custody != units(m.custody()) ||
		assets.Balance(w.c, usdt, wire.CustodyAccount) != units(m.custody()) {
		r.Fatalf("I2: %+v, the model %d private of %d", k, m.private, m.custody())
	}
}

// FuzzCalls decodes arbitrary calls and dispatches what decodes.
func FuzzCalls(f *testing.F) {
	for _, beneficiary := range []wire.Beneficiary{wire.PlainBeneficiary(bob), wire.SealedBeneficiary(make([]byte, wire.SealedBeneficiarySize))} {
		call, err := wire.CallDeposit(usdt, units(100), beneficiary)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(call)
	}
	f.Add(wire.CallClaim(usdt, scale.Some(bob)))
	f.Add([]byte{Index, 10, 1})
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, origin := range []frame.Origin{frame.Signed(alice), frame.Root(), frame.None()} {
			w := newWorld(t)
			d := scale.NewDecoder(input)
			call := w.calls.Decode(d)
			if d.Finish() != nil {
				return
			}
			w.mustDeposit(alice, usdt, 500)
			w.mustCommit(payout(alice, usdt, 5), payout(carol, usdt, 5))
			_ = w.calls.Dispatch(w.c, origin, call)
			w.check()
		}
	})
}
