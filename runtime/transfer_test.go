package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func minus(t *testing.T, a, b scale.U128) scale.U128 {
	t.Helper()
	difference, ok := a.Sub(b)
	if !ok {
		t.Fatalf("%s is less than %s", a, b)
	}
	return difference
}

func TestTransferMovesTheAmountAndPaysTheFee(t *testing.T) {
	c := newChain(t)
	alice, bob := dev(t, "Alice"), dev(t, "Bob")
	aliceBefore, bobBefore, treasuryBefore := c.free(alice.AccountID()), c.free(bob.AccountID()), c.free(payment.Treasury)
	results := c.block(c.sign(alice, transferCall(transferKeepAlive, bob.AccountID(), cloak)))
	if results[0].Failed() {
		t.Fatal(results[0].Error)
	}
	if got := minus(t, c.free(bob.AccountID()), bobBefore); got != scale.U128From(cloak) {
		t.Fatalf("bob got %s", got)
	}
	fee := minus(t, c.free(payment.Treasury), treasuryBefore)
	if fee.IsZero() {
		t.Fatal("the treasury got nothing")
	}
	paid := minus(t, aliceBefore, c.free(alice.AccountID()))
	if paid != minus(t, paid, scale.U128{}) || minus(t, paid, fee) != scale.U128From(cloak) {
		t.Fatalf("alice paid %s, of which %s is the fee", paid, fee)
	}
	if c.nonce(alice.AccountID()) != 1 {
		t.Fatal("the nonce was not counted")
	}
}

var _ = frame.Weight{}
