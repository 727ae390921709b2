package mempool

import (
	"cmp"
	"slices"
)

// rank says how readily a transaction is given up for others; see the package's documentation. It rises along every
// queue, so the worst of all are always tails.
type rank struct {
	transaction *Transaction
	future      bool
	over        bool // beyond its sender's fair share
	priority    uint64
	depth       int
}

// makeRoom brings a pool that exceeds its limits back below them.
func (p *Pool) makeRoom() {
	if p.signed <= p.limits.MaxTransactions && p.bytes <= p.limits.MaxBytes {
		return
	}
	number := p.limits.MaxTransactions - p.limits.MaxTransactions/evictDivisor
	bytes := p.limits.MaxBytes - p.limits.MaxBytes/evictDivisor
	evicted := 0
	for _, worst := range p.ranked() {
		if p.signed <= number && p.bytes <= bytes {
			break
		}
		q := p.senders[worst.transaction.Sender]
		p.dropAt(q, len(q.transactions)-1, Status{Kind: StatusDropped})
		q.ready = min(q.ready, len(q.transactions))
		if len(q.transactions) == 0 {
			delete(p.senders, q.sender)
		}
		evicted++
	}
	p.log.Warn("transaction pool is full", "evicted", evicted, "left", p.signed, "bytes", p.bytes)
}

// ranked lists all signed transactions, the worst first.
func (p *Pool) ranked() []rank {
	share := max(leastShare, p.limits.MaxTransactions/max(1, len(p.senders)))
	shareBytes := p.limits.MaxBytes / max(1, len(p.senders))
	all := make([]rank, 0, p.signed)
	for _, q := range p.senders {
		priority, bytes := ^uint64(0), 0
		for i, t := range q.transactions {
			priority = min(priority, t.Priority)
			bytes += len(t.Bytes)
			all = append(all, rank{transaction: t, future: i >= q.ready, priority: priority, depth: i,
				over: i >= share || i >= leastShare && bytes > shareBytes})
		}
	}
	slices.SortFunc(all, compareRanks)
	return all
}

// compareRanks puts the worse one first.
func compareRanks(a, b rank) int {
	return cmp.Or(
		compareFlags(b.future, a.future),
		compareFlags(b.over, a.over),
		cmp.Compare(a.priority, b.priority),
		cmp.Compare(b.depth, a.depth),
		cmp.Compare(b.transaction.arrival, a.transaction.arrival),
	)
}

func compareFlags(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
