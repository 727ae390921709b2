package contract

// checkTags looks every open sequence of every session up, and counts them
// and what closed sessions left.
func (c *Contract) checkTags() error {
	var count [2]int
	for handle := range c.accounts.list {
		s := c.accounts.list[handle].session
		if s == nil {
			continue
		}
		missing := false
		s.window.eachOpen(func(sequence uint64) {
			for epoch, cipher := range s.ciphers {
				if cipher != nil {
					count[epoch]++
					missing = missing || c.tags[epoch][cipher.Tag(sequence)] != s.tagRef(sequence)
				}
			}
		})
		if missing {
			return broken("a tag of account %d is missing", handle)
		}
	}
	for i := range c.closed {
		for epoch := range count {
			count[epoch] += c.closed[i].count(epoch)
		}
	}
	if count != [2]int{len(c.tags[currentEpoch]), len(c.tags[previousEpoch])} {
		return broken("%d and %d tags are known, sessions have %v", len(c.tags[currentEpoch]), len(c.tags[previousEpoch]), count)
	}
	return nil
}

// checkAhead compares what was computed for the next epoch with the sessions, and
// the list of open sessions with the accounts.
func (c *Contract) checkAhead() error {
	count := 0
	for i, s := range c.open {
		if c.accounts.list[s.account].session != s || s.position != uint32(i) {
			return broken("the session of account %d is listed wrongly", s.account)
		}
		if s.next.cipher == nil {
			continue
		}
		missing := false
		s.next.window.eachOpen(func(sequence uint64) {
			count++
			missing = missing || c.ahead.tags[s.next.cipher.Tag(sequence)] != s.tagRef(sequence)
		})
		if missing || s.next.root != c.config.Opener.RatchetKey(s.roots[currentEpoch], c.block.Epoch+1) {
			return broken("what account %d has in the next epoch is computed wrongly", s.account)
		}
	}
	for i := range c.closed {
		count += c.closed[i].count(nextEpoch)
	}
	open := 0
	for i := range c.accounts.list {
		if c.accounts.list[i].session != nil {
			open++
		}
	}
	if open != len(c.open) || count != len(c.ahead.tags) {
		return broken("%d sessions are listed of %d, %d tags of the next epoch of %d", len(c.open), open, len(c.ahead.tags), count)
	}
	return nil
}

// count is how many tags of an epoch a closed session has left.
func (closed *closedSession) count(epoch int) (count int) {
	if closed.known[epoch].cipher != nil {
		closed.known[epoch].window.eachOpen(func(uint64) { count++ })
	}
	return count
}
