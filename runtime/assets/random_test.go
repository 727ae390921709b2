package assets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"pgregory.net/rapid"
)

// TestI1RandomCalls compares random mints, burns and transfers with a map of numbers.
func TestI1RandomCalls(t *testing.T) {
	people := []scale.AccountID{alice, bob, carol, issuer, wire.CustodyAccount}
	rapid.Check(t, func(r *rapid.T) {
		c := newContext(t)
		model := map[scale.AccountID]uint64{alice: 500, wire.CustodyAccount: 300}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			from := rapid.SampledFrom(people).Draw(r, "from")
			to := rapid.SampledFrom(people).Draw(r, "to")
			amount := rapid.Uint64Range(0, 600).Draw(r, "amount")
			move := &movement{ID: usdt, Who: address(to), Amount: units(amount)}
			var err error
			kind := rapid.IntRange(0, 2).Draw(r, "kind")
			switch kind {
			case 0:
				err = c.Transaction(func() error { return mint(c, frame.Signed(issuer), move) })
			case 1:
				err = c.Transaction(func() error { return burn(c, frame.Signed(carol), move) })
			default:
				err = c.Transaction(func() error { return Transfer(c, usdt, from, to, units(amount), balances.AllowDeath) })
			}
			if err == nil {
				apply(model, kind, from, to, amount)
			}
			compare(r, c, model, people)
		}
	})
}

func apply(model map[scale.AccountID]uint64, kind int, from, to scale.AccountID, amount uint64) {
	switch kind {
	case 0:
		model[to] += amount
	case 1:
		model[to] -= amount
	default:
		model[from] -= amount
		model[to] += amount
	}
}

func compare(r *rapid.T, c *frame.Context, model map[scale.AccountID]uint64, people []scale.AccountID) {
	if err := tryState(c); err != nil {
		r.Fatal(err)
	}
	sum := uint64(0)
	for _, who := range people {
		if Balance(c, usdt, who) != units(model[who]) {
			r.Fatalf("balance of %s is %s, not %d", who, Balance(c, usdt, who), model[who])
		}
		sum += model[who]
	}
	if Supply(c, usdt) != units(sum) {
		r.Fatalf("I1: the supply is %s, not %d", Supply(c, usdt), sum)
	}
}

// FuzzCalls decodes arbitrary calls and dispatches what decodes, as anyone and as Root.
func FuzzCalls(f *testing.F) {
	dispatcher := frame.NewDispatcher()
	dispatcher.Register([]frame.Pallet{Pallet()})
	f.Add([]byte{Index, 4, 0xe8, 3, 0, 0, 0, 2, 40})
	f.Add(append([]byte{Index, 20, 4, 0, 0, 0, 2, 0xd0, 7, 0, 0, 8, 0, 128, 12, 'K', 'a', 'r', 12, 'K', 'A', 'R', 12}, make([]byte, 16)...))
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, origin := range []frame.Origin{frame.Signed(alice), frame.Signed(issuer), frame.Root(), frame.None()} {
			d := scale.NewDecoder(input)
			call := dispatcher.Decode(d)
			if d.Finish() != nil {
				return
			}
			c := newContext(t)
			_ = dispatcher.Dispatch(c, origin, call)
			if err := tryState(c); err != nil {
				t.Fatal(err)
			}
		}
	})
}
