package governance

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// Members are alice, bob and carol; dave is not.
var alice, bob, carol, dave = scale.AccountID{1}, scale.AccountID{2}, scale.AccountID{3}, scale.AccountID{4}

const (
	testDelay = 5_000 // ms
	firstTime = 1_700_000_000_000
	wealth    = 10_000_000_000
)

// world is governance over balances, whose force_transfer Root alone may call.
type world struct {
	t     testing.TB
	c     *frame.Context
	calls *frame.Dispatcher
	time  uint64
}

func emptyContext() *frame.Context {
	backend := native.NewTrieBackend(trie.NewMemoryStore(), trie.EmptyRoot, trie.Options{})
	return frame.NewContext(native.New(backend, nil, nil))
}

func testGenesis(needed uint32) Genesis {
	return Genesis{Members: []frame.Address{frame.Address(carol), frame.Address(alice), frame.Address(bob)}, Threshold: needed, Delay: testDelay}
}

func newWorld(t testing.TB, needed uint32) *world {
	t.Helper()
	w := &world{t: t, c: emptyContext(), calls: frame.NewDispatcher(), time: firstTime}
	w.calls.Register([]frame.Pallet{timestamp.Pallet(), balances.Pallet(), Pallet(w.calls)})
	funded := balances.Genesis{Balances: []balances.Endowment{{Account: frame.Address(dave), Free: scale.U128From(wealth)}}}
	genesis := testGenesis(needed)
	for _, build := range []func(*frame.Context) error{funded.Build, genesis.Build} {
		if err := build(w.c); err != nil {
			t.Fatal(err)
		}
	}
	w.c.SetPhase(frame.InExtrinsic(1))
	w.wait(1)
	return w
}

// wait lets milliseconds pass.
func (w *world) wait(ms uint64) {
	w.t.Helper()
	w.time += ms
	if err := w.calls.DispatchEncoded(w.c, frame.None(), timestamp.EncodeSet(w.time)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) do(origin frame.Origin, call []byte) error {
	w.t.Helper()
	d := scale.NewDecoder(call)
	invocation := w.calls.Decode(d)
	if err := d.Finish(); err != nil {
		w.t.Fatal(err)
	}
	err := w.calls.Dispatch(w.c, origin, invocation)
	if broken := tryState(w.c); broken != nil {
		w.t.Fatal(broken)
	}
	return err
}

func (w *world) must(origin frame.Origin, call []byte) {
	w.t.Helper()
	if err := w.do(origin, call); err != nil {
		w.t.Fatal(err)
	}
}

// propose makes proposals and gives the last one's identifier.
func (w *world) propose(by scale.AccountID, call []byte) uint32 {
	w.t.Helper()
	w.must(frame.Signed(by), wire.CallPropose(call))
	return nextProposal.Get(w.c) - 1
}

func revokeCall(id uint32) []byte { return append([]byte{Index, 2}, scale.U32.Marshal(id)...) }

// takeFromDave is balances.force_transfer of an amount from dave to bob.
func takeFromDave(amount uint64) []byte { return takeFrom(dave, amount) }

func takeFrom(source scale.AccountID, amount uint64) []byte {
	e := scale.NewEncoder([]byte{balances.Index, 2})
	for _, who := range []scale.AccountID{source, bob} {
		address := extrinsic.AddressOf(who)
		extrinsic.AddressCodec.Encode(e, &address)
	}
	e.Compact(amount)
	return e.Encoded()
}

func setMembersCall(needed uint32, who ...scale.AccountID) []byte {
	e := scale.NewEncoder([]byte{Index, 10})
	membershipCodec.Encode(e, &membership{Members: who, Threshold: needed})
	return e.Encoded()
}

func setDelayCall(ms uint64) []byte { return append([]byte{Index, 11}, scale.U64.Marshal(ms)...) }

func (w *world) free(who scale.AccountID) scale.U128 { return balances.Free(w.c, who) }
