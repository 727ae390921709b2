package auditor

import (
	"fmt"
	"math/big"
	"slices"
)

// Statement is what an account's owner was told, once: all new entries of the history and all new fills since the last
// statement, and the account's balances with their proofs. All are SCALE, as they came.
type Statement struct {
	Account    Account
	Checkpoint uint64
	Root       [32]byte
	Entries    [][]byte
	Fills      [][]byte
	Leaves     [][]byte
	Anew       bool // the entries are from the first on: of an account that had no balance yet
}

// owned is an account of the contract as counted from its statements.
type owned struct {
	totals  map[uint32]*big.Int
	waiting map[holdingAmount]int // withdrawals debited that have no number yet
	entries uint64
	fills   map[uint64]fill
}

// holdingAmount is an amount of an asset.
type holdingAmount struct {
	asset  uint32
	amount string
}

// claim is a root that a worker named, to be held against the chain's.
type claim struct {
	checkpoint uint64
	root       [32]byte
	account    Account
}

// withdrawal is one that an owner asked for.
type withdrawal struct {
	account, to Account
	asset       uint32
	amount      string
}

type statements struct {
	accounts map[Account]*owned
	markets  map[uint32]market
	fees     map[uint32][2][]uint32 // ppm ever listed: of makers, of takers
	trades   map[uint64][]fill
	claims   []claim
	asked    map[withdrawal]int
	outbox   map[uint64]withdrawn
	earned   map[uint32]*big.Int  // trading fees
	relayed  map[holding]*big.Int // what relays have coming, or got
	sweeps   map[holding]bool     // to whom governance has fees of an asset paid
}

// withdrawn is a withdrawal as a history tells it.
type withdrawn struct {
	account Account
	asset   uint32
	amount  *big.Int
}

func newStatements() statements {
	return statements{accounts: map[Account]*owned{}, markets: map[uint32]market{}, fees: map[uint32][2][]uint32{}, trades: map[uint64][]fill{},
		asked: map[withdrawal]int{}, outbox: map[uint64]withdrawn{}, earned: map[uint32]*big.Int{},
		relayed: map[holding]*big.Int{}, sweeps: map[holding]bool{}}
}

// list takes in the markets of a block.
func (s *statements) list(markets map[uint32]market) {
	for id, m := range markets {
		s.markets[id] = m
		known := s.fees[id]
		for role, ppm := range m.fees {
			// An order pays what is listed now, but no more than the larger fee it was placed under.
			for _, possible := range []uint32{ppm, max(m.fees[0], m.fees[1])} {
				if !slices.Contains(known[role], possible) {
					known[role] = append(known[role], possible)
				}
			}
		}
		s.fees[id] = known
	}
}

// Asked notes a withdrawal that an owner has sealed, whatever becomes of it.
func (a *Auditor) Asked(account, to Account, asset uint32, amount *big.Int) {
	a.statements.asked[withdrawal{account, to, asset, amount.String()}]++
}

// State takes a statement in and holds it against those before and against the chain.
func (a *Auditor) State(st Statement) error {
	s := &a.statements
	o := s.accounts[st.Account]
	if o == nil {
		o = &owned{totals: map[uint32]*big.Int{}, waiting: map[holdingAmount]int{}, fills: map[uint64]fill{}}
		s.accounts[st.Account] = o
	}
	if st.Anew {
		if len(o.totals) != 0 {
			return fmt.Errorf("I9: the history of %x begins anew", st.Account[:4])
		}
		o.entries = 0
	}
	s.claims = append(s.claims, claim{st.Checkpoint, st.Root, st.Account})
	for _, encoded := range st.Fills {
		if err := a.filled(o, st.Account, encoded); err != nil {
			return err
		}
	}
	for _, encoded := range st.Entries {
		r := &reader{rest: encoded}
		if err := a.entry(o, st.Account, r); err != nil {
			return err
		}
		if r.err != nil || len(r.rest) != 0 {
			return fmt.Errorf("auditor: an entry %x of a history does not decode: %w", encoded, r.err)
		}
	}
	return a.balanced(o, &st)
}

// balanced holds the proven balances against what the history adds up to.
func (a *Auditor) balanced(o *owned, st *Statement) error {
	seen := map[uint32]bool{}
	for _, encoded := range st.Leaves {
		l, err := proven(encoded, st.Root)
		if err != nil {
			return err
		}
		if l.account != st.Account || seen[l.asset] {
			return fmt.Errorf("I8: %x is shown a leaf of %x twice or of another", st.Account[:4], l.account[:4])
		}
		seen[l.asset] = true
		sum := new(big.Int).Add(l.available, l.held)
		if counted := orZero(o.totals[l.asset]); sum.Cmp(counted) != 0 {
			return fmt.Errorf("I9: %x has %v of asset %d after checkpoint %d, its history adds up to %v", st.Account[:4], sum, l.asset, st.Checkpoint, counted)
		}
	}
	for asset, counted := range o.totals {
		if counted.Sign() != 0 && !seen[asset] {
			return fmt.Errorf("I9: %x has no leaf of asset %d, its history adds up to %v", st.Account[:4], asset, counted)
		}
	}
	return nil
}

