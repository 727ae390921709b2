package auditor

import (
	"fmt"
	"math/big"
)

// Auditor follows one network from its genesis.
type Auditor struct {
	trie   trie
	number uint64
	hash   [32]byte // of the last header

	balances  map[holding]*big.Int
	issuance  map[uint32]*big.Int
	books     map[uint32]*book
	deposits  []*deposit // by number
	passed    int        // how many of them a commit has passed
	payouts   []*payout  // by number
	claimable map[holding]*big.Int

	inbox       inbox
	checkpoints []checkpoint
	roots       [][32]byte // of the commits, by checkpoint

	votes      map[uint64][32]byte // the first commit that a worker voted for, by checkpoint
	statements statements
	swept      map[uint32]*big.Int // fees that were paid out, counted at the end
	back       int                 // deposits that were given back, counted at the end
}

// book is one asset's side of I2, as counted here.
type book struct{ deposited, depositedAtCommit, liabilities, queued, custody *big.Int }

func newBook() *book {
	return &book{new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int)}
}

// deposit is one that the chain took.
type deposit struct {
	depositor Account
	asset     uint32
	amount    *big.Int
	message   uint64
	settled   string // by what: a credit in a history, a payout
}

// payout is one that a commit ordered.
type payout struct {
	to     Account
	asset  uint32
	amount *big.Int
	failed bool // and is claimable, or was
}

// checkpoint is a block with messages.
type checkpoint struct {
	number uint64
	inbox  inbox
	idle   bool // it holds nothing but its Block message
}

// New starts from the header of block 0.
func New(header []byte, source Source) (*Auditor, error) {
	a := &Auditor{trie: trie{seen: map[[32]byte][]byte{}}, books: map[uint32]*book{}, claimable: map[holding]*big.Int{},
		statements: newStatements(), swept: map[uint32]*big.Int{}, votes: map[uint64][32]byte{}}
	h, err := decodeHeader(header)
	if err != nil {
		return nil, err
	}
	s, err := a.state(h.stateRoot, source)
	if err != nil {
		return nil, err
	}
	a.hash, a.balances, a.issuance = blake(header), s.balances, s.issuance
	a.statements.list(s.markets)
	return a, a.conservation(s)
}

// header is what matters of a block's header.
type header struct {
	parent    [32]byte
	number    uint64
	stateRoot [32]byte
	bodyRoot  [32]byte
}

func decodeHeader(encoded []byte) (header, error) {
	r := &reader{rest: encoded}
	h := header{r.hash(), r.compact(), r.hash(), r.hash()}
	return h, r.err
}

func (a *Auditor) state(root [32]byte, source Source) (*state, error) {
	entries, err := a.trie.all(root, source)
	if err != nil {
		return nil, err
	}
	return decodeState(entries)
}

// Block looks at the next block.
func (a *Auditor) Block(header []byte, body [][]byte, source Source) error {
	h, err := decodeHeader(header)
	if err != nil {
		return err
	}
	if h.parent != a.hash || h.number != a.number+1 {
		return fmt.Errorf("I5: block %d does not follow block %d", h.number, a.number)
	}
	a.hash, a.number = blake(header), h.number
	s, err := a.state(h.stateRoot, source)
	if err != nil {
		return err
	}
	events, err := decodeEvents(s.events)
	if err != nil {
		return err
	}
	if err := a.judge(s, events, commitsOf(body)); err != nil {
		return fmt.Errorf("block %d: %w", h.number, err)
	}
	return nil
}

// judge compares a block's state with what its messages, events and commits make of the one before.
func (a *Auditor) judge(s *state, events []event, commits []commit) error {
	found, err := a.fold(s)
	if err != nil {
		return err
	}
	day := &day{auditor: a, deposits: found.deposits, costs: found.costs, commits: commits, moved: map[uint32]*big.Int{}}
	for _, e := range events {
		if err := day.event(e); err != nil {
			return err
		}
	}
	if err := day.end(); err != nil {
		return err
	}
	a.statements.list(s.markets)
	for _, check := range []func(*state) error{a.conservation, a.explained, a.backing, a.kept} {
		if err := check(s); err != nil {
			return err
		}
	}
	return nil
}

// conservation is I1.
func (a *Auditor) conservation(s *state) error {
	sums := map[uint32]*big.Int{}
	for h, amount := range s.balances {
		add(sums, h.asset, amount)
	}
	for asset, issued := range s.issuance {
		if sum := sums[asset]; issued.Cmp(orZero(sum)) != 0 {
			return fmt.Errorf("I1: of asset %d %v are issued, and balances add up to %v", asset, issued, sum)
		}
	}
	return nil
}

// explained holds every balance against what the events made of the one before.
func (a *Auditor) explained(s *state) error {
	if err := compare(a.balances, s.balances); err != nil {
		return fmt.Errorf("I9: balances changed without a word: %w", err)
	}
	a.balances = s.balances
	for asset, issued := range s.issuance {
		if orZero(a.issuance[asset]).Cmp(issued) != 0 {
			return fmt.Errorf("I1: of asset %d %v are issued, counted %v", asset, issued, a.issuance[asset])
		}
	}
	return nil
}

// backing is I2.
func (a *Auditor) backing(s *state) error {
	for asset, b := range a.books {
		c, known := s.counters[asset]
		if !known {
			return fmt.Errorf("I2: the chain has no counters of asset %d", asset)
		}
		for _, pair := range []struct {
			name          string
			counted, says *big.Int
		}{
			{"D", b.deposited, c.deposited}, {"D[c0]", b.depositedAtCommit, c.depositedAtCommit}, {"L", b.liabilities, c.liabilities},
			{"Q", b.queued, c.queued}, {"S", new(big.Int), c.shielded}, {"custody", b.custody, c.custody},
		} {
			if pair.counted.Cmp(pair.says) != 0 {
				return fmt.Errorf("I2: %s of asset %d is %v, counted %v", pair.name, asset, pair.says, pair.counted)
			}
		}
		uncommitted := new(big.Int).Sub(b.deposited, b.depositedAtCommit)
		if owed := uncommitted.Add(uncommitted, b.liabilities).Add(uncommitted, b.queued); b.custody.Cmp(owed) != 0 {
			return fmt.Errorf("I2: custody of asset %d is %v, owed %v", asset, b.custody, owed)
		}
		if held := orZero(s.balances[holding{asset, custody}]); held.Cmp(b.custody) < 0 {
			return fmt.Errorf("I2: custody holds %v of asset %d and owes %v", held, asset, b.custody)
		}
	}
	return nil
}

// kept is I9 of what lies between: deposits that no commit has passed, payouts to be claimed.
func (a *Auditor) kept(s *state) error {
	for id, d := range a.deposits {
		kept, is := s.deposits[uint64(id)]
		if waits := id >= a.passed; waits != is {
			return fmt.Errorf("I9: deposit %d is kept: %v, waits: %v", id, is, waits)
		}
		if is && (kept.depositor != d.depositor || kept.asset != d.asset || kept.amount.Cmp(d.amount) != 0 || kept.message != d.message) {
			return fmt.Errorf("I9: deposit %d is kept as another", id)
		}
	}
	if err := compare(a.claimable, s.claimable); err != nil {
		return fmt.Errorf("I9: claimable: %w", err)
	}
	return nil
}

func add(to map[uint32]*big.Int, asset uint32, amount *big.Int) {
	if to[asset] == nil {
		to[asset] = new(big.Int)
	}
	to[asset].Add(to[asset], amount)
}

func orZero(v *big.Int) *big.Int {
	if v == nil {
		return new(big.Int)
	}
	return v
}
