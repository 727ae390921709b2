package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func minus(t testing.TB, a, b scale.U128) scale.U128 {
	t.Helper()
	difference, ok := a.Sub(b)
	if !ok {
		t.Fatalf("%s is less than %s", a, b)
	}
	return difference
}

// ed is the existential deposit, in base units.
const ed = 1_000_000_000

// withPoor is a chain with one more account that holds this much and nothing else.
func withPoor(t *testing.T, free uint64) (*chain, keys.Pair) {
	t.Helper()
	pair, err := keys.PairFromSURI(keys.Sr25519, "//Poor")
	if err != nil {
		t.Fatal(err)
	}
	genesis := runtime.DevelopmentGenesis()
	genesis.Balances.Balances = append(genesis.Balances.Balances,
		balances.Endowment{Account: frame.Address(pair.AccountID()), Free: scale.U128From(free)})
	return newChainFrom(t, genesis), pair
}

// leaving is a transfer to Bob after which the account has so much left.
func leaving(t *testing.T, c *chain, index uint8, who keys.Pair, left uint64) []byte {
	t.Helper()
	bob := dev(t, "Bob").AccountID()
	fee := feeOf(t, c, c.sign(who, transferCall(index, bob, c.free(who.AccountID()).Lo)))
	amount := minus(t, minus(t, c.free(who.AccountID()), fee), scale.U128From(left))
	return transferCall(index, bob, amount.Lo)
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
	if minus(t, paid, fee) != scale.U128From(cloak) {
		t.Fatalf("alice paid %s, of which %s is the fee", paid, fee)
	}
	if c.nonce(alice.AccountID()) != 1 {
		t.Fatal("the nonce was not counted")
	}
}

func TestTransfersThatFail(t *testing.T) {
	stranger := scale.AccountID{9}
	bob := dev(t, "Bob").AccountID()
	fixed := func(call []byte) func(*testing.T, *chain, keys.Pair) []byte {
		return func(*testing.T, *chain, keys.Pair) []byte { return call }
	}
	toIndex := append([]byte{balances.Index, transferKeepAlive},
		append(extrinsic.AddressCodec.Marshal(extrinsic.MultiAddress{Kind: extrinsic.AddressIndex}), 4)...)
	fromBob := append(append([]byte{balances.Index, forceTransfer}, extrinsic.AddressCodec.Marshal(extrinsic.AddressOf(bob))...),
		transferCall(0, stranger, cloak)[2:]...)
	for name, test := range map[string]struct {
		call func(*testing.T, *chain, keys.Pair) []byte
		want error
	}{
		"more than there is":       {fixed(transferCall(transferAllowDeath, bob, 1<<63)), frame.ErrFundsUnavailable},
		"a new account of too few": {fixed(transferCall(transferAllowDeath, stranger, ed-1)), frame.ErrBelowMinimum},
		"killing what must live": {func(t *testing.T, c *chain, poor keys.Pair) []byte {
			return leaving(t, c, transferKeepAlive, poor, ed-1)
		}, frame.ErrNotExpendable},
		"an address that is no Id":   {fixed(toIndex), frame.ErrCannotLookup},
		"forcing without being Root": {fixed(fromBob), frame.ErrBadOrigin},
	} {
		t.Run(name, func(t *testing.T) {
			c, poor := withPoor(t, 1_000*cloak)
			before, issuance := c.free(poor.AccountID()), balances.TotalIssuance(c.context())
			xt := c.sign(poor, test.call(t, c, poor))
			fee := feeOf(t, c, xt)
			result := c.block(xt)[0]
			if !result.Failed() || result.Error != test.want {
				t.Fatalf("got %v, want %v", result.Error, test.want)
			}
			// The fee is paid, and nothing else happened.
			if minus(t, before, c.free(poor.AccountID())) != fee {
				t.Fatal("the account lost another amount than the fee")
			}
			account := system.Account(c.context(), stranger)
			if balances.TotalIssuance(c.context()) != issuance || account.Exists() {
				t.Fatal("a failed call left something")
			}
		})
	}
}

func TestDustIsBurnedAndTheAccountRemoved(t *testing.T) {
	c, poor := withPoor(t, 1_000*cloak)
	issuance := balances.TotalIssuance(c.context())
	result := c.block(c.sign(poor, leaving(t, c, transferAllowDeath, poor, ed-1)))[0]
	if result.Failed() {
		t.Fatal(result.Error)
	}
	if account := system.Account(c.context(), poor.AccountID()); account != (system.AccountInfo{}) {
		t.Fatalf("the account is %+v", account)
	}
	if burned := minus(t, issuance, balances.TotalIssuance(c.context())); burned != scale.U128From(ed-1) {
		t.Fatalf("%s burned", burned)
	}
	if got := eventNames(t, c); !got["Balances.DustLost"] || !got["System.KilledAccount"] {
		t.Fatalf("events %v", got)
	}
}

func TestTheExistentialDepositMayStay(t *testing.T) {
	c, poor := withPoor(t, 1_000*cloak)
	if result := c.block(c.sign(poor, leaving(t, c, transferKeepAlive, poor, ed)))[0]; result.Failed() {
		t.Fatal(result.Error)
	}
	if got := c.free(poor.AccountID()); got != scale.U128From(ed) {
		t.Fatalf("%s is left", got)
	}
}

func TestTransferAll(t *testing.T) {
	for keepAlive, left := range map[bool]uint64{false: 0, true: ed} {
		c, poor := withPoor(t, 1_000*cloak)
		bob := dev(t, "Bob").AccountID()
		before := c.free(bob)
		xt := c.sign(poor, transferAllCall(bob, keepAlive))
		fee := feeOf(t, c, xt)
		if result := c.block(xt)[0]; result.Failed() {
			t.Fatal(result.Error)
		}
		want := minus(t, minus(t, scale.U128From(1_000*cloak), fee), scale.U128From(left))
		if got := c.free(poor.AccountID()); got != scale.U128From(left) || minus(t, c.free(bob), before) != want {
			t.Fatalf("keep alive %v: %s is left", keepAlive, got)
		}
	}
}

func TestTransferToOneself(t *testing.T) {
	c := newChain(t)
	alice := dev(t, "Alice")
	before := c.free(alice.AccountID())
	xt := c.sign(alice, transferCall(transferKeepAlive, alice.AccountID(), cloak))
	fee := feeOf(t, c, xt)
	if result := c.block(xt)[0]; result.Failed() {
		t.Fatal(result.Error)
	}
	if minus(t, before, c.free(alice.AccountID())) != fee {
		t.Fatal("a transfer to oneself changed the balance by more than its fee")
	}
}

func TestANewAccountIsEndowed(t *testing.T) {
	c := newChain(t)
	stranger := scale.AccountID{9}
	if result := c.block(c.sign(dev(t, "Alice"), transferCall(transferKeepAlive, stranger, ed)))[0]; result.Failed() {
		t.Fatal(result.Error)
	}
	account := system.Account(c.context(), stranger)
	if account.Providers != 1 || account.Data.Free != scale.U128From(ed) {
		t.Fatalf("the account is %+v", account)
	}
	if got := eventNames(t, c); !got["System.NewAccount"] || !got["Balances.Endowed"] || !got["Balances.Transfer"] {
		t.Fatalf("events %v", got)
	}
}
