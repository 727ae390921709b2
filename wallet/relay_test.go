package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/memory"
	"github.com/bitcloak/bitcloak/wire"
)

// carrier is a relay that does what a test says.
type carrier struct {
	n    *network
	name string
	pair keys.Pair

	mutex    sync.Mutex
	withhold bool   // takes envelopes and does nothing
	givesUp  bool   // and says so
	refuse   string // says that it takes nothing
	instance wire.Instance
	openings bool
	held     [][]byte
	nonce    uint32
}

func (n *network) carrier(name string) *carrier {
	return &carrier{n: n, name: name, pair: n.trader(name), instance: wallet.Instance(n.Genesis()), openings: true}
}

func (c *carrier) Name() string { return c.name }

func (c *carrier) Info(context.Context) (wallet.RelayInfo, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return wallet.RelayInfo{Instance: c.instance, Account: c.pair.AccountID(), Accepting: c.refuse == "", Reason: c.refuse, Openings: c.openings}, nil
}

func (c *carrier) Post(ctx context.Context, envelope []byte) (string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.withhold || c.givesUp {
		c.held = append(c.held, envelope)
		return "held", nil
	}
	return "sent", c.carry(ctx, envelope)
}

// carry submits an envelope; the mutex is held.
func (c *carrier) carry(ctx context.Context, envelope []byte) error {
	call, err := wire.CallSubmit([][]byte{envelope})
	if err != nil {
		return err
	}
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: c.nonce}, extrinsic.Implicit{SpecVersion: memory.Version.Spec,
		TransactionVersion: memory.Version.Transaction, Genesis: c.n.Genesis(), Mortality: c.n.Genesis()}, extrinsic.SignerOf(c.pair))
	if err != nil {
		return err
	}
	c.nonce++
	return c.n.Submit(ctx, signed)
}

// deliverLate carries what was withheld.
func (c *carrier) deliverLate(t *testing.T) {
	t.Helper()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, envelope := range c.held {
		if err := c.carry(t.Context(), envelope); err != nil {
			t.Fatal(err)
		}
	}
	c.held = nil
}

func (c *carrier) Failed(ctx context.Context, ticket string) (string, error) {
	c.mutex.Lock()
	givesUp := c.givesUp
	c.mutex.Unlock()
	if givesUp {
		return "it rains", nil
	}
	<-ctx.Done()
	return "", ctx.Err()
}

// relayed is a trader's wallet with an open session, whose envelopes go through relays.
func (n *network) relayed(name string, direct bool, relays ...wallet.Relay) *wallet.Client {
	n.t.Helper()
	client := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader(name), Patience: 1500 * time.Millisecond,
		Relays: relays, DirectFallback: direct, RelayPatience: time.Second})
	n.open(client)
	for _, asset := range []uint32{0, ksm, usdt} {
		listed := n.listing(client).AssetByID(asset)
		if _, err := client.Deposit(soon(n.t), &listed, units("100000000000000"), client.Account(), false); err != nil {
			n.t.Fatal(err)
		}
	}
	return client
}

// refunds are what the account has paid back, by relay.
func refunds(t *testing.T, client *wallet.Client) map[scale.AccountID]int {
	t.Helper()
	entries, err := client.History(soon(t), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[scale.AccountID]int{}
	for _, entry := range entries {
		if entry.Event.Kind == wire.EventRelayFee {
			found[entry.Event.Account]++
			if entry.Event.Amount != scale.U128From(relayFee) {
				t.Errorf("a refund of %s", entry.Event.Amount)
			}
		}
	}
	return found
}

// TestThroughARelay: every envelope of a trader goes out under the relay's account, which is refunded for commands, not for the opening.
func TestThroughARelay(t *testing.T) {
	n := newNetwork(t)
	relay := n.carrier("Ferdie")
	alice := n.relayed("Alice", false, relay)
	if _, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 2000)); err != nil {
		t.Fatal(err)
	}
	if err := alice.Dummy(soon(t)); err != nil {
		t.Fatal(err)
	}
	if len(n.senders) != 3 {
		t.Fatalf("%d envelopes", len(n.senders))
	}
	for i, sender := range n.senders {
		if sender != relay.pair.AccountID() {
			t.Errorf("envelope %d went out under %x", i, sender)
		}
	}
	if found := refunds(t, alice); len(found) != 1 || found[relay.pair.AccountID()] != 2 {
		t.Errorf("refunds: %v", found)
	}
}

