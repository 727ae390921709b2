package contract

import "github.com/bitcloak/bitcloak/wire"

// applyCommand applies an opened command of an account: as a whole, or not at all
// and with a reason in the account's history (I9). Its sequence is used up.
func (c *Contract) applyCommand(handle uint32, command *wire.Command, readable bool) {
	if !readable {
		c.record(handle, entry{kind: wire.EventRejected, command: wire.CommandUnreadable, reason: wire.ReasonUnreadable})
		return
	}
	reason := wire.ReasonNone
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
	if reason != wire.ReasonNone {
		c.record(handle, entry{kind: wire.EventRejected, command: command.Kind, order: command.Order, reason: reason})
	}
}
