package contract

import (
	"bytes"
	"flag"
	"math/big"
	"os"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// TestMain fixes the seed of property tests: a run is repeatable.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "20260721"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// opener joins the contract with wire/seal, as a worker does.
type opener struct{ *seal.Keyring }

func (o opener) Cipher(root [32]byte) Cipher { return o.CommandCipher(root) }

var (
	testInstance = wire.Instance{Genesis: wire.Hash{0xb1}, Contract: 0}
	testStateKey = [32]byte{0x5e}
	testSeed     = seal.Seed{0x5d}
)

// Assets of the tests and the market between them.
const (
	base, quote = 1, 1000
	testMarket  = 7
	hour        = 3600 * 1000
	start       = 1_700_000_000_000 // ms, the first block
)

func exampleMarket() wire.Market {
	return wire.Market{
		ID: testMarket, Base: base, Quote: quote, LotSize: wire.U128{Lo: 100}, TickValue: 3, MinQuantity: 2, MaxQuantity: 1 << 20,
		MaxPrice: 1 << 20, MakerFeePPM: 1_000, TakerFeePPM: 2_500,
	}
}

// world is a chain as the contract sees it, and its traders.
type world struct {
	t       testing.TB
	c       *Contract
	ring    *seal.Keyring
	number  uint32
	time    uint64
	epoch   uint32
	inbox   wire.Inbox
	last    *wire.Commit
	deposit uint64
	pending []wire.InboxMessage
	silent  bool                // no invariants after every block
	entered map[uint32]*big.Int // deposits by asset, less the payouts of commits
}

func testConfig(t testing.TB, epoch uint32, limits Limits) (Config, *seal.Keyring) {
	t.Helper()
	ring, err := seal.NewKeyring(testInstance, epoch, testSeed)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Instance: testInstance, StateKey: testStateKey, Opener: opener{ring}, Limits: limits}, ring
}

func newWorld(t testing.TB, limits Limits) *world {
	t.Helper()
	config, ring := testConfig(t, 3, limits)
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, c: c, ring: ring, time: start, epoch: 3, entered: map[uint32]*big.Int{}}
}

// newMarketWorld is a world with the example market listed.
func newMarketWorld(t testing.TB) *world {
	w := newWorld(t, Limits{})
	w.list(exampleMarket())
	w.block()
	return w
}

func (w *world) add(m wire.InboxMessage) { w.pending = append(w.pending, m) }

func (w *world) list(m wire.Market) { w.add(wire.InboxMessage{Kind: wire.MessageMarket, Market: m}) }

func (w *world) envelope(b []byte) {
	w.add(wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: wire.AccountID{0xee}, Bytes: b}})
}

// relayed puts an envelope into the next block as its sender paid for it.
func (w *world) relayed(sender wire.AccountID, fee uint64, b []byte) {
	w.add(wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: sender, Fee: fee, Bytes: b}})
}

// fund deposits for an account, in the open.
func (w *world) fund(account wire.AccountID, asset uint32, amount uint64) {
	w.depositFor(wire.PlainBeneficiary(account), asset, wire.U128{Lo: amount})
}

var depositor = wire.AccountID{0xdd}

func (w *world) depositFor(beneficiary wire.Beneficiary, asset uint32, amount wire.U128) {
	w.depositFrom(depositor, beneficiary, asset, amount)
}

func (w *world) depositFrom(depositor wire.AccountID, beneficiary wire.Beneficiary, asset uint32, amount wire.U128) {
	w.deposit++
	w.add(wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{
		ID: w.deposit, Depositor: depositor, Asset: asset, Amount: amount, Beneficiary: beneficiary,
	}})
}