// TestCensoringRelays: the wallet sends the very same bytes elsewhere. Who brings them is not refunded, and they apply once.
func TestCensoringRelays(t *testing.T) {
	for name, change := range map[string]func(*carrier){
		"silent":   func(c *carrier) { c.withhold = true },
		"gives up": func(c *carrier) { c.givesUp = true },
	} {
		n := newNetwork(t)
		first, second := n.carrier("Ferdie"), n.carrier("Eve")
		alice := n.relayed("Alice", false, first, second)
		bob := n.relayed("Bob", true, first)
		change(first)
		placed, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 2000))
		if err != nil || placed.Status != wallet.OrderOpen {
			t.Fatalf("%s: through another relay: %+v, %v", name, placed, err)
		}
		last := len(n.senders) - 1
		if n.senders[last] != second.pair.AccountID() || !bytes.Equal(n.envelopes[last], first.held[0]) {
			t.Errorf("%s: the second relay got other bytes", name)
		}
		if _, err := bob.Place(soon(t), n.order(bob, wire.Buy, 2400, 1000)); err != nil {
			t.Fatalf("%s: directly: %v", name, err)
		}
		last = len(n.senders) - 1
		if n.senders[last] != bob.Account() || !bytes.Equal(n.envelopes[last], first.held[1]) {
			t.Errorf("%s: other bytes were submitted directly", name)
		}
		first.deliverLate(t)
		for _, client := range []*wallet.Client{alice, bob} {
			if found := refunds(t, client); len(found) != 0 {
				t.Errorf("%s: refunds: %v", name, found)
			}
			if orders, err := client.Orders(soon(t)); err != nil || len(orders) != 1 {
				t.Errorf("%s: %d orders, %v", name, len(orders), err)
			}
		}
	}
}

// TestNothingIsSentDirectlyUnasked: the default keeps the account hidden.
func TestNothingIsSentDirectlyUnasked(t *testing.T) {
	n := newNetwork(t)
	relay := n.carrier("Ferdie")
	alice := n.relayed("Alice", false, relay)
	relay.withhold = true
	if _, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 2000)); !errors.Is(err, wallet.ErrNotDelivered) {
		t.Errorf("%v", err)
	}
	for _, sender := range n.senders {
		if sender == alice.Account() {
			t.Error("an envelope was submitted directly")
		}
	}
	relay.deliverLate(t)
	if orders, err := alice.Orders(soon(t)); err != nil || len(orders) != 1 {
		t.Errorf("what was delivered late does not count: %d orders, %v", len(orders), err)
	}
	if found := refunds(t, alice); found[relay.pair.AccountID()] != 1 {
		t.Errorf("the relay that was named delivered, and was not refunded: %v", found)
	}
}

