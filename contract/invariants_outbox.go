package contract

import "github.com/bitcloak/bitcloak/wire"

// checkRelays sums what relays have coming: I2.
func (c *Contract) checkRelays() error {
	var sum, counted wire.U128
	for at := range c.relays.list {
		r := &c.relays.list[at]
		var fits bool
		if sum, fits = sum.Add(r.owed); !fits || r.owed.IsZero() || r.marked || c.relays.byID[r.id] != uint32(at) {
			return broken("relay %d is miscounted", at)
		}
	}
	if native, known := c.ledger.byID[wire.NativeAsset]; known {
		counted = c.ledger.assets[native].relays
	}
	if sum != counted || len(c.relays.byID) != len(c.relays.list) || uint64(len(c.relays.list)) > uint64(c.config.Limits.Relays) {
		return broken("I2: relays have %v coming, %v was taken for them", sum, counted)
	}
	return nil
}

// checkOutbox recounts what waits, and the order that it waits in.
func (c *Contract) checkOutbox() error {
	o := &c.outbox
	var count, turn uint64
	var withdrawals uint32
	sums := 0
	for _, p := range o.queue[o.head:] {
		if o.byID[p.id] != p || p.turn <= turn || p.turn > o.places || p.marked || len(p.waiting) == 0 {
			return broken("a payer is out of turn")
		}
		turn = p.turn
		var place uint64
		var own uint32
		for _, w := range p.waiting {
			if w.payer != p || w.place <= place || w.place > o.places || w.taken || w.fresh || w.marked || w.amount.IsZero() {
				return broken("a payout is out of place")
			}
			place = w.place
			count++
			if w.withdrawal {
				own++
				if w.account != c.accounts.byID[p.id] || !c.accounts.list[w.account].funded() {
					return broken("a withdrawal of nobody waits")
				}
			} else if sum := o.sums[sumKey{payer: p.id, to: w.to, asset: w.asset}]; sum == nil || sum.payer != p || sum.place < w.place {
				return broken("a payout would not be added to")
			} else if sum == w {
				sums++
			}
		}
		if own != p.withdrawals || own > maximumWaiting {
			return broken("%d withdrawals of an account wait, counted are %d", own, p.withdrawals)
		}
		withdrawals += own
	}
	if count != o.count || withdrawals != o.withdrawals || sums != len(o.sums) || len(o.byID) != len(o.queue)-o.head {
		return broken("the outbox is miscounted: %d payouts of %d payers", count, len(o.byID))
	}
	return nil
}
