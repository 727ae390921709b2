package mempool

import (
	"container/heap"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// maxMisfits is how many transactions that a block has no room for are passed over before it counts as full.
const maxMisfits = 16

// envelopeBytes is what CometBFT's encoding adds to each transaction at most: a tag and a length.
const envelopeBytes = 6

// Select lists ready transactions in the order in which a block should try them: the bare ones first, each behind what
// it requires, then by priority, each sender's in the order of its nonces. Together they have at most maxBytes, as CometBFT encodes them, and
// maxCount; what does not fit is passed over, with all that its sender has behind it.
func (p *Pool) Select(maxBytes, maxCount int) []*Transaction {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	s := selection{bytes: maxBytes, count: maxCount}
	provided := tags{}
	for _, t := range p.bare {
		if t.ready && provided.haveAll(t.requires) && s.take(t) {
			provided.add(t.provides)
		}
	}
	heads := make(headHeap, 0, len(p.senders))
	for _, q := range p.senders {
		if q.ready > 0 {
			heads = append(heads, head{queue: q})
		}
	}
	heap.Init(&heads)
	for len(heads) > 0 && s.misfits <= maxMisfits && len(s.out) < s.count {
		best := &heads[0]
		if taken := s.take(best.transaction()); taken && best.at+1 < best.queue.ready {
			best.at++
			heap.Fix(&heads, 0)
		} else {
			heap.Pop(&heads)
		}
	}
	return s.out
}

// selection is a block's worth of transactions in the making.
type selection struct {
	out     []*Transaction
	bytes   int // room left
	count   int
	misfits int
}

func (s *selection) take(t *Transaction) bool {
	size := len(t.Bytes) + envelopeBytes
	if len(s.out) == s.count || size > s.bytes {
		s.misfits++
		return false
	}
	s.bytes -= size
	s.out = append(s.out, t)
	return true
}

// HasReady reports whether anything could go into a block.
func (p *Pool) HasReady() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.bareReady() {
		return true
	}
	for _, q := range p.senders {
		if q.ready > 0 {
			return true
		}
	}
	return false
}

// Ready lists the bytes of up to limit ready transactions, for author_pendingExtrinsics.
func (p *Pool) Ready(maxBytes, limit int) [][]byte {
	selected := p.Select(maxBytes, limit)
	out := make([][]byte, len(selected))
	for i, t := range selected {
		out[i] = t.Bytes
	}
	return out
}

// NextNonce is the nonce that the account's next transaction should have, given the one of the state: after those that
// wait here.
func (p *Pool) NextNonce(account scale.AccountID, state uint32) uint32 {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	q := p.senders[account]
	if q == nil {
		return state
	}
	return max(state, q.next+uint32(q.ready))
}

// head is the next transaction of a sender.
type head struct {
	queue *queue
	at    int
}

func (h *head) transaction() *Transaction { return h.queue.transactions[h.at] }

// headHeap has the best head first.
type headHeap []head

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (h headHeap) Len() int { return len(h) }

// Less reports whether i goes before j.
func (h headHeap) Less(i, j int) bool {
	a, b := h[i].transaction(), h[j].transaction()
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	return a.arrival < b.arrival
}

// Swap exchanges two heads.
func (h headHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push appends a head.
func (h *headHeap) Push(x any) { *h = append(*h, x.(head)) }

// Pop removes the last head.
func (h *headHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
