package contract

import "github.com/bitcloak/bitcloak/wire"

// applySealed applies what an authentic envelope of an account holds: as a whole, or
// not at all and with a reason in the account's history (I9). Its sequence is used up.
// Whoever relayed it is refunded first, whatever becomes of the command.
func (c *Contract) applySealed(handle uint32, p *Prepared) {
	if !p.readable {
		c.record(handle, entry{kind: wire.EventRejected, command: wire.CommandUnreadable, reason: wire.ReasonUnreadable})
		return
	}
	reason := c.refundRelay(handle, &p.Message.Envelope, p.command.Relay)
	if reason == wire.ReasonNone {
		reason = c.applyCommand(handle, &p.command)
	}
	if reason != wire.ReasonNone {
		c.record(handle, entry{kind: wire.EventRejected, command: p.command.Kind, order: p.command.Order, reason: reason})
	}
}

// applyCommand applies a command, or says why it changes nothing.
func (c *Contract) applyCommand(handle uint32, command *wire.Command) (reason wire.Reason) {
	switch command.Kind {
	case wire.CommandDummy:
	case wire.CommandPlace:
		reason = c.place(handle, command)
	case wire.CommandAmend:
		reason = c.amend(handle, command)
	case wire.CommandCancel:
		reason = c.cancel(handle, command)
	case wire.CommandCancelAll:
		reason = c.cancelAll(handle, command)
	case wire.CommandWithdraw:
		reason = c.withdraw(handle, command)
	case wire.CommandTransfer:
		reason = c.transfer(handle, command)
	case wire.CommandCloseSession:
		c.closeSession(handle)
		c.record(handle, entry{kind: wire.EventSessionClosed})
	}
	return reason
}
