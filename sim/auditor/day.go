package auditor

import (
	"fmt"
	"math/big"
)

// day is one block while its events are read.
type day struct {
	auditor  *Auditor
	deposits []received // of the inbox, not yet seen as events
	commits  []commit
	costs    map[Account]*big.Int // of envelopes, by sender, less what senders paid for extrinsics

	passed []uint64            // deposits that the commit under way passes
	paid   []settled           // payouts that it made
	torn   bool                // workers contradict each other, and nobody has stopped the contract yet
	moved  map[uint32]*big.Int // out of custody, less what payouts and claims explain
}

// settled is a payout as an event tells it.
type settled struct {
	seq    uint64
	payout payout
	failed bool
}

// event applies one to what is counted.
func (d *day) event(e event) error {
	switch [2]byte{e.pallet, e.index} {
	case [2]byte{10, 2}:
		d.transfer(native, e.accounts[0], e.accounts[1], e.amounts[0])
	case [2]byte{12, 2}:
		d.transfer(e.u32s[0], e.accounts[0], e.accounts[1], e.amounts[0])
	case [2]byte{10, 7}:
		d.change(native, e.accounts[0], e.amounts[0])
		add(d.auditor.issuance, native, e.amounts[0])
	case [2]byte{10, 8}, [2]byte{10, 1}: // withdrawn for a fee, dust: what is not deposited again is burned
		less := new(big.Int).Neg(e.amounts[0])
		d.change(native, e.accounts[0], less)
		add(d.auditor.issuance, native, less)
	case [2]byte{11, 0}:
		if cost := d.costs[e.accounts[0]]; cost != nil {
			cost.Sub(cost, e.amounts[0])
		}
	case [2]byte{21, 2}:
		checkpoint, hash := e.u64s[0], e.accounts[1]
		if first, voted := d.auditor.votes[checkpoint]; voted && first != hash {
			d.torn = true
		}
		d.auditor.votes[checkpoint] = hash
	case [2]byte{21, 8}:
		d.torn = false
	case [2]byte{21, 9}: // workers vote anew, or for what governance has chosen
		clear(d.auditor.votes)
	case [2]byte{21, 12}:
		d.auditor.statements.sweeps[holding{e.u32s[0], e.accounts[0]}] = true
	case [2]byte{12, 1}:
		d.change(e.u32s[0], e.accounts[0], e.amounts[0])
		add(d.auditor.issuance, e.u32s[0], e.amounts[0])
	case [2]byte{12, 3}:
		less := new(big.Int).Neg(e.amounts[0])
		d.change(e.u32s[0], e.accounts[0], less)
		add(d.auditor.issuance, e.u32s[0], less)
	case [2]byte{20, 0}:
		return d.deposited(e)
	case [2]byte{20, 1}:
		d.passed = append(d.passed, e.u64s[0])
	case [2]byte{20, 2}, [2]byte{20, 3}:
		d.paid = append(d.paid, settled{e.u64s[0], payout{to: e.accounts[0], asset: e.u32s[0], amount: e.amounts[0]}, e.index == 3})
	case [2]byte{20, 4}:
		return d.claimed(e)
	case [2]byte{21, 1}:
		return d.committed(e)
	}
	return nil
}

func (d *day) change(asset uint32, who Account, by *big.Int) {
	h := holding{asset, who}
	d.auditor.balances[h] = new(big.Int).Add(orZero(d.auditor.balances[h]), by)
}

func (d *day) transfer(asset uint32, from, to Account, amount *big.Int) {
	d.change(asset, from, new(big.Int).Neg(amount))
	d.change(asset, to, amount)
	if from == custody && to != custody {
		add(d.moved, asset, amount)
	}
}

// deposited holds a deposit against its message.
func (d *day) deposited(e event) error {
	a := d.auditor
	id := e.u64s[0]
	if id != uint64(len(a.deposits)) || len(d.deposits) == 0 {
		return fmt.Errorf("I4: deposit %d comes after %d, %d of them in the inbox", id, len(a.deposits), len(d.deposits))
	}
	message := d.deposits[0]
	d.deposits = d.deposits[1:]
	one := message.deposit
	if message.id != id || one.depositor != e.accounts[0] || one.asset != e.u32s[0] || one.amount.Cmp(e.amounts[0]) != 0 {
		return fmt.Errorf("I4: deposit %d is another in the inbox", id)
	}
	a.deposits = append(a.deposits, &one)
	b := a.book(one.asset)
	b.deposited.Add(b.deposited, one.amount)
	b.custody.Add(b.custody, one.amount)
	return nil
}

func (a *Auditor) book(asset uint32) *book {
	if a.books[asset] == nil {
		a.books[asset] = newBook()
	}
	return a.books[asset]
}

