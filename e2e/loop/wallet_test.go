package loop

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// connect follows the network as a wallet does, with the node's own metadata.
func (l *loop) connect() *chain.Client {
	l.t.Helper()
	node := chain.DialRPC("ws://" + l.node.RPCAddress())
	client, err := chain.Connect(l.soon(), node, chain.Config{Genesis: l.instance.Genesis})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		client.Close()
		_ = node.Close()
	})
	return client
}

func (l *loop) soon() context.Context {
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	l.t.Cleanup(cancel)
	return ctx
}

// wallet is a wallet of a development account, with its session in a file.
func (l *loop) wallet(name string) *wallet.Client {
	l.t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		l.t.Fatal(err)
	}
	home, err := wallet.OpenHome(filepath.Join(l.folder, "wallet"))
	if err != nil {
		l.t.Fatal(err)
	}
	vault, err := home.Vault(pair, l.instance)
	if err != nil {
		l.t.Fatal(err)
	}
	asked, err := wallet.DialWorker("http://" + l.worker.Address().String())
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(asked.Close)
	return wallet.New(wallet.Config{Chain: l.connect(), Worker: asked, Pair: pair, Vault: vault,
		Progress: func(text string) { l.log.logger("wallet").Info(text, "account", name) }})
}

// funded is a wallet with an open session, 10 KSM and 1,000 USDT in the pool.
func (l *loop) funded(name string) *wallet.Client {
	l.t.Helper()
	client := l.wallet(name)
	l.untilCommitted(client)
	if _, err := client.OpenSession(l.soon(), time.Hour); err != nil {
		l.t.Fatal(err)
	}
	for asset, amount := range map[uint32]string{ksm: "10", usdt: "1000"} {
		listed, amount := l.amount(client, asset, amount)
		if _, err := client.Deposit(l.soon(), listed, amount, client.Account(), asset == ksm); err != nil {
			l.t.Fatal(err)
		}
	}
	return client
}

// untilCommitted waits for the worker's first commit: until then it has no key on the chain.
func (l *loop) untilCommitted(client *wallet.Client) {
	l.t.Helper()
	if _, err := client.Chain().Wait(l.soon(), func(v *chain.View) bool { return v.Commit.Some }); err != nil {
		l.t.Fatal(err)
	}
}

func (l *loop) amount(client *wallet.Client, asset uint32, text string) (*chain.Asset, scale.U128) {
	l.t.Helper()
	listing, err := client.Listing(l.soon())
	if err != nil {
		l.t.Fatal(err)
	}
	listed := listing.AssetByID(asset)
	amount, err := wallet.ParseAmount(text, listed.Decimals)
	if err != nil {
		l.t.Fatal(err)
	}
	return &listed, amount
}

// holdings are an asset on the chain and in the pool, as people read them.
func (l *loop) holdings(client *wallet.Client, asset uint32) (public, available, held string) {
	l.t.Helper()
	balances, pooled, err := client.Balances(l.soon())
	if err != nil || !pooled {
		l.t.Fatalf("balances: %v, %v", pooled, err)
	}
	for _, b := range balances {
		if b.Asset.ID == asset {
			show := func(amount scale.U128) string { return wallet.FormatAmount(amount, b.Asset.Decimals) }
			return show(b.Public), show(b.Available), show(b.Held)
		}
	}
	return "", "", ""
}

func (l *loop) order(client *wallet.Client, side uint8, quantity, price string) wallet.Order {
	l.t.Helper()
	listing, err := client.Listing(l.soon())
	if err != nil {
		l.t.Fatal(err)
	}
	pair, err := listing.Pair("KSM/USDT")
	if err != nil {
		l.t.Fatal(err)
	}
	lots, err := pair.ParseQuantity(quantity)
	if err != nil {
		l.t.Fatal(err)
	}
	ticks, err := pair.ParsePrice(price)
	if err != nil {
		l.t.Fatal(err)
	}
	return wallet.Order{Pair: pair, Side: side, Price: ticks, Quantity: lots}
}

