package mempool

// Reap hands over transactions that came in since the last time, up to maxBytes (0: all of them), for the network.
func (p *Pool) Reap(maxBytes uint64) [][]byte {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var out [][]byte
	var size uint64
	for len(p.fresh) > 0 {
		t := p.byHash[p.fresh[0]]
		if t != nil {
			if size += uint64(len(t.Bytes)); maxBytes > 0 && size > maxBytes && len(out) > 0 {
				break
			}
			out = append(out, t.Bytes)
		}
		p.fresh = p.fresh[1:]
	}
	if len(p.fresh) == 0 {
		p.fresh = nil
	}
	return out
}

// trimFresh keeps the list of what the network has not seen no longer than the pool.
func (p *Pool) trimFresh() {
	if limit := p.limits.MaxTransactions + p.limits.MaxBare; len(p.fresh) > limit {
		p.fresh = append(p.fresh[:0:0], p.fresh[len(p.fresh)-limit/2:]...)
	}
}

// Usage is what the pool holds.
type Usage struct {
	Signed, Bare    int
	Bytes           int // of both
	Senders, Future int
	Due, Banned     int
}

// Usage counts what the pool holds, for metrics.
func (p *Pool) Usage() Usage {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	u := Usage{Signed: p.signed, Bare: len(p.bare), Bytes: p.bytes + p.bareSize, Senders: len(p.senders),
		Due: len(p.due) + len(p.dueBare), Banned: len(p.bans.until)}
	for _, q := range p.senders {
		u.Future += q.future()
	}
	return u
}
