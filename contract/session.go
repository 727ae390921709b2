package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// session is an account's open session. Its keys are those of the current epoch
// and, unless it was opened in that, of the one before; older ones are erased.
type session struct {
	account   uint32
	opened    uint32 // epoch of the opening
	id        wire.Hash
	expiresAt uint64 // ms
	window    window
	queryKey  [32]byte
	roots     [2][32]byte
	ciphers   [2]Cipher // nil: no keys of that epoch
	next      nextKeys
	position  uint32 // in Contract.open
	serial    uint32 // of this run, of tagRef
	marked    bool   // in Contract.sessions
	item      digest
	keysItem  digest
}

// markSession has the session's item hashed anew at the end of the checkpoint.
func (c *Contract) markSession(s *session) {
	if !s.marked {
		s.marked = true
		c.sessions = append(c.sessions, s)
	}
}

// applyOpening opens a session, or changes nothing if the envelope does not open,
// its signature is not the account's, its time is over or too far ahead, its id
// was used before, or there is no room: see sessionRoom.
func (c *Contract) applyOpening(envelope []byte, opening *wire.Opening) {
	now := c.block.Timestamp
	epoch := wire.EnvelopeEpoch(envelope)
	if epoch > c.block.Epoch || c.block.Epoch-epoch > 1 {
		return
	}
	if opening.ExpiresAt <= now || opening.ExpiresAt-now > wire.MaxSessionDuration {
		return
	}
	id := wire.SessionID(opening.Secret)
	if _, used := c.ids.byID[id]; used { // I4: a recorded opening replays to nothing
		return
	}
	handle, room := c.sessionRoom(opening.Account)
	if !room {
		return
	}
	c.closeSession(handle)
	c.useID(sessionID{id: id, expiresAt: opening.ExpiresAt, account: handle})
	s := &session{account: handle, opened: epoch, id: id, expiresAt: opening.ExpiresAt, queryKey: c.config.Opener.QueryKey(opening)}
	root := c.config.Opener.RootKey(opening, epoch)
	if epoch != c.block.Epoch {
		c.setKeys(s, previousEpoch, root)
		root = c.config.Opener.RatchetKey(root, c.block.Epoch)
	}
	c.setKeys(s, currentEpoch, root)
	c.enterSession(s)
	c.record(handle, entry{kind: wire.EventSessionOpened, number: opening.ExpiresAt})
}

// enterSession makes a session with keys its account's open one.
func (c *Contract) enterSession(s *session) {
	a := &c.accounts.list[s.account]
	a.session = s
	if a.funded() {
		c.accounts.sessions++
	}
	c.serial++
	s.serial, s.position = c.serial, uint32(len(c.open))
	c.open = append(c.open, s)
	s.window.eachOpen(func(sequence uint64) { c.addTags(s, sequence) })
	c.replaceItem(&s.keysItem, c.currentKeysItem(s))
	c.markSession(s)
}

// sessionRoom gives the account's handle if it may have one more session id, and
// a session unless it has one that the new one replaces. Accounts with a leaf and
// those without have bounds of their own, so that the latter never keep the former
// out; what expires makes room.
func (c *Contract) sessionRoom(id wire.AccountID) (handle uint32, room bool) {
	limits := &c.config.Limits
	if handle, known := c.accounts.byID[id]; known {
		a := &c.accounts.list[handle]
		if a.funded() {
			return handle, a.liveIDs < limits.LiveIDs && (a.session != nil || c.accounts.sessions < limits.Sessions)
		}
		return handle, a.liveIDs < limits.LiveIDs && c.accounts.unfunded < limits.UnfundedIDs
	}
	if c.accounts.unfunded >= limits.UnfundedIDs || !c.hasRoom() {
		return 0, false
	}
	return c.openAccount(id), true
}

func (c *Contract) setKeys(s *session, epoch int, root [32]byte) {
	s.roots[epoch], s.ciphers[epoch] = root, c.config.Opener.Cipher(root)
}

// closeSession ends an account's session, if it has one. Its id stays used.
func (c *Contract) closeSession(handle uint32) {
	a := &c.accounts.list[handle]
	s := a.session
	if s == nil {
		return
	}
	c.leaveTags(s)
	c.dropItem(&s.item)
	c.dropItem(&s.keysItem)
	a.session = nil
	if a.funded() {
		c.accounts.sessions--
	}
	last := len(c.open) - 1
	moved := c.open[last]
	c.open[s.position], moved.position, c.open[last] = moved, s.position, nil
	c.open = c.open[:last]
	*s = session{marked: s.marked} // erases the keys; a marked session has no account now
}

// closeSessions hashes the sessions that changed in this checkpoint.
func (c *Contract) closeSessions() {
	for i, s := range c.sessions {
		if c.accounts.list[s.account].session == s {
			c.replaceItem(&s.item, c.sessionItem(s))
		}
		s.marked = false
		c.sessions[i] = nil
	}
	c.sessions = c.sessions[:0]
}

func (c *Contract) sessionItem(s *session) []byte {
	b := binary.LittleEndian.AppendUint32(c.startItem(itemSession), s.account)
	b = binary.LittleEndian.AppendUint32(b, s.opened)
	b = append(b, s.id[:]...)
	b = binary.LittleEndian.AppendUint64(b, s.expiresAt)
	b = binary.LittleEndian.AppendUint64(b, s.window.next)
	return binary.LittleEndian.AppendUint64(b, s.window.used)
}

// currentKeysItem binds the keys that a session has, keysItem those of an epoch and,
// unless nil, of the one before.
func (c *Contract) currentKeysItem(s *session) []byte {
	if s.ciphers[previousEpoch] == nil {
		return c.keysItem(s, &s.roots[currentEpoch], nil)
	}
	return c.keysItem(s, &s.roots[currentEpoch], &s.roots[previousEpoch])
}

func (c *Contract) keysItem(s *session, current, previous *[32]byte) []byte {
	b := binary.LittleEndian.AppendUint32(c.startItem(itemSessionKeys), s.account)
	b = append(b, s.queryKey[:]...)
	b = append(b, current[:]...)
	if previous == nil {
		return b
	}
	return append(b, previous[:]...)
}
