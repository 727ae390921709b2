package privateassets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// Accounts and assets of the tests.
var alice, bob, carol, issuer = scale.AccountID{1}, scale.AccountID{2}, scale.AccountID{3}, scale.AccountID{4}

const (
	cloak uint32 = 0
	ksm   uint32 = 1
	usdt  uint32 = 1000

	minimum = 10
	wealth  = 1_000_000
)

func units(v uint64) scale.U128 { return scale.U128From(v) }

// testInbox counts messages as pallet confidential does, and can be full.
type testInbox struct {
	messages []wire.InboxMessage
	full     bool
}

func (i *testInbox) HasRoom(*frame.Context) bool { return !i.full }

func (i *testInbox) Push(_ *frame.Context, message *wire.InboxMessage) uint64 {
	i.messages = append(i.messages, *message)
	return uint64(len(i.messages))
}

// world is custody with three assets and funded traders.
type world struct {
	t     testing.TB
	c     *frame.Context
	inbox *testInbox
	calls *frame.Dispatcher
	hooks []frame.Pallet
	seq   uint64 // next outbox message
}

func emptyContext() *frame.Context {
	backend := native.NewTrieBackend(trie.NewMemoryStore(), trie.EmptyRoot, trie.Options{})
	return frame.NewContext(native.New(backend, nil, nil))
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, c: emptyContext(), inbox: &testInbox{}, calls: frame.NewDispatcher()}
	w.hooks = []frame.Pallet{balances.Pallet(), assets.Pallet(), Pallet(w.inbox)}
	w.calls.Register(w.hooks)
	holdings := []assets.Endowment{
		{Account: frame.Address(alice), Balance: units(wealth)}, {Account: frame.Address(bob), Balance: units(wealth)}}
	funded := balances.Genesis{Balances: []balances.Endowment{
		{Account: frame.Address(alice), Free: units(10_000_000_000)},
		{Account: frame.Address(bob), Free: units(10_000_000_000)},
		{Account: frame.Address(wire.CustodyAccount), Free: balances.ExistentialDeposit}}}
	registered := assets.Genesis{Assets: []assets.Registration{
		{ID: cloak, Kind: "native", Name: "Bitcloak", Symbol: "CLOAK", Decimals: 12},
		{ID: ksm, Kind: "relay", Name: "Kusama", Symbol: "KSM", Decimals: 12, MinBalance: units(minimum), Holdings: holdings},
		{ID: usdt, Kind: "userIssued", Name: "USDT", Symbol: "USDT", Decimals: 6, Owner: frame.Address(issuer), MinBalance: units(minimum), Holdings: holdings},
	}}
	genesis := Genesis{}
	for _, build := range []func(*frame.Context) error{funded.Build, registered.Build, genesis.Build} {
		if err := build(w.c); err != nil {
			t.Fatal(err)
		}
	}
	w.c.SetPhase(frame.InExtrinsic(1))
	return w
}

// do dispatches an encoded call, and checks every invariant after it.
func (w *world) do(origin frame.Origin, call []byte) error {
	w.t.Helper()
	d := scale.NewDecoder(call)
	invocation := w.calls.Decode(d)
	if err := d.Finish(); err != nil {
		w.t.Fatal(err)
	}
	err := w.calls.Dispatch(w.c, origin, invocation)
	w.check()
	return err
}

func (w *world) check() {
	w.t.Helper()
	for i := range w.hooks {
		if err := w.hooks[i].TryState(w.c); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) deposit(who scale.AccountID, asset uint32, amount uint64) error {
	w.t.Helper()
	call, err := wire.CallDeposit(asset, units(amount), wire.PlainBeneficiary(who))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.do(frame.Signed(who), call)
}

func (w *world) mustDeposit(who scale.AccountID, asset uint32, amount uint64) {
	w.t.Helper()
	if err := w.deposit(who, asset, amount); err != nil {
		w.t.Fatal(err)
	}
}

// commit settles all messages so far with these payouts.
func (w *world) commit(payouts ...wire.OutboxMessage) error {
	w.t.Helper()
	err := Settle(w.c, uint64(len(w.inbox.messages)), w.seq, payouts)
	if err == nil {
		w.seq += uint64(len(payouts))
	}
	w.check()
	return err
}

func (w *world) mustCommit(payouts ...wire.OutboxMessage) {
	w.t.Helper()
	if err := w.commit(payouts...); err != nil {
		w.t.Fatal(err)
	}
}

func payout(to scale.AccountID, asset uint32, amount uint64) wire.OutboxMessage {
	return wire.OutboxMessage{To: to, Asset: asset, Amount: units(amount)}
}

func (w *world) expect(asset uint32, want wire.Counters) {
	w.t.Helper()
	if got := counters.Get(w.c, asset); got != want {
		w.t.Fatalf("counters are %+v, not %+v", got, want)
	}
}

func (w *world) expectBalance(asset uint32, who scale.AccountID, want uint64) {
	w.t.Helper()
	if got := assets.Balance(w.c, asset, who); got != units(want) {
		w.t.Fatalf("the balance is %s, not %d", got, want)
	}
}

// call encodes a call of pallet assets with an account and perhaps an amount.
func assetCall(index uint8, asset uint32, who *scale.AccountID, amount uint64) []byte {
	e := scale.NewEncoder([]byte{assets.Index, index})
	e.U32(asset)
	if who != nil {
		address := extrinsic.AddressOf(*who)
		extrinsic.AddressCodec.Encode(e, &address)
	}
	if amount > 0 {
		e.Compact(amount)
	}
	return e.Encoded()
}

// Calls of pallet assets by the issuer, who has all roles.
func (w *world) issuerDoes(index uint8, who *scale.AccountID, amount uint64) {
	w.t.Helper()
	if err := w.do(frame.Signed(issuer), assetCall(index, usdt, who, amount)); err != nil {
		w.t.Fatal(err)
	}
}

const (
	freezeAsset = 8
	thawAsset   = 9
)
