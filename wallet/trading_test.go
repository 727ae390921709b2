package wallet_test

import (
	"errors"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// balance gives one asset's balance.
func balance(t *testing.T, client *wallet.Client, asset uint32) wallet.Balance {
	t.Helper()
	balances, pooled, err := client.Balances(soon(t))
	if err != nil || !pooled {
		t.Fatalf("balances: pooled %v, %v", pooled, err)
	}
	for _, b := range balances {
		if b.Asset.ID == asset {
			return b
		}
	}
	t.Fatalf("no balance of asset %d", asset)
	return wallet.Balance{}
}

func TestTrading(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.funded("Bob")
	bought, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 2000))
	if err != nil || bought.Order != 1 || bought.Status != wallet.OrderOpen || bought.Remaining != 2000 {
		t.Fatalf("buy: %+v, %v", bought, err)
	}
	sold, err := bob.Place(soon(t), n.order(bob, wire.Sell, 2450, 1500))
	if err != nil || sold.Status != wallet.OrderFilled || sold.Filled != 1500 || len(sold.Fills) != 1 || sold.Fills[0].Price != 2500 {
		t.Fatalf("sell: %+v, %v", sold, err)
	}
	fills, err := alice.Fills(soon(t), 0, 0)
	if err != nil || len(fills) != 1 || fills[0].Trade != sold.Fills[0].Trade || !fills[0].Maker {
		t.Errorf("fills: %+v, %v", fills, err)
	}
	orders, err := alice.Orders(soon(t))
	if err != nil || len(orders) != 1 || orders[0].Remaining != 500 {
		t.Errorf("orders: %+v, %v", orders, err)
	}
	if b := balance(t, alice, ksm); b.Available != units("101500000000000") {
		t.Errorf("Alice has %s KSM", b.Available)
	}
	amended, err := alice.Amend(soon(t), 1, 2400, 0)
	if err != nil || amended.Status != wallet.OrderOpen || amended.Remaining != 500 {
		t.Errorf("amend: %+v, %v", amended, err)
	}
	crossed, err := bob.Place(soon(t), n.order(bob, wire.Sell, 2400, 700))
	if err != nil || crossed.Status != wallet.OrderPartial || crossed.Filled != 500 || crossed.Remaining != 200 {
		t.Errorf("sell: %+v, %v", crossed, err)
	}
	cancelled, err := bob.Cancel(soon(t), crossed.Order)
	if err != nil || cancelled.Status != wallet.OrderCancelled || cancelled.Remaining != 200 {
		t.Errorf("cancel: %+v, %v", cancelled, err)
	}
	receipt, err := bob.Receipt(soon(t), 1)
	if err != nil || receipt.Account() != bob.Account() || receipt.Answer.Body.Fill.Index != 1 {
		t.Errorf("receipt: %v", err)
	}
}

func TestOrdersThatDoNotRest(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	order := n.order(alice, wire.Buy, 2500, 2000)
	order.TimeInForce = wire.ImmediateOrCancel
	result, err := alice.Place(soon(t), order)
	if err != nil || result.Status != wallet.OrderCancelled || result.Remaining != 2000 || result.Filled != 0 {
		t.Errorf("immediate or cancel: %+v, %v", result, err)
	}
	order.TimeInForce, order.ExpiresAt = wire.GoodTillDate, n.Now().Add(-time.Hour)
	var rejected *wallet.Rejected
	if _, err := alice.Place(soon(t), order); !errors.As(err, &rejected) || rejected.Reason != wire.ReasonExpiry {
		t.Errorf("an expiry in the past: %v", err)
	}
	order = n.order(alice, wire.Sell, 2600, 100)
	for range 2 {
		if _, err := alice.Place(soon(t), order); err != nil {
			t.Fatal(err)
		}
	}
	results, err := alice.CancelAll(soon(t), scale.Some[uint32](market))
	if err != nil || len(results) != 2 || results[1].Remaining != 100 || results[1].Market != market {
		t.Errorf("cancel all: %+v, %v", results, err)
	}
	if results, err := alice.CancelAll(soon(t), scale.None[uint32]()); err != nil || len(results) != 0 {
		t.Errorf("cancel all of nothing: %+v, %v", results, err)
	}
	if err := alice.Dummy(soon(t)); err != nil {
		t.Errorf("dummy: %v", err)
	}
}

