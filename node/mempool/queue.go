package mempool

import (
	"slices"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// queue is one sender's transactions by nonce.
type queue struct {
	sender       scale.AccountID
	next         uint32 // the account's nonce in the latest state
	transactions []*Transaction
	ready        int // how many of them, from the first, are ready
	bytes        int
}

// find is where nonce is, or would be.
func (q *queue) find(nonce uint32) (int, bool) {
	return slices.BinarySearchFunc(q.transactions, nonce, func(t *Transaction, nonce uint32) int {
		switch {
		case t.Nonce < nonce:
			return -1
		case t.Nonce > nonce:
			return 1
		}
		return 0
	})
}

func (q *queue) insert(i int, t *Transaction) {
	q.transactions = slices.Insert(q.transactions, i, t)
	q.bytes += len(t.Bytes)
}

func (q *queue) remove(i int) *Transaction {
	t := q.transactions[i]
	q.transactions = slices.Delete(q.transactions, i, i+1)
	q.bytes -= len(t.Bytes)
	return t
}

// count finds how many are ready.
func (q *queue) count() {
	q.ready = 0
	for q.ready < len(q.transactions) && uint64(q.transactions[q.ready].Nonce) == uint64(q.next)+uint64(q.ready) {
		q.ready++
	}
}

// future is how many wait behind a gap.
func (q *queue) future() int { return len(q.transactions) - q.ready }
