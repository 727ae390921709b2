package sim

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/bitcloak/bitcloak/sim/auditor"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// trader is an owner of an account, with what a wallet remembers.
type trader struct {
	party
	pocket   *party // an account of its own that the chain does not know at first
	session  *seal.Session
	expires  time.Time
	sequence uint64
	openings int
	orders   uint64             // its last order's number
	limits   map[uint64]bracket // by order

	balances map[uint32]uint64 // available in the pool when last asked
	open     []wire.OpenOrder  // when last asked
	entries  uint64            // of its history that it has seen
	fills    uint64
	lastRead uint64    // the checkpoint that it has read last
	funded   bool      // it has had a balance in the pool
	next     time.Time // when it asks again for what did not happen
}

// bracket is what an order's fills must lie in: the limits that its owner ever gave it.
type bracket struct {
	market    uint32
	side      uint8
	low, high uint64
}

func newTrader(w *World, index int) *trader {
	t := &trader{party: party{world: w, name: name("trader", index), pair: mustPair(keys.Sr25519, secretOf(w.seed, "trader %d", index))},
		limits: map[uint64]bracket{}, balances: map[uint32]uint64{}}
	t.pocket = &party{world: w, name: name("pocket", index), pair: mustPair(keys.Ed25519, secretOf(w.seed, "pocket %d", index))}
	return t
}

// maxOpenings is below the contract's bound on session ids of an account, so that the world's end can still open one.
const maxOpenings = 10

// opening makes a new session and its envelope; nil if there is no key to seal to.
func (t *trader) opening(lasts time.Duration) []byte {
	w := t.world
	key := w.sealingKey()
	if key == nil {
		return nil
	}
	w.reseed()
	t.openings++
	t.expires = w.now().Add(lasts)
	t.session = seal.NewSession(w.instance, t.account(), seal.NewSecret(), uint64(t.expires.UnixMilli()), key.Epoch())
	t.sequence = 0
	signature := wire.SessionSignature{Scheme: wire.SchemeSr25519, Bytes: t.pair.Sign(t.session.Message())}
	envelope, err := t.session.Open(key, signature)
	w.must(err)
	return envelope
}

// command seals a command with the next sequence, for the epoch that the chain is in. It names the relay that shall be
// refunded, nil for none.
func (t *trader) command(by *relay, c wire.Command) []byte {
	w := t.world
	if by != nil {
		c.Relay = by.account()
	}
	envelope, err := t.session.Seal(max(w.epoch(), t.session.Opened()), t.sequence, &c)
	w.must(err)
	t.sequence++
	if c.Kind == wire.CommandWithdraw {
		w.auditor.Asked(t.account(), c.To, c.Asset, units(c.Amount.Lo))
	}
	return envelope
}

// errNoAnswer is a question that came to nothing: the worker is down, behind, or has no such session.
type errNoAnswer struct{ why string }

func (e errNoAnswer) Error() string { return e.why }

// noSession is why a worker refuses somebody without an open session.
const noSession = "refused"

// ask asks a worker and checks what can be checked without the chain.
func (t *trader) ask(s *site, q wire.Query) (answer wire.Answer, err error) {
	w := t.world
	key := w.sealingKey()
	if key == nil || t.session == nil || s.worker == nil {
		return answer, errNoAnswer{"nobody to ask"}
	}
	request, opener, err := key.Query(t.account(), t.session.QueryKey(), &q)
	w.must(err)
	sealed, err := s.worker.Query(context.Background(), request)
	if err != nil {
		return answer, errNoAnswer{err.Error()}
	}
	answer, err = opener.OpenAnswer(sealed)
	w.must(err)
	digest := answer.Digest()
	if answer.Worker != s.worker.Public() || !ed25519.Verify(answer.Worker[:], digest[:], answer.Signature[:]) {
		w.failf("I8: worker %d's answer is not signed by it", s.index)
	}
	if answer.Body.Kind == wire.AnswerRefused {
		return answer, errNoAnswer{noSession}
	}
	return answer, nil
}

