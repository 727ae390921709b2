package auditor

import (
	"encoding/binary"
	"math/big"
	"strings"
	"testing"
)

// ann, bob and their asset.
var (
	ann = Account{1}
	bob = Account{2}
)

const gold uint32 = 7

func big64(v int64) *big.Int { return big.NewInt(v) }

// encoder writes the little SCALE that the tests need.
type encoder []byte

func (e encoder) u32(v uint32) encoder    { return binary.LittleEndian.AppendUint32(e, v) }
func (e encoder) u64(v uint64) encoder    { return binary.LittleEndian.AppendUint64(e, v) }
func (e encoder) u128(v uint64) encoder   { return append(e.u64(v), make([]byte, 8)...) }
func (e encoder) raw(b ...byte) encoder   { return append(e, b...) }
func (e encoder) who(a Account) encoder   { return append(e, a[:]...) }
func (e encoder) compact(n int) encoder   { return append(e, byte(n<<2)) }
func (e encoder) hash(h [32]byte) encoder { return append(e, h[:]...) }

// chain is a tiny network at the end of a block, as the auditor decodes it.
type chain struct {
	state   *state
	events  []event
	commits []commit
}

// begin is an auditor of a network in which ann has 1,000 and custody nothing.
func begin() *Auditor {
	a := &Auditor{trie: trie{seen: map[[32]byte][]byte{}}, books: map[uint32]*book{}, claimable: map[holding]*big.Int{},
		statements: newStatements(), swept: map[uint32]*big.Int{}, votes: map[uint64][32]byte{}}
	a.balances = map[holding]*big.Int{{gold, ann}: big64(1000)}
	a.issuance = map[uint32]*big.Int{gold: big64(1000), native: new(big.Int)}
	return a
}

// deposited is block 1: ann deposits 100.
func deposited(a *Auditor) *chain {
	a.number = 1
	block := encoder{}.raw(messageBlock).u32(1).hash([32]byte{}).u64(1).u32(0)
	deposit := encoder{}.raw(messageDeposit).u64(0).who(ann).u32(gold).u128(100).raw(0).who(ann)
	folded := inbox{}
	for i, message := range []encoder{block, deposit} {
		leaf := blake(message)
		folded = inbox{uint64(i + 1), blake([]byte("bitcloak/inbox/v1"), folded.hash[:], leaf[:])}
	}
	return &chain{
		state: &state{
			balances:  map[holding]*big.Int{{gold, ann}: big64(900), {gold, custody}: big64(100)},
			issuance:  map[uint32]*big.Int{gold: big64(1000), native: new(big.Int)},
			counters:  map[uint32]counters{gold: {big64(100), big64(0), big64(0), big64(0), big64(0), big64(100)}},
			deposits:  map[uint64]pending{0: {ann, gold, big64(100), 2}},
			claimable: map[holding]*big.Int{}, inbox: folded,
			messages: append(append(encoder{}.compact(2), block...), deposit...),
		},
		events: []event{
			{pallet: 12, index: 2, u32s: []uint32{gold}, accounts: []Account{ann, custody}, amounts: []*big.Int{big64(100)}},
			{pallet: 20, index: 0, u64s: []uint64{0}, accounts: []Account{ann}, u32s: []uint32{gold}, amounts: []*big.Int{big64(100)}},
		},
	}
}

