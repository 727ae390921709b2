package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// call asks the head's state through a runtime API.
func call[T any](t testing.TB, c *chain, method string, args []byte, result scale.Codec[T]) T {
	t.Helper()
	encoded, err := c.fork().Call(method, args)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	v, err := result.Unmarshal(encoded)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return v
}

func feeQuery(xt []byte) []byte {
	return append(append([]byte(nil), xt...), scale.U32.Marshal(uint32(len(xt)))...)
}

// feeOf is the fee that a client is told, without the tip.
func feeOf(t testing.TB, c *chain, xt []byte) scale.U128 {
	t.Helper()
	return call(t, c, "TransactionPaymentApi_query_info", feeQuery(xt), payment.RuntimeDispatchInfoCodec).PartialFee
}

func TestTheFeePaidIsTheFeeTold(t *testing.T) {
	alice, bob := dev(t, "Alice"), dev(t, "Bob").AccountID()
	remark := append([]byte{system.Index, 7}, scale.Bytes(1<<16).Marshal(make([]byte, 5_000))...)
	for name, test := range map[string]struct {
		call []byte
		tip  uint64
	}{
		"transfer":            {transferCall(transferKeepAlive, bob, cloak), 0},
		"transfer with a tip": {transferCall(transferKeepAlive, bob, cloak), 12_345},
		"a long remark":       {remark, 1},
		"a failing transfer":  {transferCall(transferKeepAlive, bob, 1<<62), 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t)
			xt := c.signWith(alice, test.call, extrinsic.Extensions{Tip: scale.U128From(test.tip)})
			told := feeOf(t, c, xt)
			details := call(t, c, "TransactionPaymentApi_query_fee_details", feeQuery(xt), payment.FeeDetailsCodec)
			if !details.Inclusion.Some || details.Inclusion.Value.Total() != told {
				t.Fatalf("details say %+v, info says %s", details, told)
			}
			treasury := c.free(payment.Treasury)
			c.block(xt)
			want, _ := told.Add(scale.U128From(test.tip))
			if got := minus(t, c.free(payment.Treasury), treasury); got != want {
				t.Fatalf("the treasury got %s, want %s", got, want)
			}
			for _, e := range events(t, c) {
				if e.name != "TransactionPayment.TransactionFeePaid" {
					continue
				}
				account := alice.AccountID()
				expected := append(append(append([]byte(nil), account[:]...),
					scale.U128Codec.Marshal(want)...), scale.U128Codec.Marshal(scale.U128From(test.tip))...)
				if string(e.fields) != string(expected) {
					t.Fatalf("the event says %x, want %x", e.fields, expected)
				}
				return
			}
			t.Fatal("no event says that the fee was paid")
		})
	}
}

func TestFeesAreLinear(t *testing.T) {
	c := newChain(t)
	weight := call(t, c, "TransactionPaymentApi_query_weight_to_fee", frame.WeightCodec.Marshal(frame.Weight{RefTime: 7, ProofSize: 9}), scale.U128Codec)
	length := call(t, c, "TransactionPaymentApi_query_length_to_fee", scale.U32.Marshal(3), scale.U128Codec)
	if weight != scale.U128From(7) || length != scale.U128From(3_000_000) {
		t.Fatalf("weight fee %s, length fee %s", weight, length)
	}
}

func TestWhoCannotPayCannotAct(t *testing.T) {
	c, poor := withPoor(t, ed) // the fee would kill the account
	b := c.next()
	xt := c.sign(poor, transferCall(transferAllowDeath, dev(t, "Bob").AccountID(), 0))
	if result := b.ApplyExtrinsic(xt); result.Invalid != frame.InvalidPayment {
		t.Fatalf("got %+v", result)
	}
	b.commit()
	if account := system.Account(c.context(), poor.AccountID()); account.Nonce != 0 || account.Data.Free != scale.U128From(ed) {
		t.Fatalf("an invalid extrinsic left %+v", account)
	}
	huge := c.signWith(dev(t, "Alice"), transferCall(transferAllowDeath, poor.AccountID(), 0), extrinsic.Extensions{Tip: scale.MaxU128})
	if result := c.next().ApplyExtrinsic(huge); result.Invalid != frame.InvalidPayment {
		t.Fatalf("a tip that overflows: %+v", result)
	}
}

// TestAFeeThatNobodyCanTakeIsBurned has no treasury account, and a fee below the
// existential deposit.
func TestAFeeThatNobodyCanTakeIsBurned(t *testing.T) {
	genesis := developmentGenesisWithout(payment.Treasury)
	c := newChainFrom(t, genesis)
	issuance := balances.TotalIssuance(c.context())
	xt := c.sign(dev(t, "Alice"), transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), cloak))
	fee := feeOf(t, c, xt)
	if !fee.Less(balances.ExistentialDeposit) {
		t.Skip("a transfer costs more than the existential deposit")
	}
	c.block(xt) // its check of the state includes I1
	if minus(t, issuance, balances.TotalIssuance(c.context())) != fee {
		t.Fatal("the fee was not burned")
	}
}