// read learns all that is new of the account from one worker, and has the auditor count it. It reports whether it could.
func (t *trader) read(s *site) bool {
	w := t.world
	first, err := t.ask(s, wire.Query{Kind: wire.QueryBalances, Limit: 200})
	if err != nil || first.Checkpoint < t.lastRead { // a worker that lies behind has nothing new to say
		return false
	}
	if !t.funded { // the contract forgets an account without a balance once its session is over, and then counts anew
		t.entries = 0
	}
	statement := auditor.Statement{Account: t.account(), Checkpoint: first.Checkpoint, Root: first.StateRoot, Anew: !t.funded}
	var fills []wire.Fill
	for more := true; more; {
		page := t.mustAsk(s, wire.Query{Kind: wire.QueryFills, After: t.fills + uint64(len(fills)), Limit: 1000})
		fills, more = append(fills, page.Body.Fills...), page.Body.More
	}
	var entries []wire.HistoryEntry
	for more := true; more; {
		page := t.mustAsk(s, wire.Query{Kind: wire.QueryHistory, After: t.entries + uint64(len(entries)), Limit: 1000})
		entries, more = append(entries, page.Body.Entries...), page.Body.More
	}
	orders := t.mustAsk(s, wire.Query{Kind: wire.QueryOrders, Limit: 1000})
	if orders.Checkpoint != first.Checkpoint || first.Body.More || orders.Body.More {
		w.failf("worker %d goes on while it answers", s.index)
	}
	for i := range entries {
		statement.Entries = append(statement.Entries, wire.HistoryEntryCodec.Marshal(entries[i]))
	}
	for i := range fills {
		statement.Fills = append(statement.Fills, wire.FillCodec.Marshal(fills[i]))
		t.withinLimit(&fills[i])
	}
	for i := range first.Body.Balances {
		leaf := &first.Body.Balances[i]
		statement.Leaves = append(statement.Leaves, wire.LeafProofCodec.Marshal(*leaf))
		t.balances[leaf.Leaf.Asset] = leaf.Leaf.Available.Lo
	}
	w.tell(&statement)
	w.must(w.auditor.State(statement))
	t.entries, t.fills, t.open = t.entries+uint64(len(entries)), t.fills+uint64(len(fills)), orders.Body.Orders
	t.lastRead, t.funded = first.Checkpoint, t.funded || len(statement.Leaves) > 0
	t.resume(first.Body.NextSequence)
	return true
}

func (t *trader) mustAsk(s *site, q wire.Query) wire.Answer {
	answer, err := t.ask(s, q)
	t.world.must(err)
	return answer
}

// sequenceReach is how far ahead of the contract a wallet seals; the contract knows tags 64 ahead.
const sequenceReach = 60

// resume compares the wallet's sequence with the contract's. One that is too far ahead, for so much got lost, needs a new
// session: a sequence is never used twice.
func (t *trader) resume(next uint64) {
	if t.sequence > next+sequenceReach {
		t.session = nil
	}
}

// withinLimit is I6, as far as an owner can see it.
func (t *trader) withinLimit(f *wire.Fill) {
	b, known := t.limits[f.Order]
	if !known || b.market != f.Market || b.side != f.Side || f.Side == wire.Buy && f.Price > b.high || f.Side == wire.Sell && f.Price < b.low {
		t.world.failf("I6: %s's order %d (%+v) is filled in market %d, side %d, at %d", t.name, f.Order, b, f.Market, f.Side, f.Price)
	}
}

// limit notes a limit that the owner gives an order.
func (t *trader) limit(order uint64, market uint32, side uint8, price uint64) {
	b, known := t.limits[order]
	if !known {
		b = bracket{market, side, price, price}
	}
	b.low, b.high = min(b.low, price), max(b.high, price)
	t.limits[order] = b
}

// public is what the trader has on the chain, at the head.
func (t *party) public(asset uint32) uint64 {
	w := t.world
	if asset == cloak {
		value := w.at().get(wire.StorageAccount(t.account()))
		if value == nil {
			return 0
		}
		d := scale.NewDecoder(value[16:])
		return d.U128().Lo
	}
	value := w.at().get(wire.StorageAssetAccount(asset, t.account()))
	if value == nil {
		return 0
	}
	return scale.NewDecoder(value).U128().Lo
}
