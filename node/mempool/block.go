package mempool

import "github.com/bitcloak/bitcloak/substrate/scale"

// Block is what a committed block means to the pool. The validator answers for its state already.
type Block struct {
	Hash     scale.Hash
	Number   uint64
	Included []scale.Hash      // transactions in it
	Changed  []scale.AccountID // accounts whose entry it changed, their nonces among them
}

// Committed takes the block's transactions out, and looks again at the senders that the block changed; at no others.
func (p *Pool) Committed(block Block) error {
	p.mutex.Lock()
	ready, err := p.committed(block)
	p.mutex.Unlock()
	if ready {
		p.onReady()
	}
	return err
}

func (p *Pool) committed(block Block) (ready bool, err error) {
	p.blocks++
	p.number = block.Number
	affected := map[scale.AccountID]bool{}
	for _, hash := range block.Included {
		t := p.byHash[hash]
		if t == nil {
			continue
		}
		if p.watchers[hash] != nil {
			p.included[block.Hash] = append(p.included[block.Hash], hash)
		}
		p.takeOut(t, block.Hash)
		if t.Signed {
			affected[t.Sender] = true
		}
	}
	for _, account := range block.Changed {
		if p.senders[account] != nil {
			affected[account] = true
		}
	}
	for account := range affected {
		became, failure := p.refresh(account)
		if failure != nil {
			err = failure
		}
		ready = ready || became
	}
	p.makeBareDue()
	for t := p.expiry.take(p.number); t != nil; t = p.expiry.take(p.number) {
		p.makeDue(t)
	}
	p.expiry.compact(p.byHash)
	return ready || p.bareReady(), err
}

// takeOut removes a transaction that is in a block; what is behind it is counted by refresh.
func (p *Pool) takeOut(t *Transaction, block scale.Hash) {
	status := Status{Kind: StatusInBlock, Block: block}
	if !t.Signed {
		p.dropBare(t, status)
		return
	}
	q := p.senders[t.Sender]
	if i, ok := q.find(t.Nonce); ok {
		p.dropAt(q, i, status)
	}
}

// refresh gives a sender's queue the account's new nonce and reports whether it has ready transactions.
func (p *Pool) refresh(account scale.AccountID) (ready bool, err error) {
	q := p.senders[account]
	if q == nil {
		return false, nil
	}
	if len(q.transactions) == 0 {
		delete(p.senders, account)
		return false, nil
	}
	next, err := p.validator.Nonce(account)
	if err != nil {
		return false, err
	}
	q.next = next
	for len(q.transactions) > 0 && q.transactions[0].Nonce < next { // another with this nonce was in the block
		p.dropAt(q, 0, Status{Kind: StatusInvalid})
	}
	p.settle(q, 0)
	if q.ready > 0 {
		p.makeDue(q.transactions[0])
	}
	return q.ready > 0, nil
}

// Refresh looks at a sender's queue again: a block in the making found that its nonce is another.
func (p *Pool) Refresh(account scale.AccountID) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, err := p.refresh(account); err != nil {
		p.log.Error("the nonce of an account cannot be read", "account", account, "error", err)
	}
}

// Finalized tells the watchers of the block's transactions that nothing can take it back.
func (p *Pool) Finalized(block scale.Hash) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, hash := range p.included[block] {
		p.tell(hash, Status{Kind: StatusFinalized, Block: block})
	}
	delete(p.included, block)
}
