package privateassets

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// TestNothingIsPaidToCustodyItself: from custody to custody, an amount would leave the
// counters and be nobody's. As a payout that failed it stays backed (I2), and the others of
// its commit are paid.
func TestNothingIsPaidToCustodyItself(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustCommit(payout(wire.CustodyAccount, usdt, 100), payout(carol, usdt, 50))
	w.expectBalance(usdt, wire.CustodyAccount, 450)
	w.expectBalance(usdt, carol, 50)
	w.expect(usdt, wire.Counters{Deposited: units(500), DepositedAtCommit: units(500),
		Liabilities: units(350), Queued: units(100), Custody: units(450)})
	if got := claimable.Get(w.c, wire.CustodyAccount, usdt); got != units(100) {
		t.Fatalf("%s is claimable", got)
	}
}

func TestNobodyClaimsToCustody(t *testing.T) {
	w := newWorld(t)
	w.mustDeposit(alice, usdt, 500)
	w.mustCommit(payout(carol, usdt, minimum-1)) // too little to open an account with
	if err := w.do(frame.Signed(carol), wire.CallClaim(usdt, scale.Some(wire.CustodyAccount))); err != ErrToCustody {
		t.Fatal(err)
	}
	if got := claimable.Get(w.c, carol, usdt); got != units(minimum-1) {
		t.Fatalf("%s is left to claim", got)
	}
	if err := w.do(frame.Signed(carol), wire.CallClaim(usdt, scale.Some(bob))); err != nil {
		t.Fatal(err)
	}
}