// paid is block 2, after block 1: a commit passes the deposit, pays bob 30, and 10 that somebody cannot take.
func paid(a *Auditor) *chain {
	a.number = 2
	root := [32]byte{9}
	outbox := []payout{{to: bob, asset: gold, amount: big64(30)}, {to: Account{3}, asset: gold, amount: big64(10)}}
	return &chain{
		state: &state{
			balances:  map[holding]*big.Int{{gold, ann}: big64(900), {gold, custody}: big64(70), {gold, bob}: big64(30)},
			issuance:  map[uint32]*big.Int{gold: big64(1000), native: new(big.Int)},
			counters:  map[uint32]counters{gold: {big64(100), big64(100), big64(60), big64(10), big64(0), big64(70)}},
			claimable: map[holding]*big.Int{{gold, Account{3}}: big64(10)}, inbox: a.inbox, deposits: map[uint64]pending{},
		},
		events: []event{
			{pallet: 20, index: 1, u64s: []uint64{0}},
			{pallet: 12, index: 2, u32s: []uint32{gold}, accounts: []Account{custody, bob}, amounts: []*big.Int{big64(30)}},
			{pallet: 20, index: 2, u64s: []uint64{0}, accounts: []Account{bob}, u32s: []uint32{gold}, amounts: []*big.Int{big64(30)}},
			{pallet: 20, index: 3, u64s: []uint64{1}, accounts: []Account{{3}}, u32s: []uint32{gold}, amounts: []*big.Int{big64(10)}},
			{pallet: 21, index: 1, u64s: []uint64{0}, u32s: []uint32{1, 2}, accounts: []Account{root}},
		},
		commits: []commit{{checkpoint: 0, number: 1, inbox: a.inbox, root: root, outbox: outbox}},
	}
}

func (c *chain) judge(a *Auditor) error { return a.judge(c.state, c.events, c.commits) }

func TestHonestBlocksPass(t *testing.T) {
	a := begin()
	if err := deposited(a).judge(a); err != nil {
		t.Fatal(err)
	}
	if err := paid(a).judge(a); err != nil {
		t.Fatal(err)
	}
	if owed := a.Owed(gold); owed.Cmp(big64(70)) != 0 {
		t.Errorf("owed %v", owed)
	}
}