// TestRelaysAreChosenBeforeSealing: nothing is sealed for a relay of another network, or where no relay takes anything.
func TestRelaysAreChosenBeforeSealing(t *testing.T) {
	n := newNetwork(t)
	first, second := n.carrier("Ferdie"), n.carrier("Eve")
	alice := n.relayed("Alice", false, first, second)
	before, err := alice.Session(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	first.refuse, second.refuse = "out of funds", "going home"
	if err := alice.Dummy(soon(t)); err == nil || !strings.Contains(err.Error(), "out of funds") || !strings.Contains(err.Error(), "going home") {
		t.Errorf("%v", err)
	}
	first.refuse, first.instance.Genesis = "", scale.Hash{1}
	if err := alice.Dummy(soon(t)); err == nil || !strings.Contains(err.Error(), "another network") {
		t.Errorf("%v", err)
	}
	first.instance, first.openings, first.refuse, second.refuse, second.openings = second.instance, false, "", "", false
	if _, err := alice.OpenSession(soon(t), time.Hour); err == nil || !strings.Contains(err.Error(), "openings") {
		t.Errorf("%v", err)
	}
	if err := alice.Dummy(soon(t)); err != nil {
		t.Error(err)
	}
	if after, err := alice.Session(soon(t)); err != nil || after.NextSequence != before.NextSequence+1 {
		t.Errorf("sequences were used up: %d after %d, %v", after.NextSequence, before.NextSequence, err)
	}
}

// TestRelaysWantCLOAK: without any in the pool the command would be rejected.
func TestRelaysWantCLOAK(t *testing.T) {
	n := newNetwork(t)
	client := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Alice"), Relays: []wallet.Relay{n.carrier("Ferdie")}})
	n.open(client)
	if err := client.Dummy(soon(t)); err == nil || !strings.Contains(err.Error(), "CLOAK") || len(n.envelopes) != 1 {
		t.Errorf("%v, and %d envelopes instead of the opening", err, len(n.envelopes))
	}
	listed := n.listing(client).AssetByID(0)
	if _, err := client.Deposit(soon(t), &listed, units("1000"), client.Account(), false); err != nil {
		t.Fatal(err)
	}
	var rejected *wallet.Rejected
	if err := client.Dummy(soon(t)); !errors.As(err, &rejected) || rejected.Reason != wire.ReasonRelayFee {
		t.Errorf("too little for the fee: %v", err)
	}
}

// TestWithdrawalsWait: the outbox has room for 64 payouts a commit; the rest leave with the next.
func TestWithdrawalsWait(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.client("Bob") // whose session is open: the next envelope is the withdrawal
	for i := range wire.MaxOutbox + 6 {              // refused deposits, which go back
		n.crowd = append(n.crowd, wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{ID: 1000 + uint64(i),
			Depositor: scale.AccountID{0xaa, byte(i)}, Asset: ksm, Amount: scale.U128From(5), Beneficiary: wire.SealedBeneficiary([]byte{1})}})
	}
	asset := n.listing(alice).AssetByID(ksm)
	type outcome struct {
		paid *wallet.Withdrawal
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		paid, err := alice.Withdraw(soon(t), &asset, units("1000"), alice.Account())
		done <- outcome{paid, err}
	}()
	for {
		select {
		case got := <-done:
			if got.err != nil || !got.paid.Paid || got.paid.Outbox < wire.MaxOutbox {
				t.Errorf("%+v, %v", got.paid, got.err)
			}
			entries, err := alice.History(soon(t), 0, 0)
			if err != nil || entries[len(entries)-2].Event.Kind != wire.EventWithdrawalWaiting || entries[len(entries)-1].Event.Kind != wire.EventWithdrawn {
				t.Errorf("history: %+v, %v", entries, err)
			}
			return
		case <-time.After(50 * time.Millisecond):
			if err := bob.Dummy(soon(t)); err != nil { // another checkpoint
				t.Fatal(err)
			}
		}
	}
}

// TestLiveSessionsChase: what a relay does not deliver goes to the next, in the same bytes; what none delivers gives its place back.
func TestLiveSessionsChase(t *testing.T) {
	n := newNetwork(t)
	first, second := n.carrier("Ferdie"), n.carrier("Eve")
	alice := n.relayed("Alice", false, first, second)
	live, err := alice.GoLive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	first.withhold = true
	ticket, err := live.Place(soon(t), n.order(alice, wire.Buy, 2400, 10))
	if err != nil {
		t.Fatal(err)
	}
	if err := ticket.Placed(soon(t)); err != nil {
		t.Error(err)
	}
	if last := n.envelopes[len(n.envelopes)-1]; !bytes.Equal(last, first.held[0]) {
		t.Error("the next relay got other bytes")
	}
	second.mutex.Lock()
	second.withhold = true
	second.mutex.Unlock()
	for i := range 40 { // more than may be under way
		ticket, err := live.Place(soon(t), n.order(alice, wire.Buy, 2400, 10))
		if err != nil {
			t.Fatalf("order %d: %v", i, err)
		}
		if i == 39 {
			if err := ticket.Placed(soon(t)); !errors.Is(err, wallet.ErrNotDelivered) {
				t.Errorf("nobody delivered, and yet: %v", err)
			}
		}
	}
}
