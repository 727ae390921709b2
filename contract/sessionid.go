package contract

import (
	"bytes"
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// sessionID is a session id whose expiry lies ahead: accepted once (I4).
type sessionID struct {
	id        wire.Hash
	expiresAt uint64
	account   uint32
}

// before orders ids by expiry, then id.
func (s *sessionID) before(other *sessionID) bool {
	if s.expiresAt != other.expiresAt {
		return s.expiresAt < other.expiresAt
	}
	return bytes.Compare(s.id[:], other.id[:]) < 0
}

// sessionIDs are the ids in use, the next to expire first: a binary heap. Its
// inner order depends on what came and went, the order of what leaves it does not.
type sessionIDs struct {
	heap []sessionID
	byID map[wire.Hash]struct{}
}

func (q *sessionIDs) push(id sessionID) {
	q.byID[id.id] = struct{}{}
	q.heap = append(q.heap, id)
	for at := len(q.heap) - 1; at > 0; {
		parent := (at - 1) / 2
		if !q.heap[at].before(&q.heap[parent]) {
			break
		}
		q.heap[at], q.heap[parent] = q.heap[parent], q.heap[at]
		at = parent
	}
}

func (q *sessionIDs) pop() sessionID {
	first, last := q.heap[0], len(q.heap)-1
	q.heap[0] = q.heap[last]
	q.heap = q.heap[:last]
	delete(q.byID, first.id)
	for at := 0; ; {
		child := 2*at + 1
		if child >= last {
			break
		}
		if child+1 < last && q.heap[child+1].before(&q.heap[child]) {
			child++
		}
		if !q.heap[child].before(&q.heap[at]) {
			break
		}
		q.heap[at], q.heap[child] = q.heap[child], q.heap[at]
		at = child
	}
	return first
}

// useID notes that a session id is used, for as long as its expiry lies ahead.
func (c *Contract) useID(id sessionID) {
	a := &c.accounts.list[id.account]
	a.liveIDs++
	if !a.funded() {
		c.accounts.unfunded++
	}
	c.ids.push(id)
	c.addItem(c.idItem(&id))
}

// expireSessions ends what the block's time has reached: sessions, the memory of
// their ids, and accounts that never had more than those.
func (c *Contract) expireSessions() {
	for len(c.ids.heap) > 0 && c.ids.heap[0].expiresAt <= c.block.Timestamp {
		id := c.ids.pop()
		c.removeItem(c.idItem(&id))
		a := &c.accounts.list[id.account]
		a.liveIDs--
		if !a.funded() {
			c.accounts.unfunded--
		}
		if a.session != nil && a.session.id == id.id {
			c.closeSession(id.account)
			c.record(id.account, entry{kind: wire.EventSessionClosed})
		}
		if !a.funded() && a.liveIDs == 0 && id.account != feeAccount {
			c.releaseAccount(id.account)
		}
	}
}

func (c *Contract) idItem(s *sessionID) []byte {
	b := append(c.startItem(itemSessionID), s.id[:]...)
	b = binary.LittleEndian.AppendUint64(b, s.expiresAt)
	return binary.LittleEndian.AppendUint32(b, s.account)
}