func TestWalletsTrade(t *testing.T) {
	l := newLoop(t)
	bob, charlie := l.funded("Bob"), l.funded("Charlie")
	bought, err := bob.Place(l.soon(), l.order(bob, wire.Buy, "2", "25"))
	if err != nil || bought.Status != wallet.OrderOpen {
		t.Fatalf("buy: %+v, %v", bought, err)
	}
	sold, err := charlie.Place(l.soon(), l.order(charlie, wire.Sell, "1.5", "24.5"))
	if err != nil || sold.Status != wallet.OrderFilled || len(sold.Fills) != 1 {
		t.Fatalf("sell: %+v, %v", sold, err)
	}
	if public, available, held := l.holdings(bob, usdt); public != "999000" || available != "949.99375" || held != "12.50625" {
		t.Errorf("Bob has %s, %s, %s USDT", public, available, held)
	}
	amended, err := bob.Amend(l.soon(), bought.Order, 0, 400)
	if err != nil || amended.Remaining != 400 {
		t.Errorf("amend: %+v, %v", amended, err)
	}
	if cancelled, err := bob.Cancel(l.soon(), bought.Order); err != nil || cancelled.Remaining != 400 {
		t.Errorf("cancel: %+v, %v", cancelled, err)
	}
	if _, err := bob.Cancel(l.soon(), bought.Order); err == nil {
		t.Error("an order was cancelled twice")
	}
	asset, amount := l.amount(bob, usdt, "100")
	if err := bob.Transfer(l.soon(), asset, amount, charlie.Account()); err != nil {
		t.Errorf("transfer: %v", err)
	}
	if receipt, err := charlie.Receipt(l.soon(), 1); err != nil || receipt.Answer.Body.Fill.Trade != sold.Fills[0].Trade {
		t.Errorf("receipt: %v", err)
	}
	asset, amount = l.amount(bob, ksm, "1.5")
	paid, err := bob.Withdraw(l.soon(), asset, amount, charlie.Account())
	if err != nil || !paid.Paid {
		t.Errorf("withdraw: %+v, %v", paid, err)
	}
	// Charlie follows the chain by himself, and may be a block behind.
	if _, err := charlie.Chain().Wait(l.soon(), func(view *chain.View) bool { return view.Head.Number >= paid.Number }); err != nil {
		t.Fatal(err)
	}
	if public, _, _ := l.holdings(charlie, ksm); public != "9991.5" {
		t.Errorf("Charlie has %s KSM on the chain", public)
	}
	history, err := charlie.History(l.soon(), 0, 0)
	if err != nil || len(history) != 6 || history[5].Event.Kind != wire.EventTransferIn {
		t.Errorf("history: %+v, %v", history, err)
	}
	if _, err := bob.CloseSession(l.soon()); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := bob.Dummy(l.soon()); err == nil {
		t.Error("a closed session took a command")
	}
}

func TestWalletsSurviveARestartOfTheNode(t *testing.T) {
	l := newLoop(t)
	bob := l.funded("Bob")
	placed, err := bob.Place(l.soon(), l.order(bob, wire.Buy, "2", "25"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.node.Close(); err != nil {
		t.Fatal(err)
	}
	l.startNode()
	if cancelled, err := bob.Cancel(l.soon(), placed.Order); err != nil || cancelled.Status != wallet.OrderCancelled {
		t.Errorf("cancel over a lost connection: %+v, %v", cancelled, err)
	}
	again := l.wallet("Bob") // another process: the session is in its file
	if _, available, held := l.holdings(again, usdt); available != "1000" || held != "0" {
		t.Errorf("Bob has %s, %s USDT", available, held)
	}
}

func TestLiveWalletsOnARealNetwork(t *testing.T) {
	l := newLoop(t)
	bob, charlie := l.funded("Bob"), l.funded("Charlie")
	maker, err := bob.GoLive(l.soon())
	if err != nil {
		t.Fatal(err)
	}
	defer maker.Close()
	taker, err := charlie.GoLive(l.soon())
	if err != nil {
		t.Fatal(err)
	}
	defer taker.Close()
	const rounds = 20
	for range rounds {
		resting, err := maker.Place(l.soon(), l.order(bob, wire.Sell, "0.01", "25"))
		if err != nil {
			t.Fatal(err)
		}
		if err := resting.Placed(l.soon()); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		order, err := taker.Place(l.soon(), l.order(charlie, wire.Buy, "0.01", "25"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := order.Fill(l.soon())
		if err != nil || answer.Body.Fill.Order != order.Order {
			t.Fatal(err)
		}
		t.Logf("order to verified receipt: %s", time.Since(started))
	}
	fills, err := charlie.Fills(l.soon(), 0, 0)
	if err != nil || len(fills) != rounds {
		t.Errorf("%d fills, %v", len(fills), err)
	}
}

// TestFailedCallsAreNamed reads the names of errors from the node's own metadata.
func TestFailedCallsAreNamed(t *testing.T) {
	l := newLoop(t)
	client := l.wallet("Dave")
	pair, err := keys.DevPair(keys.Sr25519, "Dave")
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string][]byte{
		"PrivateAssets.NothingToClaim": wire.CallClaim(ksm, scale.None[scale.AccountID]()),
		"Token.FundsUnavailable":       wire.CallTransferKeepAlive(wire.CustodyAccount, scale.U128{Hi: 1 << 60}),
	} {
		sent, err := client.Chain().SubmitAndWatch(l.soon(), extrinsic.SignerOf(pair), call)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sent.Included(l.soon())
		var failed *chain.DispatchError
		if !errors.As(err, &failed) || failed.Name != name {
			t.Errorf("%v instead of %s", err, name)
		}
	}
}
