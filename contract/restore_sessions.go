package contract

func (c *Contract) readSessions(r *snapshotReader) {
	next := uint32(0) // sessions come in the order of their accounts
	for n := r.count(c.config.Limits.Accounts, "sessions"); n > 0 && r.err == nil; n-- {
		s := &session{account: r.u32(), opened: r.u32(), id: r.hash(), expiresAt: r.u64()}
		s.window = window{next: r.u64(), used: r.u64()}
		s.queryKey = r.hash()
		root := r.hash()
		hasPrevious := r.u8()
		if !r.require(s.account >= next && c.liveHandle(s.account) && s.window.plausible() && hasPrevious <= 1, "a session") {
			return
		}
		next = s.account + 1
		c.setKeys(s, currentEpoch, root)
		if hasPrevious == 1 {
			c.setKeys(s, previousEpoch, r.hash())
		}
		if r.err != nil {
			return
		}
		c.enterSession(s)
		r.require(c.accounts.sessions <= c.config.Limits.Sessions, "too many sessions")
	}
}

// plausible tells whether use could have led to the window.
func (w *window) plausible() bool {
	switch {
	case w.next == 0:
		return w.used == 0
	case w.next > 1<<63: // far beyond what 64 a command reach; keeps sums from wrapping
		return false
	case w.next < windowSize:
		return w.used&1 == 1 && w.used>>w.next == 0
	default:
		return w.used&1 == 1
	}
}

func (c *Contract) readIDs(r *snapshotReader) {
	var last sessionID
	limit := uint64(c.config.Limits.LiveIDs)*uint64(len(c.accounts.list)) + 1
	n := uint64(r.u32())
	if !r.require(n < limit, "too many session ids") {
		return
	}
	for i := range n {
		id := sessionID{id: r.hash(), expiresAt: r.u64(), account: r.u32()}
		if !r.require(c.liveHandle(id.account) && id.expiresAt > c.block.Timestamp && (i == 0 || last.before(&id)), "a session id") {
			return
		}
		if _, twice := c.ids.byID[id.id]; !r.require(!twice, "a session id twice") {
			return
		}
		last = id
		c.useID(id)
	}
}
