package auditor

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Finish is the last judgement, when every owner has stated all and every checkpoint with something in it is committed:
// nothing is left unexplained.
func (a *Auditor) Finish() error {
	for i := len(a.roots); i < len(a.checkpoints); i++ {
		if !a.checkpoints[i].idle {
			return fmt.Errorf("auditor: checkpoint %d of %d is not committed: finish later", i, len(a.checkpoints))
		}
	}
	for _, check := range []func() error{a.checkRoots, a.checkTrades, a.Payouts, a.checkDeposits, a.checkSums} {
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

// Payouts holds those that were made against what was asked for, as far as owners have told: each was asked for by the account it was debited from, or is among those that give deposits back, refund a
// relay or sweep fees. These add up in the outbox, so their sums are compared.
func (a *Auditor) Payouts() error {
	others := map[holding]*big.Int{}
	for seq, p := range a.payouts {
		w, owned := a.statements.outbox[uint64(seq)]
		if !owned {
			h := holding{p.asset, p.to}
			others[h] = new(big.Int).Add(orZero(others[h]), p.amount)
			continue
		}
		request := withdrawal{w.account, p.to, p.asset, p.amount.String()}
		if w.asset != p.asset || w.amount.Cmp(p.amount) != 0 || a.statements.asked[request] == 0 {
			return fmt.Errorf("I9: payout %d of %v of asset %d is not what %x asked for", seq, p.amount, p.asset, w.account[:4])
		}
		a.statements.asked[request]--
	}
	for seq := range a.statements.outbox {
		if seq >= uint64(len(a.payouts)) {
			return fmt.Errorf("I9: payout %d was debited and never made", seq)
		}
	}
	var errs []string
	for h, paid := range others {
		if err := a.checkOthers(h, paid); err != nil {
			errs = append(errs, err.Error())
		}
	}
	if errs == nil {
		return nil
	}
	slices.Sort(errs)
	return errors.New(strings.Join(errs, "; "))
}

// checkOthers judges what was paid to an account without a withdrawal.
func (a *Auditor) checkOthers(h holding, paid *big.Int) error {
	due := new(big.Int).Set(orZero(a.statements.relayed[h]))
	a.back += a.giveBack(h, due)
	if a.statements.sweeps[h] {
		swept := new(big.Int).Sub(paid, due)
		add(a.swept, h.asset, swept)
		if swept.Sign() < 0 || a.swept[h.asset].Cmp(orZero(a.statements.earned[h.asset])) > 0 {
			return fmt.Errorf("I2: %v of asset %d were swept as fees, earned were %v", swept, h.asset, a.statements.earned[h.asset])
		}
		return nil
	}
	if paid.Cmp(due) != 0 {
		return fmt.Errorf("I4: %x was paid %v of asset %d for deposits and as a relay, due were %v", h.account[:4], paid, h.asset, due)
	}
	return nil
}

// giveBack adds up what an account deposited and nobody was credited with, and counts it.
func (a *Auditor) giveBack(h holding, due *big.Int) (count int) {
	for _, d := range a.deposits {
		if d.settled == "" && d.depositor == h.account && d.asset == h.asset {
			d.settled = "given back"
			due.Add(due, d.amount)
			count++
		}
	}
	return count
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
		sum := a.Fees(asset)
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

// Fees are what the contract has earned of an asset and nobody has swept.
func (a *Auditor) Fees(asset uint32) *big.Int {
	return new(big.Int).Sub(orZero(a.statements.earned[asset]), orZero(a.swept[asset]))
}

// Figures say how much of what was seen.
func (a *Auditor) Figures() map[string]int {
	failed := 0
	for _, p := range a.payouts {
		if p.failed {
			failed++
		}
	}
	relayed := 0
	for range a.statements.relayed {
		relayed++
	}
	return map[string]int{"relays refunded": relayed, "deposits": len(a.deposits), "deposits given back": a.back, "payouts": len(a.payouts), "payouts to be claimed": failed,
		"trades": len(a.statements.trades), "commits": len(a.roots), "statements": len(a.statements.claims)}
}

// Owed is what the chain still owes of an asset, in the contract and unpaid.
func (a *Auditor) Owed(asset uint32) *big.Int {
	if b := a.books[asset]; b != nil {
		return new(big.Int).Add(b.liabilities, b.queued)
	}
	return new(big.Int)
}