// block applies what is pending as one checkpoint, and checks its commit.
func (w *world) block() *wire.Commit {
	w.t.Helper()
	w.number++
	w.time += 500
	opening := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
	messages := append([]wire.InboxMessage{opening}, w.pending...)
	w.pending = nil
	for i := range messages {
		w.inbox = w.inbox.Fold(wire.InboxMessageCodec.Marshal(messages[i]))
		switch d := &messages[i].Deposit; messages[i].Kind {
		case wire.MessageDeposit:
			w.entry(d.Asset).Add(w.entry(d.Asset), bigOf(d.Amount))
		case wire.MessageMarket:
			w.entry(messages[i].Market.Quote) // its fees have a leaf
		}
		if err := w.c.Apply(&messages[i]); err != nil {
			w.t.Fatalf("message %d: %v", i, err)
		}
	}
	commit, err := w.c.EndCheckpoint(wire.Hash{byte(w.number), byte(w.number >> 8)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.checkCommit(commit)
	w.last = commit
	return commit
}

// direct makes a checkpoint of a Block message and of what do does to the contract.
func (w *world) direct(do func()) *wire.Commit {
	w.t.Helper()
	w.number++
	w.time += 500
	block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: w.number, Timestamp: w.time, Epoch: w.epoch}}
	w.inbox = w.inbox.Fold(wire.InboxMessageCodec.Marshal(block))
	if err := w.c.Apply(&block); err != nil {
		w.t.Fatal(err)
	}
	do()
	commit, err := w.c.EndCheckpoint(wire.Hash{byte(w.number), byte(w.number >> 8)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.checkCommit(commit)
	w.last = commit
	return commit
}

func (w *world) checkCommit(commit *wire.Commit) {
	w.t.Helper()
	if commit.Instance != testInstance || commit.Inbox != w.inbox || commit.Number != w.number || commit.Epoch != w.epoch {
		w.t.Fatalf("commit %+v", commit)
	}
	next, previous := uint64(0), wire.Hash{}
	if w.last != nil {
		next, previous = w.last.OutboxStart+uint64(len(w.last.Outbox)), w.last.StateRoot
		if commit.Checkpoint != w.last.Checkpoint+1 {
			w.t.Fatalf("checkpoint %d follows %d", commit.Checkpoint, w.last.Checkpoint)
		}
	}
	if commit.PreviousRoot != previous || commit.OutboxStart != next { // I4: numbered without gaps
		w.t.Fatalf("commit %d follows root %v and outbox %d", commit.Checkpoint, commit.PreviousRoot, commit.OutboxStart)
	}
	if err := commit.CheckPayouts(); err != nil {
		w.t.Fatal(err)
	}
	for _, p := range commit.Payouts {
		w.entry(p.First).Sub(w.entry(p.First), bigOf(p.Second))
	}
	if w.silent {
		return
	}
	w.checkBacking()
	if err := w.c.CheckInvariants(); err != nil {
		w.t.Fatal(err)
	}
}

func bigOf(v wire.U128) *big.Int {
	return new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(v.Hi), 64), new(big.Int).SetUint64(v.Lo))
}

func (w *world) entry(asset uint32) *big.Int {
	if w.entered[asset] == nil {
		w.entered[asset] = new(big.Int)
	}
	return w.entered[asset]
}

// checkBacking is I2 as the chain counts it: what was deposited less what commits
// paid is what the ledger, the relays and the waiting payouts hold.
func (w *world) checkBacking() {
	w.t.Helper()
	holds := map[uint32]*big.Int{}
	add := func(asset uint32, amount wire.U128) {
		if holds[asset] == nil {
			holds[asset] = new(big.Int)
		}
		holds[asset].Add(holds[asset], bigOf(amount))
	}
	for i := range w.c.ledger.leaves {
		v := &w.c.ledger.leaves[i]
		add(w.c.ledger.assets[v.asset].id, v.available)
		add(w.c.ledger.assets[v.asset].id, v.held)
	}
	for _, r := range w.c.relays.list {
		add(wire.NativeAsset, r.owed)
	}
	for _, p := range w.c.outbox.queue[w.c.outbox.head:] {
		for _, v := range p.waiting {
			add(v.asset, v.amount)
		}
	}
	for asset, want := range w.entered {
		if holds[asset] == nil {
			holds[asset] = new(big.Int)
		}
		if holds[asset].Cmp(want) != 0 {
			w.t.Fatalf("I2: asset %d: the contract holds %v, was given %v", asset, holds[asset], want)
		}
	}
	if len(holds) != len(w.entered) {
		w.t.Fatalf("I2: %d assets, %d were deposited", len(holds), len(w.entered))
	}
}

// trader is an account with keys and, once opened, a session.
type trader struct {
	w       *world
	pair    keys.Pair
	id      wire.AccountID
	session *seal.Session
	next    uint64
	opened  int // sessions opened
}

func (w *world) newTrader(seed byte) *trader {
	w.t.Helper()
	pair, err := keys.NewPair(keys.Ed25519, [32]byte{seed, 0x77})
	if err != nil {
		w.t.Fatal(err)
	}
	return &trader{w: w, pair: pair, id: pair.AccountID()}
}

// link opens a session that lasts for a while, with the next block.
func (tr *trader) link(lasts uint64) {
	tr.w.t.Helper()
	tr.opened++
	secret := [32]byte{byte(tr.opened), byte(tr.opened >> 8)}
	copy(secret[4:], tr.id[:8])
	tr.linkWith(secret, tr.w.time+lasts)
}

func (tr *trader) linkWith(secret [32]byte, expiresAt uint64) {
	tr.w.t.Helper()
	tr.session, tr.next = seal.NewSession(testInstance, tr.id, secret, expiresAt, tr.w.epoch), 0
	tr.w.envelope(tr.opening())
}

// opening is the sealed opening of the trader's session.
func (tr *trader) opening() []byte {
	tr.w.t.Helper()
	key, err := tr.w.ring.Public(tr.session.Opened())
	if err != nil {
		tr.w.t.Fatal(err)
	}
	public, err := seal.ParsePublicKey(testInstance, &key)
	if err != nil {
		tr.w.t.Fatal(err)
	}
	envelope, err := tr.session.Open(public, wire.SessionSignature{Scheme: uint8(keys.Ed25519), Bytes: tr.pair.Sign(tr.session.Message())})
	if err != nil {
		tr.w.t.Fatal(err)
	}
	return envelope
}