// filled takes in one side of a trade.
func (a *Auditor) filled(o *owned, account Account, encoded []byte) error {
	r := &reader{rest: encoded}
	f := r.fill(account)
	if r.err != nil || len(r.rest) != 0 {
		return fmt.Errorf("auditor: a fill does not decode: %w", r.err)
	}
	if want := uint64(len(o.fills)) + 1; f.index != want {
		return fmt.Errorf("I4: %x is shown fill %d instead of %d", account[:4], f.index, want)
	}
	m, listed := a.statements.markets[f.market]
	if !listed {
		return fmt.Errorf("I6: a fill in market %d, which is not listed", f.market)
	}
	if err := f.check(m, a.statements.fees[f.market]); err != nil {
		return err
	}
	o.fills[f.index] = f
	a.statements.trades[f.trade] = append(a.statements.trades[f.trade], f)
	add(a.statements.earned, m.quote, f.fee)
	return nil
}

// entry takes in one entry of a history.
func (a *Auditor) entry(o *owned, account Account, r *reader) error {
	index := r.u64()
	if index != o.entries+1 {
		return fmt.Errorf("I4: %x is shown entry %d after %d", account[:4], index, o.entries)
	}
	o.entries = index
	r.take(8 + 8) // checkpoint, time
	switch kind := r.u8(); kind {
	case 0:
		asset, amount, id := r.u32(), r.u128(), r.u64()
		add(o.totals, asset, amount)
		return a.credited(account, asset, amount, id)
	case 1, 2, 3, 4, 5, 6, 7:
		r.take([]int{0, 8, 0, 8 + 4 + 8, 1 + 8 + 1, 8 + 8, 8 + 8 + 1, 8 + 8}[kind])
	case 8:
		return a.settled(o, account, r.u64())
	case 9:
		asset, amount, outbox := r.u32(), r.u128(), r.u64()
		if key := (holdingAmount{asset, amount.String()}); o.waiting[key] > 0 {
			o.waiting[key]-- // it was debited when it began to wait
		} else {
			add(o.totals, asset, new(big.Int).Neg(amount))
		}
		if _, twice := a.statements.outbox[outbox]; twice {
			return fmt.Errorf("I4: two histories name payout %d", outbox)
		}
		a.statements.outbox[outbox] = withdrawn{account, asset, amount}
	case 10:
		asset, amount := r.u32(), r.u128()
		r.hash()
		add(o.totals, asset, amount)
	case 11:
		asset, amount := r.u32(), r.u128()
		r.hash()
		add(o.totals, asset, new(big.Int).Neg(amount))
	case 12:
		relay, amount := r.hash(), r.u128()
		add(o.totals, native, new(big.Int).Neg(amount))
		h := holding{native, relay}
		a.statements.relayed[h] = new(big.Int).Add(orZero(a.statements.relayed[h]), amount)
	case 13:
		asset, amount := r.u32(), r.u128()
		add(o.totals, asset, new(big.Int).Neg(amount))
		o.waiting[holdingAmount{asset, amount.String()}]++
	default:
		return fmt.Errorf("auditor: an entry of unknown kind %d: teach it to the auditor", kind)
	}
	return nil
}

// settled moves what a fill says.
func (a *Auditor) settled(o *owned, account Account, index uint64) error {
	f, known := o.fills[index]
	if !known {
		return fmt.Errorf("I4: the history of %x names fill %d, which it was not shown", account[:4], index)
	}
	m := a.statements.markets[f.market]
	minus := func(v *big.Int) *big.Int { return new(big.Int).Neg(v) }
	add(o.totals, m.quote, minus(f.fee))
	if f.side == 0 { // buys
		add(o.totals, m.base, f.base)
		add(o.totals, m.quote, minus(f.quote))
	} else {
		add(o.totals, m.base, minus(f.base))
		add(o.totals, m.quote, f.quote)
	}
	return nil
}

// credited holds a credit against the deposit on the chain.
func (a *Auditor) credited(account Account, asset uint32, amount *big.Int, id uint64) error {
	if id >= uint64(len(a.deposits)) {
		return fmt.Errorf("I9: %x is credited deposit %d, which the chain does not have", account[:4], id)
	}
	d := a.deposits[id]
	if d.settled != "" || d.asset != asset || d.amount.Cmp(amount) != 0 {
		return fmt.Errorf("I4: %x is credited %v of asset %d for deposit %d of %v of %d (%s)", account[:4], amount, asset, id, d.amount, d.asset, d.settled)
	}
	d.settled = fmt.Sprintf("credited to %x", account[:4])
	return nil
}
