package naive

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"

	"github.com/bitcloak/bitcloak/engine"
)

// StateHash hashes the state, its markets, their levels: see spec/engine.md.
func (b *Book) StateHash() [32]byte {
	state := append([]byte{2}, b.header()...)
	for _, m := range b.markets {
		encoded := append([]byte{1}, m.header()...)
		for _, level := range append(m.levels(engine.Buy), m.levels(engine.Sell)...) {
			hash := sha256.Sum256(append([]byte{0}, encodeLevel(level)...))
			encoded = append(encoded, hash[:]...)
		}
		hash := sha256.Sum256(encoded)
		state = append(state, hash[:]...)
	}
	return sha256.Sum256(state)
}

// Snapshot writes the state: see spec/engine.md.
func (b *Book) Snapshot(to io.Writer) error {
	snapshot := append([]byte("bitcloak engine\n"), 1, 0)
	snapshot = append(snapshot, b.header()...)
	for _, m := range b.markets {
		snapshot = append(snapshot, m.header()...)
		for _, level := range append(m.levels(engine.Buy), m.levels(engine.Sell)...) {
			snapshot = append(snapshot, encodeLevel(level)...)
		}
	}
	hash := b.StateHash()
	_, err := to.Write(append(snapshot, hash[:]...))
	return err
}

func (b *Book) header() []byte {
	encoded := binary.LittleEndian.AppendUint32(nil, b.limits.Markets)
	encoded = binary.LittleEndian.AppendUint32(encoded, b.limits.Owners)
	encoded = binary.LittleEndian.AppendUint32(encoded, b.limits.Orders)
	encoded = binary.LittleEndian.AppendUint64(encoded, b.time)
	return binary.LittleEndian.AppendUint32(encoded, uint32(len(b.markets)))
}

func (m *market) header() []byte {
	encoded := binary.LittleEndian.AppendUint32(nil, uint32(m.ID))
	encoded = append(encoded, byte(m.State))
	encoded = binary.LittleEndian.AppendUint64(encoded, m.trades)
	encoded = binary.LittleEndian.AppendUint32(encoded, uint32(len(m.levels(engine.Buy))))
	return binary.LittleEndian.AppendUint32(encoded, uint32(len(m.levels(engine.Sell))))
}

// levels returns the orders of a side by price, best first, those of a price longest waiting first.
func (m *market) levels(side engine.Side) [][]engine.Order {
	var orders []engine.Order
	for _, o := range m.orders {
		if o.Side == side {
			orders = append(orders, o)
		}
	}
	slices.SortStableFunc(orders, func(a, b engine.Order) int {
		if side == engine.Buy {
			a, b = b, a
		}
		return cmp.Compare(a.Price, b.Price)
	})
	var levels [][]engine.Order
	for i, o := range orders {
		if i == 0 || o.Price != orders[i-1].Price {
			levels = append(levels, nil)
		}
		levels[len(levels)-1] = append(levels[len(levels)-1], o)
	}
	return levels
}

func encodeLevel(orders []engine.Order) []byte {
	encoded := binary.LittleEndian.AppendUint64(nil, uint64(orders[0].Price))
	encoded = binary.LittleEndian.AppendUint32(encoded, uint32(len(orders)))
	for _, o := range orders {
		encoded = binary.LittleEndian.AppendUint64(encoded, uint64(o.ID))
		encoded = binary.LittleEndian.AppendUint32(encoded, uint32(o.Owner))
		encoded = binary.LittleEndian.AppendUint64(encoded, uint64(o.Quantity))
		postOnly := byte(0)
		if o.PostOnly {
			postOnly = 1
		}
		encoded = append(encoded, byte(o.TimeInForce), byte(o.SelfTrade), postOnly)
		encoded = binary.LittleEndian.AppendUint64(encoded, o.Expiry)
	}
	return encoded
}
