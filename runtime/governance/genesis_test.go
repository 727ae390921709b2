package governance

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestGenesisIsStrict(t *testing.T) {
	many := make([]frame.Address, maxMembers+1)
	for i := range many {
		many[i] = frame.Address{byte(i)}
	}
	cases := []struct {
		name   string
		change func(*Genesis)
		want   error
	}{
		{"sound", func(*Genesis) {}, nil},
		{"none", func(g *Genesis) { *g = Genesis{} }, nil},
		{"threshold without members", func(g *Genesis) { g.Members = nil }, ErrGenesisMembers},
		{"members without threshold", func(g *Genesis) { g.Threshold = 0 }, ErrGenesisMembers},
		{"twice", func(g *Genesis) { g.Members[0] = g.Members[1] }, ErrGenesisMembers},
		{"too many", func(g *Genesis) { g.Members = many }, ErrGenesisMembers},
		{"delay", func(g *Genesis) { g.Delay = maxDelay + 1 }, ErrGenesisDelay},
	}
	for _, test := range cases {
		genesis, c := testGenesis(2), emptyContext()
		test.change(&genesis)
		if err := genesis.Build(c); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
		if err := tryState(c); test.want == nil && err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestTryStateSeesWhatIsBroken(t *testing.T) {
	edit := func(change func(*proposal)) func(*frame.Context) {
		return func(c *frame.Context) {
			p := proposals.Get(c, 0)
			change(&p)
			proposals.Set(c, 0, p)
		}
	}
	cases := []struct {
		name   string
		damage func(*frame.Context)
		want   error
	}{
		{"members out of order", func(c *frame.Context) { members.Set(c, []scale.AccountID{bob, alice}) }, ErrMembership},
		{"threshold above", func(c *frame.Context) { threshold.Set(c, 4) }, ErrMembership},
		{"no threshold", func(c *frame.Context) { threshold.Set(c, 0) }, ErrMembership},
		{"no approval", edit(func(p *proposal) { p.Approvals = nil }), ErrProposals},
		{"an approval twice", edit(func(p *proposal) { p.Approvals = []scale.AccountID{alice, alice} }), ErrProposals},
		{"a time without approvals", edit(func(p *proposal) { p.ExecutableAt = scale.Some[uint64](1) }), ErrProposals},
		{"approvals without a time", edit(func(p *proposal) { p.Approvals = []scale.AccountID{alice, bob} }), ErrProposals},
		{"an identifier to come", func(c *frame.Context) { nextProposal.Set(c, 0) }, ErrProposals},
		{"too many", func(c *frame.Context) {
			nextProposal.Set(c, 1_000)
			for id := range maxProposals {
				proposals.Set(c, id+1, proposal{Approvals: []scale.AccountID{alice}})
			}
		}, ErrProposals},
	}
	for _, test := range cases {
		w := newWorld(t, 2)
		w.propose(alice, setDelayCall(0))
		test.damage(w.c)
		if err := tryState(w.c); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
	}
}

// FuzzCalls decodes arbitrary calls, proposals of calls among them, and dispatches.
func FuzzCalls(f *testing.F) {
	f.Add(wire.CallPropose(takeFromDave(1)))
	f.Add(wire.CallPropose(wire.CallPropose(setDelayCall(1))))
	f.Add(wire.CallExecute(0))
	f.Add(setMembersCall(1, alice, dave))
	w := newWorld(f, 1)
	w.propose(alice, takeFromDave(wealth/2))
	w.wait(testDelay)
	f.Fuzz(func(t *testing.T, input []byte) {
		d := scale.NewDecoder(input)
		call := w.calls.Decode(d)
		if d.Finish() != nil {
			return
		}
		for _, origin := range []frame.Origin{frame.Signed(alice), frame.Signed(dave), frame.Root()} {
			w.c.Host.Begin()
			_ = w.calls.Dispatch(w.c, origin, call)
			if err := tryState(w.c); err != nil {
				t.Fatal(err)
			}
			w.c.Host.Rollback()
		}
	})
}
