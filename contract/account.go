package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/wire"
)

// feeAccount is the handle of wire.FeeAccount, made with the contract.
const feeAccount = 0

// account is one account under its handle. A handle is free while live is false.
type account struct {
	id          wire.AccountID
	live        bool
	liveIDs     uint32 // session ids whose expiry lies ahead
	openOrders  uint32
	firstLeaf   uint32 // plus one, 0 if none; leaves of an account are linked in their order
	lastLeaf    uint32 // plus one
	session     *session
	history     ring[entry]
	fills       ring[fill]
	changed     uint64 // checkpoint plus one of the last entry
	fillsBefore uint64 // next fill's index as checkpoint changed-1 began
}

// accounts finds accounts by handle and by id. Handles of accounts that never had
// a leaf are used again, last freed first, once no session id of theirs is live.
type accounts struct {
	list     []account
	byID     map[wire.AccountID]uint32
	free     []uint32
	unfunded uint32 // live session ids of accounts without a leaf
	sessions uint32 // open ones of accounts with a leaf
}

// funded tells whether the account has a leaf.
func (a *account) funded() bool { return a.firstLeaf != 0 }

// hasRoom tells whether one more account may be made.
func (c *Contract) hasRoom() bool {
	return len(c.accounts.free) > 0 || uint64(len(c.accounts.list)) < uint64(c.config.Limits.Accounts)
}

// openAccount is the handle of an account, made if need be; hasRoom was asked.
func (c *Contract) openAccount(id wire.AccountID) uint32 {
	if handle, known := c.accounts.byID[id]; known {
		return handle
	}
	var handle uint32
	if last := len(c.accounts.free) - 1; last >= 0 {
		handle = c.accounts.free[last]
		c.removeItem(c.freeHandleItem(last, handle))
		c.accounts.free = c.accounts.free[:last]
	} else {
		handle = uint32(len(c.accounts.list))
		c.accounts.list = append(c.accounts.list, account{})
	}
	c.accounts.list[handle] = account{id: id, live: true}
	c.accounts.byID[id] = handle
	c.addItem(c.accountItem(handle, id))
	return handle
}

// releaseAccount frees the handle of an account that never had a leaf, and
// forgets its history.
func (c *Contract) releaseAccount(handle uint32) {
	a := &c.accounts.list[handle]
	c.removeItem(c.accountItem(handle, a.id))
	c.forgetHistory(handle)
	delete(c.accounts.byID, a.id)
	*a = account{}
	c.addItem(c.freeHandleItem(len(c.accounts.free), handle))
	c.accounts.free = append(c.accounts.free, handle)
}

func (c *Contract) accountItem(handle uint32, id wire.AccountID) []byte {
	b := binary.LittleEndian.AppendUint32(c.startItem(itemAccount), handle)
	return append(b, id[:]...)
}

func (c *Contract) freeHandleItem(position int, handle uint32) []byte {
	b := binary.LittleEndian.AppendUint32(c.startItem(itemFreeHandle), uint32(position))
	return binary.LittleEndian.AppendUint32(b, handle)
}
