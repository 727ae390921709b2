package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// maximumWaiting is how many withdrawals of one account may wait.
const maximumWaiting = 16

// waiting is a payout that no commit carries yet.
type waiting struct {
	payer      *payer
	account    uint32 // handle of the payer of a withdrawal
	to         wire.AccountID
	asset      uint32
	amount     wire.U128
	place      uint64 // drawn from outbox.places
	withdrawal bool   // the payer's command: its history says when it leaves
	fresh      bool   // queued in this checkpoint
	marked     bool   // in outbox.changed
	taken      bool
	item       digest
}

// payer is an account that payouts wait for: of its withdrawals, its refused
// deposits, its refunds as a relay, or, of the fee account, swept fees.
type payer struct {
	id          wire.AccountID
	turn        uint64     // drawn from outbox.places as it joined the end of the queue
	waiting     []*waiting // oldest first, never empty between checkpoints
	withdrawals uint32
	marked      bool // in outbox.moved
	item        digest
}

// outbox is the payouts that no commit carries yet. Payers are served in turns:
// the first of the queue has its oldest payout taken and joins the end if it has
// more. So whoever joins is served after one payout of each payer before it: with
// n of them, in the commit after ceil((n+1)/wire.MaxOutbox)-1 others, however much
// they have waiting. I4: a payout's number is drawn as a commit takes it; numbers
// go up by one and are never used again.
type outbox struct {
	queue       []*payer
	head        int // index in queue of the next to be served
	byID        map[wire.AccountID]*payer
	sums        map[sumKey]*waiting // what is not a withdrawal adds up
	withdrawals uint32              // waiting in all
	count       uint64              // payouts waiting in all
	next        uint64              // number of the next payout to be taken
	places      uint64              // last number drawn for a place in a queue
	moved       []*payer            // whose turn changed in this checkpoint
	changed     []*waiting          // queued or added to in this checkpoint
}

// sumKey is what payouts that add up have in common.
type sumKey struct {
	payer, to wire.AccountID
	asset     uint32
}

func newOutbox() outbox {
	return outbox{byID: map[wire.AccountID]*payer{}, sums: map[sumKey]*waiting{}}
}

// withdrawalRoom tells whether an account may have one more withdrawal waiting.
func (c *Contract) withdrawalRoom(id wire.AccountID) bool {
	if c.outbox.withdrawals >= c.config.Limits.Outbox {
		return false
	}
	p := c.outbox.byID[id]
	return p == nil || p.withdrawals < maximumWaiting
}

// payWithdrawal queues an account's withdrawal; withdrawalRoom was asked.
func (c *Contract) payWithdrawal(from uint32, to wire.AccountID, asset uint32, amount wire.U128) {
	w := c.queuePayout(c.accounts.list[from].id, to, asset, amount)
	w.withdrawal, w.account = true, from
	w.payer.withdrawals++
	c.outbox.withdrawals++
}

// pay queues a payout that is nobody's command. It adds up with one that waits
// from the same payer to the same account, unless the sum would overflow.
func (c *Contract) pay(from, to wire.AccountID, asset uint32, amount wire.U128) {
	key := sumKey{payer: from, to: to, asset: asset}
	if w := c.outbox.sums[key]; w != nil {
		if sum, fits := w.amount.Add(amount); fits {
			w.amount = sum
			c.outbox.mark(w)
			return
		}
	}
	c.outbox.sums[key] = c.queuePayout(from, to, asset, amount)
}

// queuePayout appends a payout to those of its payer.
func (c *Contract) queuePayout(from, to wire.AccountID, asset uint32, amount wire.U128) *waiting {
	o := &c.outbox
	p := o.byID[from]
	if p == nil {
		p = &payer{id: from}
		o.byID[from] = p
		o.join(p)
	}
	w := &waiting{payer: p, to: to, asset: asset, amount: amount, place: o.draw(), fresh: true}
	p.waiting = append(p.waiting, w)
	o.count++
	o.mark(w)
	return w
}

func (o *outbox) draw() uint64 {
	o.places++
	return o.places
}

