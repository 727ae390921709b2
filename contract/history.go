package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// entry is a history entry in 72 bytes. number is the deposit, the fill, the
// outbox message, the lots or the expiry, whichever the kind has; subject is the
// asset or the market; other the handle of the other account of a transfer. A relay's
// refund lies in them as relayEntry says.
type entry struct {
	amount     wire.U128
	order      uint64
	number     uint64
	checkpoint uint64
	timestamp  uint64
	subject    uint32
	other      uint32
	kind       uint8
	command    uint8
	reason     wire.Reason
}

// fill is one side of a trade; base and quote follow from the market.
type fill struct {
	fee        wire.U128
	trade      uint64
	order      uint64
	price      uint64
	quantity   uint64
	checkpoint uint64
	timestamp  uint64
	market     uint32
	number     uint32 // of the block
	side       uint8
	maker      bool
}

// noteChange marks the account as changed in this checkpoint, for its frame.
func (c *Contract) noteChange(a *account) {
	if a.changed != c.checkpoint+1 {
		a.changed, a.fillsBefore = c.checkpoint+1, a.fills.count
	}
}

// record adds an entry to an account's history.
func (c *Contract) record(handle uint32, e entry) {
	a := &c.accounts.list[handle]
	c.noteChange(a)
	e.checkpoint, e.timestamp = c.checkpoint, c.block.Timestamp
	if a.history.full(c.config.Limits.History, c.pooled >= c.config.Limits.HistoryPool) {
		oldest := a.history.first()
		c.removeItem(c.entryItem(handle, oldest, a.history.at(oldest)))
		a.history.overwrite(e)
	} else {
		a.history.grow(e)
		c.pooled++
	}
	c.addItem(c.entryItem(handle, a.history.count, &e))
}

// recordFill adds a fill to an account's fills, and says so in its history.
func (c *Contract) recordFill(handle uint32, f fill) {
	a := &c.accounts.list[handle]
	c.noteChange(a)
	f.checkpoint, f.timestamp, f.number = c.checkpoint, c.block.Timestamp, c.block.Number
	if a.fills.full(c.config.Limits.History, c.pooled >= c.config.Limits.HistoryPool) {
		oldest := a.fills.first()
		c.removeItem(c.fillItem(handle, oldest, a.fills.at(oldest)))
		a.fills.overwrite(f)
	} else {
		a.fills.grow(f)
		c.pooled++
	}
	c.addItem(c.fillItem(handle, a.fills.count, &f))
	c.record(handle, entry{kind: wire.EventFilled, number: a.fills.count})
}

// forgetHistory drops the history of an account that is released.
func (c *Contract) forgetHistory(handle uint32) {
	a := &c.accounts.list[handle]
	for number := a.history.first(); number <= a.history.count; number++ {
		c.removeItem(c.entryItem(handle, number, a.history.at(number)))
	}
	for number := a.fills.first(); number <= a.fills.count; number++ {
		c.removeItem(c.fillItem(handle, number, a.fills.at(number)))
	}
	c.pooled -= uint64(len(a.history.items) + len(a.fills.items))
}

func (c *Contract) entryItem(handle uint32, number uint64, e *entry) []byte {
	b := binary.LittleEndian.AppendUint32(c.startItem(itemHistory), handle)
	return e.append(binary.LittleEndian.AppendUint64(b, number))
}

func (c *Contract) fillItem(handle uint32, number uint64, f *fill) []byte {
	b := binary.LittleEndian.AppendUint32(c.startItem(itemFill), handle)
	return f.append(binary.LittleEndian.AppendUint64(b, number))
}

// Encoded sizes in bytes.
const (
	entrySize = 59
	fillSize  = 74
)

func (e *entry) append(b []byte) []byte {
	b = appendU128(b, e.amount)
	b = binary.LittleEndian.AppendUint64(b, e.order)
	b = binary.LittleEndian.AppendUint64(b, e.number)
	b = binary.LittleEndian.AppendUint64(b, e.checkpoint)
	b = binary.LittleEndian.AppendUint64(b, e.timestamp)
	b = binary.LittleEndian.AppendUint32(b, e.subject)
	b = binary.LittleEndian.AppendUint32(b, e.other)
	return append(b, e.kind, e.command, byte(e.reason))
}

func (f *fill) append(b []byte) []byte {
	b = appendU128(b, f.fee)
	b = binary.LittleEndian.AppendUint64(b, f.trade)
	b = binary.LittleEndian.AppendUint64(b, f.order)
	b = binary.LittleEndian.AppendUint64(b, f.price)
	b = binary.LittleEndian.AppendUint64(b, f.quantity)
	b = binary.LittleEndian.AppendUint64(b, f.checkpoint)
	b = binary.LittleEndian.AppendUint64(b, f.timestamp)
	b = binary.LittleEndian.AppendUint32(b, f.market)
	b = binary.LittleEndian.AppendUint32(b, f.number)
	maker := byte(0)
	if f.maker {
		maker = 1
	}
	return append(b, f.side, maker)
}

func appendU128(b []byte, v wire.U128) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, v.Lo), v.Hi)
}
