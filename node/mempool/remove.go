package mempool

import "github.com/bitcloak/bitcloak/substrate/scale"

// forget takes what is no longer in a queue out of the indices and tells why.
func (p *Pool) forget(t *Transaction, why Status) {
	delete(p.byHash, t.Hash)
	p.tell(t.Hash, why)
}

// drop takes a transaction out, wherever it is. Those behind it in its sender's queue become future.
func (p *Pool) drop(t *Transaction, why Status) {
	if !t.Signed {
		p.dropBare(t, why)
		return
	}
	q := p.senders[t.Sender]
	if i, ok := q.find(t.Nonce); ok && q.transactions[i] == t {
		p.dropAt(q, i, why)
		p.settle(q, 0)
	}
}

// dropAt takes a signed transaction out of its queue, which the caller settles afterwards.
func (p *Pool) dropAt(q *queue, i int, why Status) {
	t := q.remove(i)
	p.signed--
	p.bytes -= len(t.Bytes)
	p.forget(t, why)
}

// settle counts a queue anew after a change at from, tells whose readiness changed, and forgets the queue if it is empty.
func (p *Pool) settle(q *queue, from int) {
	q.count() // of an empty queue too: callers go on to look at what is ready in it
	if len(q.transactions) == 0 {
		delete(p.senders, q.sender)
		return
	}
	for i := from; i < len(q.transactions); i++ {
		t := q.transactions[i]
		if t.ready == (i < q.ready) {
			continue
		}
		if t.ready = i < q.ready; t.ready {
			p.tell(t.Hash, Status{Kind: StatusReady})
		} else {
			p.tell(t.Hash, Status{Kind: StatusFuture})
		}
	}
}

// Withdraw takes out a transaction that may come in again: one whose time has not come, or is over because of another.
func (p *Pool) Withdraw(hash scale.Hash) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if t := p.byHash[hash]; t != nil {
		p.drop(t, Status{Kind: StatusDropped})
	}
}

// Reject takes out a transaction that failed when a block was made, and bans it: asked alone it seemed valid, so it
// would come back.
func (p *Pool) Reject(hash scale.Hash) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.bans.add(hash, p.now().Add(p.limits.BanTime), p.now())
	if t := p.byHash[hash]; t != nil {
		p.drop(t, Status{Kind: StatusInvalid})
	}
}
