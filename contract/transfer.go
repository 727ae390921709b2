package contract

import "github.com/bitcloak/bitcloak/wire"

// applyDeposit credits a deposit to its beneficiary. I9: what cannot be credited,
// because the beneficiary does not open or the ledger is full, is paid back.
func (c *Contract) applyDeposit(d *wire.Deposit, beneficiary wire.AccountID, known bool) {
	if d.Amount.IsZero() {
		return
	}
	if _, exists := c.accounts.byID[beneficiary]; !exists && !c.hasRoom() {
		known = false
	}
	if known {
		handle, exists := c.accounts.byID[beneficiary]
		_, has := c.ledger.find(handle, d.Asset)
		known = exists && has || c.ledgerRoom(d.Asset)
	}
	if !known {
		c.pay(d.Depositor, d.Asset, d.Amount)
		return
	}
	handle := c.openAccount(beneficiary)
	index := c.openLeaf(handle, d.Asset)
	c.enter(index, d.Amount)
	c.credit(index, d.Amount)
	c.record(handle, entry{kind: wire.EventDeposited, subject: d.Asset, amount: d.Amount, number: d.ID})
}

// withdraw moves from available to the outbox, for an account of the chain.
func (c *Contract) withdraw(handle uint32, command *wire.Command) wire.Reason {
	index, reason := c.checkAmount(handle, command)
	if reason != wire.ReasonNone {
		return reason
	}
	if uint64(c.outbox.len()) >= uint64(c.config.Limits.Outbox) {
		return wire.ReasonOutboxFull
	}
	c.debit(index, command.Amount)
	c.leave(index, command.Amount)
	number := c.pay(command.To, command.Asset, command.Amount)
	c.record(handle, entry{kind: wire.EventWithdrawn, subject: command.Asset, amount: command.Amount, number: number})
	return wire.ReasonNone
}

// transfer moves what is available to another account of the ledger.
func (c *Contract) transfer(handle uint32, command *wire.Command) wire.Reason {
	index, reason := c.checkAmount(handle, command)
	if reason != wire.ReasonNone {
		return reason
	}
	if c.accounts.list[handle].id == command.To {
		return wire.ReasonSameAccount
	}
	to, exists := c.accounts.byID[command.To]
	if !exists && !c.hasRoom() {
		return wire.ReasonLedgerFull
	}
	if _, has := c.ledger.find(to, command.Asset); !(exists && has) && !c.ledgerRoom(command.Asset) {
		return wire.ReasonLedgerFull
	}
	to = c.openAccount(command.To)
	toIndex := c.openLeaf(to, command.Asset)
	c.debit(index, command.Amount)
	c.credit(toIndex, command.Amount)
	c.record(handle, entry{kind: wire.EventTransferOut, subject: command.Asset, amount: command.Amount, other: to})
	c.record(to, entry{kind: wire.EventTransferIn, subject: command.Asset, amount: command.Amount, other: handle})
	return wire.ReasonNone
}

// checkAmount finds the leaf that has the amount available.
func (c *Contract) checkAmount(handle uint32, command *wire.Command) (index uint32, reason wire.Reason) {
	if command.Amount.IsZero() {
		return 0, wire.ReasonAmount
	}
	index, found := c.ledger.find(handle, command.Asset)
	if !found || c.ledger.leaves[index].available.Less(command.Amount) {
		return 0, wire.ReasonBalance
	}
	return index, wire.ReasonNone
}