// join puts a payer at the end of the queue.
func (o *outbox) join(p *payer) {
	p.turn = o.draw()
	o.queue = append(o.queue, p)
	if !p.marked {
		p.marked = true
		o.moved = append(o.moved, p)
	}
}

// mark has a payout's item hashed anew at the end of the checkpoint.
func (o *outbox) mark(w *waiting) {
	if !w.marked {
		w.marked = true
		o.changed = append(o.changed, w)
	}
}

// takeOutbox takes what the next commit carries: at most wire.MaxOutbox payouts,
// fewer if their total of an asset would overflow.
func (c *Contract) takeOutbox() (messages []wire.OutboxMessage, payouts []wire.Payout) {
	o := &c.outbox
	for len(messages) < wire.MaxOutbox && o.head < len(o.queue) {
		p := o.queue[o.head]
		w := p.waiting[0]
		message := wire.OutboxMessage{Kind: wire.OutboxPayout, To: w.to, Asset: w.asset, Amount: w.amount}
		totals, fits := wire.SumPayouts(append(messages, message))
		if !fits {
			break // one payout always fits: it is the first of the next commit
		}
		messages, payouts = append(messages, message), totals
		o.queue[o.head] = nil
		o.head++
		c.take(p, w)
	}
	if o.head == len(o.queue) {
		o.queue, o.head = o.queue[:0], 0
	} else if o.head >= 1<<12 && o.head >= len(o.queue)/2 { // moves each payer once on average
		o.queue = o.queue[:copy(o.queue, o.queue[o.head:])]
		o.head = 0
	}
	return messages, payouts
}

// take gives a payer's oldest payout its number; the payer joins the queue again
// if it has more.
func (c *Contract) take(p *payer, w *waiting) {
	o := &c.outbox
	number := o.next
	o.next++
	o.count--
	w.taken = true
	c.dropItem(&w.item)
	p.waiting[0] = nil
	p.waiting = p.waiting[1:]
	if w.withdrawal {
		o.withdrawals--
		p.withdrawals--
		c.record(w.account, entry{kind: wire.EventWithdrawn, subject: w.asset, amount: w.amount, number: number})
	} else if key := (sumKey{payer: p.id, to: w.to, asset: w.asset}); o.sums[key] == w {
		delete(o.sums, key)
	}
	if len(p.waiting) > 0 {
		o.join(p)
		return
	}
	c.dropItem(&p.item)
	delete(o.byID, p.id)
}

// closeOutbox hashes what still waits and changed in this checkpoint, and tells
// the owners of withdrawals that did not leave. What came and went costs nothing.
func (c *Contract) closeOutbox() {
	o := &c.outbox
	for i, w := range o.changed {
		o.changed[i] = nil
		w.marked = false
		if w.taken {
			continue
		}
		if w.fresh && w.withdrawal {
			c.record(w.account, entry{kind: wire.EventWithdrawalWaiting, subject: w.asset, amount: w.amount})
		}
		w.fresh = false
		c.replaceItem(&w.item, c.waitingItem(w))
	}
	for i, p := range o.moved {
		o.moved[i] = nil
		p.marked = false
		if len(p.waiting) > 0 {
			c.replaceItem(&p.item, c.payerItem(p))
		}
	}
	o.changed, o.moved = o.changed[:0], o.moved[:0]
}

func (c *Contract) payerItem(p *payer) []byte {
	b := binary.LittleEndian.AppendUint64(c.startItem(itemPayer), p.turn)
	return append(b, p.id[:]...)
}

func (c *Contract) waitingItem(w *waiting) []byte {
	b := append(c.startItem(itemPayout), w.payer.id[:]...)
	return w.append(b)
}

// waitingSize is the length of an encoded waiting payout in bytes.
const waitingSize = 61

func (w *waiting) append(b []byte) []byte {
	withdrawal := byte(0)
	if w.withdrawal {
		withdrawal = 1
	}
	b = append(b, w.to[:]...)
	b = binary.LittleEndian.AppendUint32(b, w.asset)
	b = appendU128(b, w.amount)
	b = binary.LittleEndian.AppendUint64(b, w.place)
	return append(b, withdrawal)
}
