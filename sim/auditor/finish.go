package auditor

import (
	"fmt"
	"math/big"
)

// Finish is the last judgement, when every owner has stated all and every checkpoint with something in it is committed:
// nothing is left unexplained.
func (a *Auditor) Finish() error {
	for i := len(a.roots); i < len(a.checkpoints); i++ {
		if !a.checkpoints[i].idle {
			return fmt.Errorf("auditor: checkpoint %d of %d is not committed: finish later", i, len(a.checkpoints))
		}
	}
	for _, check := range []func() error{a.checkRoots, a.checkTrades, a.checkPayouts, a.checkDeposits, a.checkSums} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkRoots: what workers answered about is what the chain has committed.
func (a *Auditor) checkRoots() error {
	for _, c := range a.statements.claims {
		if c.checkpoint < uint64(len(a.roots)) && a.roots[c.checkpoint] != c.root {
			return fmt.Errorf("I5: %x was answered with a root of checkpoint %d that is not the chain's", c.account[:4], c.checkpoint)
		}
	}
	return nil
}

// checkTrades: each has two sides that say the same.
func (a *Auditor) checkTrades() error {
	for trade, sides := range a.statements.trades {
		if len(sides) != 2 {
			return fmt.Errorf("I4: trade %d has %d sides", trade, len(sides))
		}
		x, y := sides[0], sides[1]
		if x.side == y.side || x.maker == y.maker || x.account == y.account || x.market != y.market || x.price != y.price ||
			x.quantity != y.quantity || x.base.Cmp(y.base) != 0 || x.quote.Cmp(y.quote) != 0 || x.checkpoint != y.checkpoint {
			return fmt.Errorf("I6: the sides of trade %d say different things", trade)
		}
	}
	return nil
}

// checkPayouts: each was asked for by the account it was debited from, or gives a deposit back.
func (a *Auditor) checkPayouts() error {
	for seq, p := range a.payouts {
		w, owned := a.statements.outbox[uint64(seq)]
		switch {
		case owned:
			request := withdrawal{w.account, p.to, p.asset, p.amount.String()}
			if w.asset != p.asset || w.amount.Cmp(p.amount) != 0 || a.statements.asked[request] == 0 {
				return fmt.Errorf("I9: payout %d of %v of asset %d is not what %x asked for", seq, p.amount, p.asset, w.account[:4])
			}
			a.statements.asked[request]--
			p.explain = "withdrawal"
		case a.givesBack(p):
			p.explain = "deposit given back"
		default:
			return fmt.Errorf("I4: nobody asked for payout %d of %v of asset %d to %x", seq, p.amount, p.asset, p.to[:4])
		}
	}
	for seq := range a.statements.outbox {
		if seq >= uint64(len(a.payouts)) {
			return fmt.Errorf("I9: payout %d was debited and never made", seq)
		}
	}
	return nil
}

// givesBack finds the deposit that a payout gives back.
func (a *Auditor) givesBack(p *payout) bool {
	for _, d := range a.deposits {
		if d.settled == "" && d.depositor == p.to && d.asset == p.asset && d.amount.Cmp(p.amount) == 0 {
			d.settled = "given back"
			return true
		}
	}
	return false
}

// checkDeposits: each was credited or given back.
func (a *Auditor) checkDeposits() error {
	for id, d := range a.deposits {
		if d.settled == "" {
			return fmt.Errorf("I9: deposit %d of %v of asset %d by %x is nowhere", id, d.amount, d.asset, d.depositor[:4])
		}
	}
	return nil
}

// checkSums: what the chain owes the contract is what all owners have, and the fees.
func (a *Auditor) checkSums() error {
	for asset, b := range a.books {
		sum := new(big.Int).Set(orZero(a.statements.earned[asset]))
		for _, o := range a.statements.accounts {
			sum.Add(sum, orZero(o.totals[asset]))
		}
		if sum.Cmp(b.liabilities) != 0 {
			return fmt.Errorf("I2: of asset %d all owners and the fees have %v, the chain owes %v", asset, sum, b.liabilities)
		}
	}
	return nil
}

// Left is what an account still has in the contract, by its own history.
func (a *Auditor) Left(account Account, asset uint32) *big.Int {
	o := a.statements.accounts[account]
	if o == nil {
		return new(big.Int)
	}
	return orZero(o.totals[asset])
}

// Fees are what the contract has earned of an asset.
func (a *Auditor) Fees(asset uint32) *big.Int { return orZero(a.statements.earned[asset]) }

// Figures say how much was seen.
func (a *Auditor) Figures() string {
	return fmt.Sprintf("%d blocks, %d deposits, %d payouts, %d trades, %d commits, %d statements", a.number, len(a.deposits), len(a.payouts),
		len(a.statements.trades), len(a.roots), len(a.statements.claims))
}

// Owed is what the chain still owes of an asset, in the contract and unpaid.
func (a *Auditor) Owed(asset uint32) *big.Int {
	if b := a.books[asset]; b != nil {
		return new(big.Int).Add(b.liabilities, b.queued)
	}
	return new(big.Int)
}