// TestWrongDepositsAreSeen and the next break one thing at a time.
func TestWrongDepositsAreSeen(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*chain)
		want   string
	}{
		"I1: a unit too much": {func(c *chain) { c.state.balances[holding{gold, bob}] = big64(1) }, "I1"},
		"I1: issued in silence": {func(c *chain) {
			c.state.balances[holding{gold, bob}], c.state.issuance[gold] = big64(1), big64(1001)
		}, "I9"},
		"I2: custody counts less": {func(c *chain) {
			k := c.state.counters[gold]
			k.custody = big64(99)
			c.state.counters[gold] = k
		}, "I2"},
		"I2: custody holds less": {func(c *chain) {
			c.state.balances[holding{gold, custody}], c.state.balances[holding{gold, bob}] = big64(99), big64(1)
			c.events = append(c.events, event{pallet: 12, index: 2, u32s: []uint32{gold}, accounts: []Account{custody, bob}, amounts: []*big.Int{big64(1)}})
		}, "I4"},
		"I4: no message":        {func(c *chain) { c.state.messages = nil }, "I4"},
		"I4: another message":   {func(c *chain) { c.state.messages[60] ^= 1 }, "I4"},
		"I4: no event":          {func(c *chain) { c.events = c.events[:1] }, "I4"},
		"I4: event twice":       {func(c *chain) { c.events = append(c.events, c.events[1]) }, "I4"},
		"I4: another number":    {func(c *chain) { c.events[1].u64s[0] = 1 }, "I4"},
		"I9: not kept":          {func(c *chain) { delete(c.state.deposits, 0) }, "I9"},
		"I9: another's":         {func(c *chain) { d := c.state.deposits[0]; d.depositor = bob; c.state.deposits[0] = d }, "I9"},
		"I9: taken from nobody": {func(c *chain) { c.events = c.events[1:] }, "I9"},
	} {
		a := begin()
		block := deposited(a)
		test.change(block)
		if err := block.judge(a); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWrongPayoutsAreSeen(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*chain)
		want   string
	}{
		"I4: paid twice": {func(c *chain) {
			c.events = append(c.events[:4:4], c.events[2], c.events[4])
		}, "I4"},
		"I4: moved twice": {func(c *chain) {
			c.events = append(c.events, c.events[1])
			c.state.balances[holding{gold, custody}], c.state.balances[holding{gold, bob}] = big64(40), big64(60)
		}, "I4"},
		"I4: a unit less":             {func(c *chain) { c.events[2].amounts[0] = big64(29) }, "I4"},
		"I4: to somebody else":        {func(c *chain) { c.events[2].accounts[0] = ann }, "I4"},
		"I4: no commit in the block":  {func(c *chain) { c.commits = nil }, "I4"},
		"I4: another root":            {func(c *chain) { c.commits[0].root[0]++ }, "I4"},
		"I4: another inbox":           {func(c *chain) { c.commits[0].inbox.count-- }, "I4"},
		"I4: numbers with a gap":      {func(c *chain) { c.commits[0].outboxStart = 1 }, "I4"},
		"I4: without being committed": {func(c *chain) { c.events = c.events[:4] }, "I4"},
		"I2: more than there is": {func(c *chain) {
			c.commits[0].outbox[0].amount, c.events[2].amounts[0], c.events[1].amounts[0] = big64(130), big64(130), big64(130)
		}, "I2"},
		"I9: a deposit forgotten":  {func(c *chain) { c.events = c.events[1:] }, "I9"},
		"I9: not claimable":        {func(c *chain) { clear(c.state.claimable) }, "I9"},
		"I9: claimable by another": {func(c *chain) { c.state.claimable = map[holding]*big.Int{{gold, bob}: big64(10)} }, "I9"},
		"I4: claimed without a claim": {func(c *chain) {
			c.events = append(c.events, event{pallet: 20, index: 4, accounts: []Account{ann, ann}, u32s: []uint32{gold}, amounts: []*big.Int{big64(10)}})
		}, "I4"},
	} {
		a := begin()
		if err := deposited(a).judge(a); err != nil {
			t.Fatal(err)
		}
		block := paid(a)
		test.change(block)
		if err := block.judge(a); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestContradictionsMustHalt: workers that vote for different commits of a checkpoint stop the contract.
func TestContradictionsMustHalt(t *testing.T) {
	vote := func(hash byte) event {
		return event{pallet: 21, index: 2, u64s: []uint64{5}, accounts: []Account{ann, {hash}}}
	}
	halt := event{pallet: 21, index: 8, u64s: []uint64{5}}
	for name, test := range map[string]struct {
		events []event
		fine   bool
	}{
		"the same":                {[]event{vote(1), vote(1)}, true},
		"halted":                  {[]event{vote(1), vote(2), halt}, true},
		"not halted":              {[]event{vote(1), vote(2)}, false},
		"resolved, then another":  {[]event{vote(1), vote(2), halt, {pallet: 21, index: 9, u64s: []uint64{5}}, vote(3)}, true},
		"contradicted once again": {[]event{vote(1), vote(2), halt, {pallet: 21, index: 9, u64s: []uint64{5}}, vote(3), vote(4)}, false},
	} {
		d := &day{auditor: begin(), moved: map[uint32]*big.Int{}}
		for _, e := range test.events {
			if err := d.event(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.end(); (err == nil) != test.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEnvelopesCostNoMoreThanWasPaid: a relay is refunded what envelopes cost, so they must not cost more than was paid.
func TestEnvelopesCostNoMoreThanWasPaid(t *testing.T) {
	for _, test := range []struct {
		fee  uint64
		fine bool
	}{{500, true}, {501, false}} {
		a := begin()
		d := &day{auditor: a, costs: map[Account]*big.Int{ann: new(big.Int).SetUint64(test.fee)}, moved: map[uint32]*big.Int{}}
		if err := d.event(event{pallet: 11, accounts: []Account{ann}, amounts: []*big.Int{big64(500), big64(0)}}); err != nil {
			t.Fatal(err)
		}
		if err := d.end(); (err == nil) != test.fine {
			t.Errorf("envelopes that cost %d of 500 paid: %v", test.fee, err)
		}
	}
}