func (d *day) claimed(e event) error {
	h := holding{e.u32s[0], e.accounts[0]}
	amount := e.amounts[0]
	if orZero(d.auditor.claimable[h]).Cmp(amount) != 0 {
		return fmt.Errorf("I4: %v of asset %d are claimed, counted %v", amount, h.asset, d.auditor.claimable[h])
	}
	delete(d.auditor.claimable, h)
	d.left(e.accounts[1], h.asset, amount)
	return nil
}

// left notes that an amount went out of custody for a reason. What somebody has paid to custody itself stays there, and is
// nobody's.
func (d *day) left(to Account, asset uint32, amount *big.Int) {
	b := d.auditor.book(asset)
	b.queued.Sub(b.queued, amount)
	b.custody.Sub(b.custody, amount)
	if to != custody {
		add(d.moved, asset, new(big.Int).Neg(amount))
	}
}

// committed holds an accepted commit against its bytes in the body and against what was executed.
func (d *day) committed(e event) error {
	a := d.auditor
	index := e.u64s[0]
	if index != uint64(len(a.roots)) || index >= uint64(len(a.checkpoints)) {
		return fmt.Errorf("I4: commit %d comes after %d, of %d checkpoints", index, len(a.roots), len(a.checkpoints))
	}
	for _, k := range d.commits {
		if k.checkpoint == index && k.root == e.accounts[0] && d.matches(&k) {
			a.roots = append(a.roots, k.root)
			return d.settle(&k)
		}
	}
	return fmt.Errorf("I4: what commit %d did is in no commit of the block (%d payouts, deposits %v)", index, len(d.paid), d.passed)
}

// matches tells whether what was executed is what the commit says, once.
func (d *day) matches(k *commit) bool {
	a := d.auditor
	at := a.checkpoints[k.checkpoint]
	if k.inbox != at.inbox || uint64(k.number) != at.number || k.outboxStart != uint64(len(a.payouts)) || len(k.outbox) != len(d.paid) {
		return false
	}
	for i, want := range k.outbox {
		got := d.paid[i]
		if got.seq != k.outboxStart+uint64(i) || got.payout.to != want.to || got.payout.asset != want.asset || got.payout.amount.Cmp(want.amount) != 0 {
			return false
		}
	}
	return true
}

// settle is I2's step: L' = L + D[c] - D[c0] - out.
func (d *day) settle(k *commit) error {
	a := d.auditor
	for _, id := range d.passed {
		if id != uint64(a.passed) || a.deposits[id].message > k.inbox.count {
			return fmt.Errorf("I4: commit %d passes deposit %d, %d is next", k.checkpoint, id, a.passed)
		}
		one := a.deposits[id]
		b := a.book(one.asset)
		b.depositedAtCommit.Add(b.depositedAtCommit, one.amount)
		b.liabilities.Add(b.liabilities, one.amount)
		a.passed++
	}
	if a.passed < len(a.deposits) && a.deposits[a.passed].message <= k.inbox.count {
		return fmt.Errorf("I9: commit %d forgets deposit %d", k.checkpoint, a.passed)
	}
	for asset, out := range total(k.outbox) {
		b := a.book(asset)
		if b.liabilities.Cmp(out) < 0 {
			return fmt.Errorf("I2: commit %d pays %v of asset %d, liabilities are %v", k.checkpoint, out, asset, b.liabilities)
		}
		b.liabilities.Sub(b.liabilities, out)
		b.queued.Add(b.queued, out)
	}
	for _, one := range d.paid {
		a.payouts = append(a.payouts, &payout{to: one.payout.to, asset: one.payout.asset, amount: one.payout.amount, failed: one.failed})
		if one.failed {
			h := holding{one.payout.asset, one.payout.to}
			a.claimable[h] = new(big.Int).Add(orZero(a.claimable[h]), one.payout.amount)
		} else {
			d.left(one.payout.to, one.payout.asset, one.payout.amount)
		}
	}
	d.passed, d.paid = nil, nil
	return nil
}

// end sees that nothing is left over.
func (d *day) end() error {
	if len(d.passed)+len(d.paid) != 0 {
		return fmt.Errorf("I4: %d deposits passed and %d payouts made without a commit", len(d.passed), len(d.paid))
	}
	if len(d.deposits) != 0 {
		return fmt.Errorf("I4: %d deposits in the inbox without an event", len(d.deposits))
	}
	if d.torn {
		return fmt.Errorf("I5: workers voted for different commits of a checkpoint, and the contract was not stopped")
	}
	for sender, cost := range d.costs {
		if cost.Sign() > 0 {
			return fmt.Errorf("I2: envelopes of %x cost %v more than it paid", sender[:4], cost)
		}
	}
	for asset, amount := range d.moved {
		if amount.Sign() != 0 {
			return fmt.Errorf("I4: %v of asset %d left custody for no payout", amount, asset)
		}
	}
	return nil
}