func TestMoneyMoves(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.funded("Bob")
	asset := n.listing(alice).AssetByID(ksm)
	deposited, err := alice.Deposit(soon(t), &asset, units("5000"), bob.Account(), true)
	if err != nil || deposited.ID != 4 {
		t.Errorf("sealed deposit: %+v, %v", deposited, err)
	}
	if b := balance(t, bob, ksm); b.Available != units("100000000005000") {
		t.Errorf("Bob has %s KSM", b.Available)
	}
	if err := alice.Transfer(soon(t), &asset, units("7"), bob.Account()); err != nil {
		t.Errorf("transfer: %v", err)
	}
	paid, err := alice.Withdraw(soon(t), &asset, units("1000"), bob.Account())
	if err != nil || !paid.Paid || paid.Outbox != 0 {
		t.Errorf("withdraw: %+v, %v", paid, err)
	}
	n.failPayouts = true
	paid, err = alice.Withdraw(soon(t), &asset, units("2000"), alice.Account())
	if err != nil || paid.Paid || paid.Outbox != 1 {
		t.Errorf("a payout that fails: %+v, %v", paid, err)
	}
	if b := balance(t, alice, ksm); b.Claimable != units("2000") {
		t.Errorf("claimable is %s", b.Claimable)
	}
	claimed, err := alice.Claim(soon(t), &asset, bob.Account())
	if err != nil || claimed.Amount != units("2000") {
		t.Errorf("claim: %+v, %v", claimed, err)
	}
	if _, err := alice.Claim(soon(t), &asset, alice.Account()); !errors.Is(err, wallet.ErrNothingToClaim) {
		t.Errorf("a second claim: %v", err)
	}
}

func TestRefusalsBeforeAnythingIsSent(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	asset := n.listing(alice).AssetByID(ksm)
	sent := len(n.envelopes)
	halted := *n.order(alice, wire.Buy, 1, 1).Pair
	halted.Market.Status = wire.MarketHalted
	refusals := map[string]func() error{
		"an order beyond the balance": func() error {
			_, err := alice.Place(soon(t), n.order(alice, wire.Sell, 2500, 1_000_000))
			return err
		},
		"a buy that its fee makes too large": func() error { // 400,000 * 25,000 ticks is the whole balance, without its fee
			_, err := alice.Place(soon(t), n.order(alice, wire.Buy, 100_000, 100_000_000))
			return err
		},
		"an order on a halted market": func() error {
			_, err := alice.Place(soon(t), wallet.Order{Pair: &halted, Side: wire.Buy, Price: 1, Quantity: 1})
			return err
		},
		"an amendment of no order": func() error { _, err := alice.Amend(soon(t), 9, 1, 1); return err },
		"a cancellation of none":   func() error { _, err := alice.Cancel(soon(t), 9); return err },
		"a withdrawal of nothing":  func() error { _, err := alice.Withdraw(soon(t), &asset, scale.U128{}, alice.Account()); return err },
		"a withdrawal beyond it":   func() error { _, err := alice.Withdraw(soon(t), &asset, scale.MaxU128, alice.Account()); return err },
		"a transfer beyond it":     func() error { return alice.Transfer(soon(t), &asset, scale.MaxU128, alice.Account()) },
		"a deposit beyond it": func() error {
			_, err := alice.Deposit(soon(t), &asset, scale.MaxU128, alice.Account(), false)
			return err
		},
		"a deposit of too little":  func() error { _, err := alice.Deposit(soon(t), &asset, units("9"), alice.Account(), false); return err },
		"a session of no time":     func() error { _, err := alice.OpenSession(soon(t), 0); return err },
		"a session of half a year": func() error { _, err := alice.OpenSession(soon(t), 180*24*time.Hour); return err },
		"deposits that are paused": func() error {
			n.Set(wire.StoragePaused(), []byte{1})
			best := n.Block()
			if _, err := alice.Chain().Wait(soon(t), func(v *chain.View) bool { return v.Head.Number >= best.Number }); err != nil {
				return nil
			}
			_, err := alice.Deposit(soon(t), &asset, units("100"), alice.Account(), false)
			return err
		},
	}
	for name, attempt := range refusals {
		var refused *wallet.Refused
		if err := attempt(); !errors.As(err, &refused) || refused.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(n.envelopes) != sent {
		t.Errorf("%d envelopes were sent", len(n.envelopes)-sent)
	}
}
