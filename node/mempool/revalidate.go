package mempool

import (
	"container/heap"
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Revalidate asks the runtime again about up to budget transactions whose validity may have changed: the bare ones, the
// first of each sender that a block changed, those whose time is over. It returns how many are left to ask about.
// What it misses does no harm: a block leaves out what is invalid.
func (p *Pool) Revalidate(budget int) (left int) {
	ready := false
	for ; budget > 0; budget-- {
		t := p.nextDue()
		if t == nil {
			break
		}
		validity, err := p.validator.Validate(SourceExternal, t.Bytes)
		p.mutex.Lock()
		ready = p.judge(t, validity, err) || ready
		p.mutex.Unlock()
	}
	if ready {
		p.onReady()
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.due) + len(p.dueBare)
}

// makeDue notes that the runtime is to be asked about t.
func (p *Pool) makeDue(t *Transaction) {
	if t.due || p.byHash[t.Hash] != t {
		return
	}
	t.due = true
	if t.Signed {
		p.due = append(p.due, t)
	} else {
		p.dueBare = append(p.dueBare, t)
	}
}

// nextDue takes the next transaction to ask about that is still in the pool.
func (p *Pool) nextDue() *Transaction {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, due := range []*[]*Transaction{&p.dueBare, &p.due} {
		for len(*due) > 0 {
			t := (*due)[0]
			*due = (*due)[1:]
			t.due = false
			if p.byHash[t.Hash] == t {
				return t
			}
		}
		*due = nil
	}
	return nil
}

// judge drops a transaction that the runtime finds invalid, and reports whether a bare one has become ready. A failure to
// ask is no verdict.
func (p *Pool) judge(t *Transaction, validity Validity, err error) (ready bool) {
	if p.byHash[t.Hash] != t {
		return false // gone meanwhile
	}
	if err == nil {
		t.expires = saturatingAdd(p.number, validity.Longevity)
		p.expiry.add(t)
		if t.Signed {
			return false
		}
		t.requires = validity.Requires
		return p.settleBare()
	}
	var reason *frame.TransactionValidityError
	if errors.As(err, &reason) {
		p.log.Debug("transaction is no longer valid", "hash", t.Hash, "reason", reason)
		p.drop(t, Status{Kind: StatusInvalid})
	}
	return false
}

// expiryHeap has the transaction whose validity ends first at the front.
type expiryHeap struct{ entries expiryEntries }

type expiryEntry struct {
	at          uint64
	transaction *Transaction
}

type expiryEntries []expiryEntry

// add notes when t's validity ends; one that never ends is not noted.
func (h *expiryHeap) add(t *Transaction) {
	if t.expires != ^uint64(0) {
		heap.Push(&h.entries, expiryEntry{at: t.expires, transaction: t})
	}
}

// take removes the next one that ends at or before number, or returns nil.
func (h *expiryHeap) take(number uint64) *Transaction {
	if len(h.entries) == 0 || h.entries[0].at > number {
		return nil
	}
	return heap.Pop(&h.entries).(expiryEntry).transaction
}

// compact drops the entries of transactions that are gone, when they are most.
func (h *expiryHeap) compact(alive map[scale.Hash]*Transaction) {
	if len(h.entries) < 1024 || len(h.entries) < 2*len(alive) {
		return
	}
	kept := h.entries[:0]
	for _, entry := range h.entries {
		if alive[entry.transaction.Hash] == entry.transaction && entry.transaction.expires == entry.at {
			kept = append(kept, entry)
		}
	}
	clear(h.entries[len(kept):])
	h.entries = kept
	heap.Init(&h.entries)
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (e expiryEntries) Len() int { return len(e) }

// Less reports which ends first.
func (e expiryEntries) Less(i, j int) bool { return e[i].at < e[j].at }

// Swap exchanges two entries.
func (e expiryEntries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push appends an entry.
func (e *expiryEntries) Push(x any) { *e = append(*e, x.(expiryEntry)) }

// Pop removes the last entry.
func (e *expiryEntries) Pop() any {
	last := (*e)[len(*e)-1]
	(*e)[len(*e)-1] = expiryEntry{}
	*e = (*e)[:len(*e)-1]
	return last
}
