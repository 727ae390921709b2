package engine

// Domains keep the three kinds of hashed text apart.
const (
	levelDomain  = 0
	marketDomain = 1
	stateDomain  = 2
)

// hashBuffer is how many bytes go to the hash at a time.
const hashBuffer = 4096

// StateHash identifies the whole state. Hashes of levels and of markets are kept, and computed again only where a
// command changed something, so a commit costs what changed since the one before and 32 bytes a level of the markets
// that changed. The result is the same as if all were computed anew.
func (e *Engine) StateHash() [32]byte {
	e.hasher.Reset()
	for i := range e.markets {
		if m := &e.markets[i]; m.listed && m.stale {
			m.hash = e.hashMarket(m)
			m.stale = false
		}
	}
	e.startHash(stateDomain)
	h := e.header()
	e.scratch = h.appendTo(e.scratch)
	for i := range e.markets {
		if e.markets[i].listed {
			e.scratch = append(e.scratch, e.markets[i].hash[:]...)
			e.flushHash(hashBuffer)
		}
	}
	return e.finishHash()
}

// hashMarket hashes a market over the hashes of its levels, bids then asks, each best first.
func (e *Engine) hashMarket(m *market) [32]byte {
	for side := range m.sides {
		for at := m.sides[side].best; at != 0; at = e.ladders.after(at) {
			if l := e.ladders.levels.at(at); l.stale {
				*e.ladders.hashes.at(at) = e.hashLevel(l)
				l.stale = false
			}
		}
	}
	e.startHash(marketDomain)
	e.scratch = m.appendTo(e.scratch)
	for side := range m.sides {
		for at := m.sides[side].best; at != 0; at = e.ladders.after(at) {
			e.scratch = append(e.scratch, e.ladders.hashes.at(at)[:]...)
			e.flushHash(hashBuffer)
		}
	}
	return e.finishHash()
}

// hashLevel hashes the orders of a level in their priority.
func (e *Engine) hashLevel(l *level) [32]byte {
	e.startHash(levelDomain)
	e.scratch = l.appendTo(e.scratch)
	for at := l.head; at != 0; at = e.orders.at(at).next {
		e.scratch = e.appendOrder(e.scratch, at)
		e.flushHash(hashBuffer)
	}
	return e.finishHash()
}

func (e *Engine) startHash(domain byte) {
	e.hasher.Reset()
	e.scratch = append(e.scratch[:0], domain)
}

// flushHash hands the buffered bytes to the hash when there are at least that many.
func (e *Engine) flushHash(atLeast int) {
	if len(e.scratch) >= atLeast {
		e.hasher.Write(e.scratch)
		e.scratch = e.scratch[:0]
	}
}

func (e *Engine) finishHash() [32]byte {
	e.flushHash(0)
	return [32]byte(e.hasher.Sum(e.scratch[:0]))
}
