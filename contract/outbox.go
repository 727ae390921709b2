package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// outbox is the payouts that no commit carries yet, oldest first. I4: numbers go
// up by one and are never used again.
type outbox struct {
	queue []wire.OutboxMessage
	head  int    // index in queue of the oldest
	next  uint64 // number of the next payout to be queued
}

func (o *outbox) len() int { return len(o.queue) - o.head }

// start is the number of the oldest payout waiting.
func (o *outbox) start() uint64 { return o.next - uint64(o.len()) }

// pay queues a payout and gives its number.
func (c *Contract) pay(to wire.AccountID, asset uint32, amount wire.U128) uint64 {
	message := wire.OutboxMessage{Kind: wire.OutboxPayout, To: to, Asset: asset, Amount: amount}
	number := c.outbox.next
	c.outbox.queue = append(c.outbox.queue, message)
	c.outbox.next++
	c.addItem(c.payoutItem(number, &message))
	return number
}

// takeOutbox takes what the next commit carries: at most wire.MaxOutbox payouts,
// fewer if their total of an asset would overflow.
func (c *Contract) takeOutbox() (start uint64, messages []wire.OutboxMessage, payouts []wire.Payout) {
	o := &c.outbox
	start = o.start()
	for count := min(o.len(), wire.MaxOutbox); count > 0; count-- {
		waiting := o.queue[o.head : o.head+count]
		totals, fits := wire.SumPayouts(waiting)
		if !fits {
			continue // one payout always fits
		}
		messages, payouts = append(messages, waiting...), totals
		break
	}
	for i := range messages {
		c.removeItem(c.payoutItem(start+uint64(i), &messages[i]))
	}
	o.head += len(messages)
	if o.head == len(o.queue) {
		o.queue, o.head = o.queue[:0], 0
	} else if o.head >= 1<<12 && o.head >= len(o.queue)/2 { // moves each payout once on average
		o.queue = o.queue[:copy(o.queue, o.queue[o.head:])]
		o.head = 0
	}
	return start, messages, payouts
}

func (c *Contract) payoutItem(number uint64, m *wire.OutboxMessage) []byte {
	b := binary.LittleEndian.AppendUint64(c.startItem(itemPayout), number)
	return appendPayout(b, m)
}

// payoutSize is the length of an encoded payout in bytes.
const payoutSize = 52

func appendPayout(b []byte, m *wire.OutboxMessage) []byte {
	b = append(b, m.To[:]...)
	b = binary.LittleEndian.AppendUint32(b, m.Asset)
	return appendU128(b, m.Amount)
}
