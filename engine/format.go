package engine

import "fmt"

// String names the side.
func (s Side) String() string {
	if s == Buy {
		return "buy"
	}
	return "sell"
}

// String writes the event as the worked examples of spec/engine.md do.
func (e Event) String() string {
	terms := fmt.Sprintf("%d @ %d", e.Quantity, e.Price)
	switch e.Type {
	case MarketSet:
		return fmt.Sprintf("market %d set", e.Market)
	case Accepted:
		return fmt.Sprintf("accepted #%d %s %s", e.Order, e.Side, terms)
	case Rested:
		return fmt.Sprintf("rested #%d %s", e.Order, terms)
	case Fill:
		return fmt.Sprintf("trade %d: #%d takes %s from #%d, %d and %d left",
			e.Trade, e.Order, terms, e.Maker, e.Remaining, e.MakerRemaining)
	case Amended:
		priority := "anew"
		if e.KeptPriority {
			priority = "in place"
		}
		return fmt.Sprintf("amended #%d %s from %d @ %d %s", e.Order, terms, e.PriorQuantity, e.PriorPrice, priority)
	case Reduced:
		return fmt.Sprintf("reduced #%d by %d, %d left", e.Order, e.Quantity, e.Remaining)
	case Cancelled:
		return fmt.Sprintf("cancelled #%d %s: %s", e.Order, terms, e.Reason)
	case Expired:
		return fmt.Sprintf("expired #%d %s", e.Order, terms)
	case Rejected:
		return fmt.Sprintf("rejected: %s", e.Reason)
	}
	return fmt.Sprintf("unknown event %d", e.Type)
}
