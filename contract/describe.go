package contract

import "github.com/bitcloak/bitcloak/wire"

// describeFill is a fill as its account sees it.
func (c *Contract) describeFill(number uint64, f *fill) wire.Fill {
	m := c.findMarket(f.market)
	base, _ := m.BaseAmount(f.quantity) // they fitted as it traded, and never change
	quote, _ := m.QuoteAmount(f.quantity, f.price)
	return wire.Fill{
		Index: number, Trade: f.trade, Order: f.order, Market: f.market, Side: f.side, Maker: f.maker, Price: f.price,
		Quantity: f.quantity, Base: base, Quote: quote, Fee: f.fee, Checkpoint: f.checkpoint, Number: f.number, Timestamp: f.timestamp,
	}
}

// describeEntry is a history entry as its account sees it.
func (c *Contract) describeEntry(number uint64, e *entry) wire.HistoryEntry {
	event := wire.HistoryEvent{Kind: e.kind, Order: e.order, Command: e.command, Reason: e.reason, Amount: e.amount}
	switch e.kind {
	case wire.EventDeposited, wire.EventWithdrawn, wire.EventWithdrawalWaiting:
		event.Asset, event.Number = e.subject, e.number
	case wire.EventSessionOpened:
		event.ExpiresAt = e.number
	case wire.EventPlaced:
		event.Market, event.Quantity = e.subject, e.number
	case wire.EventAmended, wire.EventCancelled, wire.EventExpired:
		event.Quantity = e.number
	case wire.EventFilled:
		event.Number = e.number
	case wire.EventTransferIn, wire.EventTransferOut:
		event.Asset, event.Account = e.subject, c.accounts.list[e.other].id // both have leaves: never released
	case wire.EventRelayFee:
		event.Order = 0
		event.Account, event.Amount = e.relayFee()
	}
	return wire.HistoryEntry{Index: number, Checkpoint: e.checkpoint, Timestamp: e.timestamp, Event: event}
}

// Frame is what a viewer's stream brings at the last commit. It has the same
// shape for every viewer; ok is false once the session it was made for is over.
func (c *Contract) Frame(v Viewer) (frame wire.Frame, ok bool) {
	a := c.viewed(v)
	if a == nil || c.fault != nil || c.started || c.checkpoint == 0 {
		return frame, false
	}
	frame = wire.Frame{
		Checkpoint: c.last.Checkpoint, Number: c.last.Number, BlockHash: c.last.BlockHash, StateRoot: c.last.StateRoot,
		Timestamp: c.last.Timestamp, Changed: a.changed == c.checkpoint,
	}
	if !frame.Changed {
		return frame, true
	}
	// Numbers are the ring's; what a full ring has dropped is gone, and more says so.
	first := max(a.fillsBefore+1, a.fills.first())
	last := min(a.fills.count, first+wire.MaxFrameFills-1)
	for number := first; number <= last; number++ {
		frame.Fills = append(frame.Fills, c.describeFill(number, a.fills.at(number)))
	}
	frame.More = a.fills.count-a.fillsBefore > uint64(len(frame.Fills))
	return frame, true
}
