package mempool

// enterBare takes a bare transaction; one with the same tag must be outbid.
func (p *Pool) enterBare(t *Transaction) error {
	if old := p.bare[t.tag]; old != nil {
		if err := outbids(old, t); err != nil {
			return err
		}
		p.dropBare(old, Status{Kind: StatusUsurped, By: t.Hash})
	}
	if len(p.bare) >= p.limits.MaxBare || p.bareSize+len(t.Bytes) > p.limits.MaxBareBytes {
		return ErrFull
	}
	p.bare[t.tag] = t
	p.bareSize += len(t.Bytes)
	p.tell(t.Hash, Status{Kind: StatusReady})
	return nil
}

// dropBare takes a bare transaction out.
func (p *Pool) dropBare(t *Transaction, why Status) {
	delete(p.bare, t.tag)
	p.bareSize -= len(t.Bytes)
	p.forget(t, why)
}
