package contract

import "github.com/bitcloak/bitcloak/wire"

// applyDeposit credits a deposit to its beneficiary. I9: what cannot be credited,
// because the beneficiary does not open or the ledger is full, is paid back to the
// depositor. While Limits.Outbox payouts wait it is the depositor's in the ledger
// instead, if that has room: refused deposits never make the outbox grow for ever.
func (c *Contract) applyDeposit(d *wire.Deposit, beneficiary wire.AccountID, known bool) {
	switch {
	case d.Amount.IsZero():
	case known && c.leafRoom(beneficiary, d.Asset):
		c.creditDeposit(beneficiary, d)
	case c.outbox.count >= uint64(c.config.Limits.Outbox) && c.leafRoom(d.Depositor, d.Asset):
		c.creditDeposit(d.Depositor, d)
	default:
		c.pay(d.Depositor, d.Depositor, d.Asset, d.Amount)
	}
}

// leafRoom tells whether an account has a leaf of an asset or may have one made.
func (c *Contract) leafRoom(id wire.AccountID, asset uint32) bool {
	handle, exists := c.accounts.byID[id]
	if exists {
		if _, has := c.ledger.find(handle, asset); has {
			return true
		}
	}
	return (exists || c.hasRoom()) && c.ledgerRoom(asset)
}

func (c *Contract) creditDeposit(to wire.AccountID, d *wire.Deposit) {
	handle := c.openAccount(to)
	index := c.openLeaf(handle, d.Asset)
	c.enter(index, d.Amount)
	c.credit(index, d.Amount)
	c.record(handle, entry{kind: wire.EventDeposited, subject: d.Asset, amount: d.Amount, number: d.ID})
}

// applyFees pays out all that the fee account has of an asset, for governance. Paid
// to custody it would be nobody's.
func (c *Contract) applyFees(fees *wire.Fees) {
	index, found := c.ledger.find(feeAccount, fees.Asset)
	if !found || c.ledger.leaves[index].available.IsZero() || fees.To == wire.CustodyAccount {
		return
	}
	amount := c.ledger.leaves[index].available
	c.debit(index, amount)
	c.leave(index, amount)
	c.pay(wire.FeeAccount, fees.To, fees.Asset, amount)
}

// withdraw moves from available to the outbox, for an account of the chain. The
// account's history tells when the payout leaves. Custody would pay itself, and
// what backed the balance would be nobody's: it is no receiver.
func (c *Contract) withdraw(handle uint32, command *wire.Command) wire.Reason {
	index, reason := c.checkAmount(handle, command)
	switch {
	case reason != wire.ReasonNone:
		return reason
	case command.To == wire.CustodyAccount:
		return wire.ReasonCustody
	case !c.withdrawalRoom(c.accounts.list[handle].id):
		return wire.ReasonOutboxFull
	}
	c.debit(index, command.Amount)
	c.leave(index, command.Amount)
	c.payWithdrawal(handle, command.To, command.Asset, command.Amount)
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
	if !c.leafRoom(command.To, command.Asset) {
		return wire.ReasonLedgerFull
	}
	to := c.openAccount(command.To)
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
