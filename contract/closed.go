package contract

// maximumClosed bounds the closed sessions whose tags are still in the tables.
const maximumClosed = 1 << 16

// nextEpoch follows currentEpoch and previousEpoch where tags of all three are known.
const nextEpoch = 2

// closedSession is a session that has ended and whose tags, which stand for nothing
// any more, are still to be taken out of the tables. That is done at the ends of
// checkpoints, a bounded part at each: thousands of sessions may expire at one moment.
// It is no part of the state and cannot show: a session that one secret opens again
// after the expiry of the first may have the same tags, which stay.
type closedSession struct {
	serial uint32
	known  [3]knownTags
}

// knownTags are the tags of an epoch: of a window's open sequences.
type knownTags struct {
	cipher Cipher // nil: none
	window window
}

// leaveTags notes the tags of a session that ends.
func (c *Contract) leaveTags(s *session) {
	if len(c.closed) >= maximumClosed {
		last := len(c.closed) - 1
		c.forgetTags(&c.closed[last])
		c.closed = c.closed[:last]
	}
	c.closed = append(c.closed, closedSession{serial: s.serial, known: [3]knownTags{
		currentEpoch: {s.ciphers[currentEpoch], s.window}, previousEpoch: {s.ciphers[previousEpoch], s.window}, nextEpoch: {s.next.cipher, s.next.window},
	}})
}

// forgetTags takes a closed session's tags out of the tables, erases its ciphers
// and says how many tags that took.
func (c *Contract) forgetTags(closed *closedSession) (tags int) {
	for epoch := range closed.known {
		known, table := &closed.known[epoch], c.ahead.tags
		if epoch != nextEpoch {
			table = c.tags[epoch]
		}
		if known.cipher != nil {
			known.window.eachOpen(func(sequence uint64) {
				tags++
				if tag := known.cipher.Tag(sequence); table[tag].serial == closed.serial {
					delete(table, tag)
				}
			})
		}
	}
	*closed = closedSession{}
	return tags
}