// seal seals a command under the trader's next sequence.
func (tr *trader) seal(command wire.Command) []byte {
	tr.w.t.Helper()
	envelope := tr.sealAt(tr.w.epoch, tr.next, command)
	tr.next++
	return envelope
}

func (tr *trader) sealAt(epoch uint32, sequence uint64, command wire.Command) []byte {
	tr.w.t.Helper()
	envelope, err := tr.session.Seal(epoch, sequence, &command)
	if err != nil {
		tr.w.t.Fatal(err)
	}
	return envelope
}

// send seals a command into the next block.
func (tr *trader) send(command wire.Command) { tr.w.envelope(tr.seal(command)) }

// through names the relay that may be refunded for a command.
func through(relay wire.AccountID, command wire.Command) wire.Command {
	command.Relay = relay
	return command
}

func limit(order uint64, side uint8, price, quantity uint64) wire.Command {
	return wire.Command{Kind: wire.CommandPlace, Order: order, Market: testMarket, Side: side, Price: price, Quantity: quantity}
}

// newFunded is a trader with a session and both assets.
func (w *world) newFunded(seed byte) *trader {
	tr := w.newTrader(seed)
	tr.link(24 * hour)
	w.fund(tr.id, base, 1_000_000)
	w.fund(tr.id, quote, 10_000_000)
	w.block()
	return tr
}

// view is the trader's proof of its session.
func (tr *trader) view() Viewer {
	tr.w.t.Helper()
	key := tr.session.QueryKey()
	viewer, ok := tr.w.c.Authenticate(tr.id, func(queryKey [32]byte) bool { return queryKey == key })
	if !ok {
		tr.w.t.Fatal("the trader's session is not open")
	}
	return viewer
}

func (tr *trader) ask(query wire.Query) wire.AnswerBody {
	tr.w.t.Helper()
	body := tr.w.c.Answer(tr.view(), &query)
	if body.Kind != query.Kind {
		tr.w.t.Fatalf("question %d is answered with %d: %s", query.Kind, body.Kind, body.Reason)
	}
	if _, err := wire.AnswerBodyCodec.TryMarshal(body); err != nil {
		tr.w.t.Fatal(err)
	}
	return body
}

// balance is what the trader's verified answer says of an asset.
func (tr *trader) balance(asset uint32) (available, held uint64) {
	tr.w.t.Helper()
	for _, proof := range tr.ask(wire.Query{Kind: wire.QueryBalances}).Balances {
		if !proof.Verify(tr.w.last.StateRoot) || proof.Leaf.Account != tr.id {
			tr.w.t.Fatalf("leaf %d does not belong to the root", proof.Index)
		}
		if proof.Leaf.Asset == asset {
			return proof.Leaf.Available.Lo, proof.Leaf.Held.Lo
		}
	}
	return 0, 0
}

func (tr *trader) wantBalance(asset uint32, available, held uint64) {
	tr.w.t.Helper()
	if a, h := tr.balance(asset); a != available || h != held {
		tr.w.t.Fatalf("asset %d: available %d, held %d; want %d and %d", asset, a, h, available, held)
	}
}

// events are the trader's history entries after one.
func (tr *trader) events(after uint64) []wire.HistoryEvent {
	var events []wire.HistoryEvent
	for _, e := range tr.ask(wire.Query{Kind: wire.QueryHistory, After: after}).Entries {
		events = append(events, e.Event)
	}
	return events
}

// lastEvent is the newest of them.
func (tr *trader) lastEvent() wire.HistoryEvent {
	tr.w.t.Helper()
	events := tr.events(0)
	if len(events) == 0 {
		tr.w.t.Fatal("no history")
	}
	return events[len(events)-1]
}

func (tr *trader) wantRejected(kind uint8, reason wire.Reason) {
	tr.w.t.Helper()
	if e := tr.lastEvent(); e.Kind != wire.EventRejected || e.Command != kind || e.Reason != reason {
		tr.w.t.Fatalf("last event %+v (%v), want command %d rejected: %v", e, e.Reason, kind, reason)
	}
}

// feeBalance is what the fee account has of an asset.
func (w *world) feeBalance(asset uint32) uint64 {
	index, found := w.c.ledger.find(feeAccount, asset)
	if !found {
		return 0
	}
	return w.c.ledger.leaves[index].available.Lo
}

// snapshot and restore give a copy of the world's contract.
func (w *world) snapshot() []byte {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.c.Snapshot(&b); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) restore(snapshot []byte) *Contract { return w.restoreFor(w.t, snapshot) }

func (w *world) restoreFor(t testing.TB, snapshot []byte) *Contract {
	t.Helper()
	epoch, seed := w.ring.Seed()
	ring, err := seal.NewKeyring(testInstance, epoch, seed)
	if err != nil {
		t.Fatal(err)
	}
	config := Config{Instance: testInstance, StateKey: testStateKey, Opener: opener{ring}, Limits: w.c.config.Limits}
	c, err := Restore(config, bytes.NewReader(snapshot))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
