package mempool

import (
	"log/slog"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Options configure a pool; Validator is required.
type Options struct {
	Validator Validator
	Limits    *Limits
	// OnReady is called after a transaction has become ready, without locks held. It must not block.
	OnReady func()
	// Now is the clock of bans.
	Now func() time.Time
	Log *slog.Logger
}

// Pool is the transactions that wait. It may be used concurrently.
type Pool struct {
	validator Validator
	limits    Limits
	onReady   func()
	now       func() time.Time
	log       *slog.Logger

	mutex    sync.Mutex
	byHash   map[scale.Hash]*Transaction
	senders  map[scale.AccountID]*queue
	bare     []*Transaction          // in the order in which a block takes them
	bareTags map[string]*Transaction // the same by tag
	signed   int                     // number of signed transactions
	bytes    int                     // of the signed ones
	bareSize int                     // bytes of the bare ones
	arrivals uint64
	blocks   uint64 // blocks committed: a validity asked for earlier may not hold any more
	number   uint64 // the latest block's
	expiry   expiryHeap
	due      []*Transaction // to revalidate
	dueBare  []*Transaction // the same, before them: commits wait for the answer
	bans     bans
	fresh    []scale.Hash // not yet handed to the network
	watchers map[scale.Hash]*Watcher
	included map[scale.Hash][]scale.Hash // block -> watched transactions in it, until it is finalised
}

// New makes an empty pool.
func New(options Options) (*Pool, error) {
	p := &Pool{
		validator: options.Validator, limits: DefaultLimits(), onReady: options.OnReady, now: options.Now, log: options.Log,
		byHash: map[scale.Hash]*Transaction{}, senders: map[scale.AccountID]*queue{}, bareTags: map[string]*Transaction{},
		watchers: map[scale.Hash]*Watcher{}, included: map[scale.Hash][]scale.Hash{},
	}
	if options.Limits != nil {
		p.limits = *options.Limits
	}
	if p.onReady == nil {
		p.onReady = func() {}
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if err := p.limits.validate(); err != nil {
		return nil, err
	}
	p.bans = newBans(p.limits.MaxBans)
	return p, nil
}

// Submit takes a transaction, or says why not. The signature is checked outside the pool's lock, so submissions of many
// connections use all cores.
func (p *Pool) Submit(source Source, transaction []byte) (scale.Hash, error) {
	hash, _, err := p.submit(source, transaction, false)
	return hash, err
}

// SubmitAndWatch is Submit, with a watcher that tells what becomes of the transaction.
func (p *Pool) SubmitAndWatch(source Source, transaction []byte) (scale.Hash, *Watcher, error) {
	return p.submit(source, transaction, true)
}

func (p *Pool) submit(source Source, transaction []byte, watch bool) (scale.Hash, *Watcher, error) {
	if len(transaction) > p.limits.MaxTransactionBytes {
		return scale.Hash{}, nil, ErrSize
	}
	hash := HashOf(transaction)
	p.mutex.Lock()
	err := p.refused(hash)
	asked := p.blocks
	p.mutex.Unlock()
	if err != nil {
		return hash, nil, err
	}
	validity, err := p.validator.Validate(source, transaction)
	if err != nil {
		return hash, nil, err
	}
	t := &Transaction{Hash: hash, Bytes: transaction}
	t.take(validity)
	p.mutex.Lock()
	watcher, ready, err := p.enter(t, validity, asked, watch)
	p.mutex.Unlock()
	if ready {
		p.onReady()
	}
	return hash, watcher, err
}

// refused says why a hash is not looked at at all. The caller holds the lock.
func (p *Pool) refused(hash scale.Hash) error {
	if p.byHash[hash] != nil {
		return &KnownError{Hash: hash}
	}
	if p.bans.banned(hash, p.now()) {
		return ErrBanned
	}
	return nil
}

// enter puts a valid transaction in its place, and reports whether something has become ready.
func (p *Pool) enter(t *Transaction, validity Validity, asked uint64, watch bool) (w *Watcher, ready bool, err error) {
	if err := p.refused(t.Hash); err != nil {
		return nil, false, err // the same one came in meanwhile
	}
	p.arrivals++
	t.arrival = p.arrivals
	t.expires = saturatingAdd(p.number, validity.Longevity)
	if watch {
		w = newWatcher()
		p.watchers[t.Hash] = w // a known hash is refused, so no other one watches it
	}
	if t.Signed {
		ready, err = p.enterSigned(t, validity, asked)
	} else {
		ready, err = p.enterBare(t, asked)
	}
	if err != nil {
		delete(p.watchers, t.Hash)
		return nil, false, err
	}
	p.byHash[t.Hash] = t
	p.expiry.add(t)
	if t.propagate {
		p.fresh = append(p.fresh, t.Hash)
		p.trimFresh()
	}
	p.makeRoom()
	if p.byHash[t.Hash] == nil { // it was the worst of a full pool
		return nil, false, ErrFull
	}
	return w, ready, nil
}

// enterSigned puts t into its sender's queue, in the place of another if it offers enough more.
func (p *Pool) enterSigned(t *Transaction, validity Validity, asked uint64) (bool, error) {
	q := p.senders[t.Sender]
	if q == nil {
		q = &queue{sender: t.Sender, next: validity.Next}
		if asked != p.blocks { // a block came in between: its state counts
			next, err := p.validator.Nonce(t.Sender)
			if err != nil {
				return false, err
			}
			q.next = next
		}
	}
	if t.Nonce < q.next {
		return false, frame.InvalidStale
	}
	i, taken := q.find(t.Nonce)
	if taken {
		return p.replace(q, i, t)
	}
	if err := p.fits(q, t, i); err != nil {
		return false, err
	}
	p.senders[t.Sender] = q
	q.insert(i, t)
	p.signed++
	p.bytes += len(t.Bytes)
	before := q.ready
	p.settle(q, i)
	if !t.ready {
		p.tell(t.Hash, Status{Kind: StatusFuture})
	}
	return q.ready > before, nil
}

// fits checks the sender's limits for one more at i.
func (p *Pool) fits(q *queue, t *Transaction, i int) error {
	if len(q.transactions) >= p.limits.MaxPerSender || q.bytes+len(t.Bytes) > p.limits.MaxBytesPerSender {
		return ErrSender
	}
	if ahead := uint64(t.Nonce) - uint64(q.next); ahead != uint64(i) || i > q.ready {
		// It opens or lies behind a gap.
		if q.future() >= p.limits.MaxFuturePerSender || ahead > uint64(p.limits.MaxPerSender) {
			return ErrFuture
		}
	}
	return nil
}

// replace exchanges the transaction at i for t.
func (p *Pool) replace(q *queue, i int, t *Transaction) (bool, error) {
	old := q.transactions[i]
	if err := outbids(old, t); err != nil {
		return false, err
	}
	if q.bytes-len(old.Bytes)+len(t.Bytes) > p.limits.MaxBytesPerSender {
		return false, ErrSender
	}
	q.transactions[i] = t
	q.bytes += len(t.Bytes) - len(old.Bytes)
	p.bytes += len(t.Bytes) - len(old.Bytes)
	p.forget(old, Status{Kind: StatusUsurped, By: t.Hash})
	if t.ready = old.ready; t.ready {
		p.tell(t.Hash, Status{Kind: StatusReady})
	} else {
		p.tell(t.Hash, Status{Kind: StatusFuture})
	}
	return t.ready, nil
}

// outbids reports, as an error, that t offers too little to replace old.
func outbids(old, t *Transaction) error {
	if t.Priority < saturatingAdd(old.Priority, max(1, old.Priority/bumpDivisor)) {
		return &PriorityError{Old: old.Priority, New: t.Priority}
	}
	return nil
}

func saturatingAdd(a, b uint64) uint64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return ^uint64(0)
}
