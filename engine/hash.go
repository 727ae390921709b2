package engine

import (
	"crypto/sha256"
	"hash"
)

// Domains keep the three kinds of hashed text apart.
const (
	levelDomain  = 0
	marketDomain = 1
	stateDomain  = 2
)

// digest hashes a text that is put together in its buffer.
type digest struct {
	hash   hash.Hash
	buffer []byte
}

// digestBuffer is how many bytes go to the hash at a time.
const digestBuffer = 4096

func newDigest() digest { return digest{hash: sha256.New(), buffer: make([]byte, 0, digestBuffer+64)} }

func (d *digest) start(domain byte) {
	d.hash.Reset()
	d.buffer = append(d.buffer[:0], domain)
}

// flush hands the buffer to the hash when it is full.
func (d *digest) flush() {
	if len(d.buffer) >= digestBuffer {
		d.hash.Write(d.buffer)
		d.buffer = d.buffer[:0]
	}
}

func (d *digest) finish() [32]byte {
	d.hash.Write(d.buffer)
	return [32]byte(d.hash.Sum(d.buffer[:0]))
}

// StateHash identifies the whole state. Hashes of levels and of markets are kept, and computed again only where a
// command changed something, so a commit costs the levels that changed since the one before and 32 bytes for each
// level of their markets. The result is the same as if all were computed anew.
func (e *Engine) StateHash() [32]byte {
	for i := range e.markets {
		if m := &e.markets[i]; m.listed && m.stale {
			m.hash = e.hashMarket(m)
			m.stale = false
		}
	}
	d := &e.outer
	d.start(stateDomain)
	h := e.header()
	d.buffer = h.appendTo(d.buffer)
	for i := range e.markets {
		if m := &e.markets[i]; m.listed {
			d.buffer = append(d.buffer, m.hash[:]...)
			d.flush()
		}
	}
	return d.finish()
}

// hashMarket hashes a market over the hashes of its levels, bids then asks, each best first.
func (e *Engine) hashMarket(m *market) [32]byte {
	d := &e.outer
	d.start(marketDomain)
	d.buffer = m.appendTo(d.buffer)
	for side := range m.sides {
		for at := m.sides[side].best; at != 0; at = e.ladders.after(at) {
			kept := e.ladders.hashes.at(at)
			if l := e.ladders.levels.at(at); l.stale {
				*kept = e.hashLevel(l)
				l.stale = false
			}
			d.buffer = append(d.buffer, kept[:]...)
			d.flush()
		}
	}
	return d.finish()
}

// hashLevel hashes the orders of a level in their priority.
func (e *Engine) hashLevel(l *level) [32]byte {
	d := &e.inner
	d.start(levelDomain)
	d.buffer = l.appendTo(d.buffer)
	for at := l.head; at != 0; at = e.orders.at(at).next {
		d.buffer = e.appendOrder(d.buffer, at)
		d.flush()
	}
	return d.finish()
}
