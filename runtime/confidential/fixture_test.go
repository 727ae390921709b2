package confidential

import (
	"bytes"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/runtime/privateassets"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// Accounts and assets of the tests.
var alice, bob, operator = scale.AccountID{1}, scale.AccountID{2}, scale.AccountID{3}

const (
	ksm  uint32 = 1
	usdt uint32 = 2

	firstTime     = 1_700_000_000_000 // ms
	blockTime     = 100               // ms
	testHeartbeat = 1_000             // ms
	testEpoch     = 60_000            // ms
)

func units(v uint64) scale.U128 { return scale.U128From(v) }

// world is the pallets that the contract needs, block after block, with workers
// whose keys the test holds.
type world struct {
	t       testing.TB
	c       *frame.Context
	calls   *frame.Dispatcher
	pallets []frame.Pallet
	number  uint32
	time    uint64
	vendor  keys.Pair
	workers []keys.Pair
}

func newPair(t testing.TB, seed string) keys.Pair {
	t.Helper()
	pair, err := keys.NewPair(keys.Ed25519, hashing.Blake2_256([]byte(seed)))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func testMeasurement() scale.Hash { return hashing.Blake2_256([]byte("measurement")) }

func testPlatform(i int) scale.Hash { return hashing.Blake2_256([]byte("platform"), []byte{byte(i)}) }

func testMarket(id uint32) wire.Market {
	return wire.Market{ID: id, Base: ksm, Quote: usdt, LotSize: units(1_000), TickValue: 10, MinQuantity: 1,
		MaxQuantity: 1_000_000, MaxPrice: 1_000_000, TakerFeePPM: 500}
}

func testGenesis(t testing.TB, needed uint32) Genesis {
	vendor := newPair(t, "vendor").Public()
	genesis := Genesis{Threshold: needed, Heartbeat: testHeartbeat, EpochDuration: testEpoch, SimulatedVendor: vendor[:],
		Measurements: []scale.Hash{testMeasurement()}, Markets: []Market{Market(testMarket(3)), Market(testMarket(7))}}
	for i := range 40 {
		genesis.Platforms = append(genesis.Platforms, testPlatform(i))
	}
	return genesis
}

func emptyContext() *frame.Context {
	backend := native.NewTrieBackend(trie.NewMemoryStore(), trie.EmptyRoot, trie.Options{})
	return frame.NewContext(native.New(backend, native.NewSignatures(1<<12), nil))
}

func testAssets() assets.Genesis {
	holdings := []assets.Endowment{{Account: frame.Address(alice), Balance: units(1_000_000)}, {Account: frame.Address(bob), Balance: units(1_000_000)}}
	return assets.Genesis{Assets: []assets.Registration{
		{ID: ksm, Kind: "relay", Name: "Kusama", Symbol: "KSM", Decimals: 12, MinBalance: units(10), Holdings: holdings},
		{ID: usdt, Kind: "relay", Name: "Dollar", Symbol: "USD", Decimals: 6, MinBalance: units(10), Holdings: holdings}}}
}

// newWorld is in block 1, with count workers of which needed must agree.
func newWorld(t testing.TB, count int, needed uint32) *world {
	t.Helper()
	w := &world{t: t, c: emptyContext(), calls: frame.NewDispatcher(), time: firstTime, vendor: newPair(t, "vendor")}
	w.pallets = []frame.Pallet{timestamp.Pallet(), balances.Pallet(), assets.Pallet(), privateassets.Pallet(Inbox{}), Pallet()}
	w.calls.Register(w.pallets)
	registry, custody, genesis := testAssets(), privateassets.Genesis{}, testGenesis(t, needed)
	for _, build := range []func(*frame.Context) error{registry.Build, custody.Build, genesis.Build} {
		if err := build(w.c); err != nil {
			t.Fatal(err)
		}
	}
	w.begin()
	for i := range count {
		w.workers = append(w.workers, newPair(t, string(rune('a'+i))))
	}
	slices.SortFunc(w.workers, byKey) // as votes come
	for i := range count {
		if err := w.register(w.workers[i], i); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func byKey(a, b keys.Pair) int {
	x, y := a.Public(), b.Public()
	return bytes.Compare(x[:], y[:])
}

func blockHash(number uint32) scale.Hash {
	return hashing.Blake2_256([]byte("block"), scale.U32.Marshal(number))
}

// begin starts a block as the runtime does.
func (w *world) begin() {
	w.t.Helper()
	w.number++
	w.time += blockTime
	system.Initialize(w.c, &header.Header{Number: w.number, ParentHash: blockHash(w.number - 1)})
	onInitialize(w.c)
	w.c.SetPhase(frame.InExtrinsic(0))
	if err := w.dispatch(frame.None(), timestamp.EncodeSet(w.time)); err != nil {
		w.t.Fatal(err)
	}
	w.c.SetPhase(frame.InExtrinsic(1))
}

// initializeOnly is what the runtime does before it validates for the pool.
func (w *world) initializeOnly() {
	system.Initialize(w.c, &header.Header{Number: w.number + 1, ParentHash: blockHash(w.number)})
}

// end ends the block and checks every invariant.
func (w *world) end() {
	w.t.Helper()
	w.c.SetPhase(frame.InFinalization())
	onFinalize(w.c)
	w.check()
}

func (w *world) next() {
	w.t.Helper()
	w.end()
	w.begin()
}

func (w *world) check() {
	w.t.Helper()
	for i := range w.pallets {
		if check := w.pallets[i].TryState; check != nil {
			if err := check(w.c); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *world) decode(call []byte) frame.Invocation {
	w.t.Helper()
	d := scale.NewDecoder(call)
	invocation := w.calls.Decode(d)
	if err := d.Finish(); err != nil {
		w.t.Fatal(err)
	}
	return invocation
}

func (w *world) dispatch(origin frame.Origin, call []byte) error {
	w.t.Helper()
	return w.calls.Dispatch(w.c, origin, w.decode(call))
}

// root dispatches a call of origin Root.
func (w *world) root(index uint8, args ...[]byte) error {
	w.t.Helper()
	call := []byte{Index, index}
	for _, arg := range args {
		call = append(call, arg...)
	}
	return w.dispatch(frame.Root(), call)
}

func (w *world) mustRoot(index uint8, args ...[]byte) {
	w.t.Helper()
	if err := w.root(index, args...); err != nil {
		w.t.Fatal(err)
	}
}

// bare applies a bare extrinsic: what is found valid must also dispatch.
func (w *world) bare(call []byte) *frame.TransactionValidityError {
	w.t.Helper()
	invocation := w.decode(call)
	valid, invalid := invocation.ValidateBare(w.c)
	if invalid != nil {
		return invalid
	}
	if len(valid.Requires) > 0 {
		return frame.InvalidFuture // as the runtime says of a block's
	}
	if err := w.calls.Dispatch(w.c, frame.None(), invocation); err != nil {
		w.t.Fatal("valid, but: ", err)
	}
	return nil
}

func (w *world) quote(worker [32]byte, measurement, platform scale.Hash) wire.Evidence {
	quote := wire.Quote{Measurement: measurement, Platform: platform, ReportData: wire.ReportData(instance(w.c), worker)}
	quote.Signature = w.vendor.Sign(quote.SigningBytes())
	return wire.Evidence{Kind: wire.EvidenceSimulated, Bytes: wire.QuoteCodec.Marshal(quote)}
}

func (w *world) register(worker keys.Pair, platform int) error {
	return w.registerWith(worker, w.quote(worker.Public(), testMeasurement(), testPlatform(platform)))
}

func (w *world) registerWith(worker keys.Pair, evidence wire.Evidence) error {
	w.t.Helper()
	call, err := wire.CallRegisterWorker(worker.Public(), evidence)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.dispatch(frame.Signed(operator), call)
}

func (w *world) deposit(who scale.AccountID, asset uint32, amount uint64) {
	w.t.Helper()
	call, err := wire.CallDeposit(asset, units(amount), wire.PlainBeneficiary(who))
	if err == nil {
		err = w.dispatch(frame.Signed(who), call)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// command is an envelope of class 1 with a byte to tell it by.
func command(mark byte) []byte {
	envelope := make([]byte, wire.CommandEnvelopeSize)
	envelope[0], envelope[1] = wire.ClassCommand, mark
	return envelope
}

func (w *world) submit(envelopes ...[]byte) error {
	w.t.Helper()
	call, err := wire.CallSubmit(envelopes)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.dispatch(frame.Signed(alice), call)
}

func (w *world) mustSubmit(envelopes ...[]byte) {
	w.t.Helper()
	if err := w.submit(envelopes...); err != nil {
		w.t.Fatal(err)
	}
}

// draft is the commit of the checkpoint that is due, with these payouts.
func (w *world) draft(outbox ...wire.OutboxMessage) wire.Commit {
	w.t.Helper()
	index, last := due(w.c)
	checkpoint, exists := findCheckpoint(w.c, index)
	if !exists {
		w.t.Fatalf("no checkpoint %d", index)
	}
	totals, _ := wire.SumPayouts(outbox)
	epoch := epochs.Get(w.c).Index
	for !inEpoch(w.c, index, epoch) {
		epoch--
	}
	return wire.Commit{
		Instance: instance(w.c), Epoch: epoch, Checkpoint: index, Number: checkpoint.Number, BlockHash: checkpoint.BlockHash,
		PreviousRoot: last.StateRoot, Inbox: checkpoint.Inbox, StateRoot: hashing.Blake2_256([]byte("state"), scale.U64.Marshal(index)),
		OutboxStart: last.Outbox, Outbox: outbox, Payouts: totals,
	}
}

func vote(worker keys.Pair, digest scale.Hash) wire.Vote {
	return wire.Vote{Worker: worker.Public(), Signature: worker.Sign(digest[:])}
}

func votes(digest scale.Hash, by ...keys.Pair) []wire.Vote {
	by = slices.SortedFunc(slices.Values(by), byKey)
	list := make([]wire.Vote, len(by))
	for i := range by {
		list[i] = vote(by[i], digest)
	}
	return list
}

// send applies a commit with the votes of these workers.
func (w *world) send(commit wire.Commit, by ...keys.Pair) *frame.TransactionValidityError {
	w.t.Helper()
	return w.sendVotes(commit, votes(commit.Digest(), by...))
}

func (w *world) sendVotes(commit wire.Commit, votes []wire.Vote) *frame.TransactionValidityError {
	w.t.Helper()
	call, err := wire.CallCommit(&commit, votes)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.bare(call)
}

func (w *world) mustSend(commit wire.Commit, by ...keys.Pair) {
	w.t.Helper()
	if invalid := w.send(commit, by...); invalid != nil {
		w.t.Fatal(invalid)
	}
}

func payout(to scale.AccountID, asset uint32, amount uint64) wire.OutboxMessage {
	return wire.OutboxMessage{To: to, Asset: asset, Amount: units(amount)}
}

// wantEvent finds an event of this pallet among those of the block.
func wantEvent[E any](w *world, index uint8, codec scale.Codec[E], event E) {
	w.t.Helper()
	key := hashing.StoragePrefix("System", "Events")
	raw, _ := w.c.Host.Get(key[:])
	if !bytes.Contains(raw, append([]byte{Index, index}, codec.Marshal(event)...)) {
		w.t.Fatalf("there is no event %d %+v", index, event)
	}
}

// committed is how many checkpoints have their commit.
func (w *world) committed() uint64 {
	index, _ := due(w.c)
	return index
}

func (w *world) expectHalt(want Reason, by ...keys.Pair) {
	w.t.Helper()
	found, exists := discrepancies.Find(w.c)
	if !exists || found.Reason != want || len(found.Votes) != len(by) {
		w.t.Fatalf("halted: %v, %+v", exists, found)
	}
	for i := range by {
		if found.Votes[i].Worker != by[i].Public() {
			w.t.Fatalf("vote %d is of another worker", i)
		}
	}
}
