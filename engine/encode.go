package engine

import "encoding/binary"

// The canonical encoding of the state, little endian, which spec/engine.md gives. Hash and snapshot share it.
const (
	orderBytes  = 31
	levelBytes  = 12
	marketBytes = 21
	headerBytes = 24
)

// header is what the state holds besides the markets.
type header struct {
	limits  Limits
	time    uint64
	markets uint32 // listed
}

func (e *Engine) header() header {
	h := header{limits: e.limits, time: e.time}
	for i := range e.markets {
		if e.markets[i].listed {
			h.markets++
		}
	}
	return h
}

func (h *header) appendTo(to []byte) []byte {
	to = binary.LittleEndian.AppendUint32(to, h.limits.Markets)
	to = binary.LittleEndian.AppendUint32(to, h.limits.Owners)
	to = binary.LittleEndian.AppendUint32(to, h.limits.Orders)
	to = binary.LittleEndian.AppendUint64(to, h.time)
	return binary.LittleEndian.AppendUint32(to, h.markets)
}

func (m *market) appendTo(to []byte) []byte {
	to = binary.LittleEndian.AppendUint32(to, uint32(m.id))
	to = append(to, byte(m.state))
	to = binary.LittleEndian.AppendUint64(to, m.trades)
	to = binary.LittleEndian.AppendUint32(to, m.sides[Buy].count)
	return binary.LittleEndian.AppendUint32(to, m.sides[Sell].count)
}

func (l *level) appendTo(to []byte) []byte {
	to = binary.LittleEndian.AppendUint64(to, uint64(l.price()))
	return binary.LittleEndian.AppendUint32(to, l.count)
}

func (e *Engine) appendOrder(to []byte, position uint32) []byte {
	o := e.orders.at(position)
	to = binary.LittleEndian.AppendUint64(to, uint64(o.id))
	to = binary.LittleEndian.AppendUint32(to, uint32(o.terms.owner()))
	to = binary.LittleEndian.AppendUint64(to, uint64(o.remaining))
	to = append(to, byte(o.terms.timeInForce()), byte(o.terms.selfTrade()), boolByte(o.terms.postOnly()))
	return binary.LittleEndian.AppendUint64(to, e.expiryOf(position))
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
