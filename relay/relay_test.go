package relay_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/relay"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// TestBatches: envelopes leave together at a tick, in the order of arrival, and no earlier.
func TestBatches(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, nil)
	ids := u.take(command("a"))
	ids = append(ids, u.take(opening("b"), command("c"))...)
	time.Sleep(100 * time.Millisecond)
	if sent := n.sent(); len(sent) != 0 {
		t.Fatalf("%d batches left before the tick", len(sent))
	}
	u.tick()
	for i, id := range ids {
		ticket := u.state(id)
		if ticket.State != api.Included || ticket.Number == 0 {
			t.Errorf("envelope %d: %+v", i, ticket)
		}
	}
	if sent := n.sent(); len(sent) != 1 || !reflect.DeepEqual(sent[0], [][]byte{command("a"), opening("b"), command("c")}) {
		t.Errorf("%d batches; order or bytes differ", len(sent))
	}
	u.tick()
	u.tick()
	next := u.take(command("d"))[0]
	u.tick()
	u.state(next)
	last := u.take(command("e"), command("f"))[1]
	u.tick()
	u.state(last)
	if sent := n.sent(); len(sent) != 3 {
		t.Errorf("an empty batch was sent: %d", len(sent))
	}
}

// TestBatchesAreBounded: what does not fit a batch goes into the next, in order.
func TestBatchesAreBounded(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.MaxBatch, c.MaxBatchBytes, c.MaxUnderWay = 3, 2*wire.MaxEnvelopeSize, 2 })
	var ids []api.TicketID
	var all [][]byte
	for i := range 4 {
		all = append(all, command(fmt.Sprint("c", i)))
	}
	for i := range 3 {
		all = append(all, opening(fmt.Sprint("o", i)))
	}
	ids = u.take(all...)
	eventually(t, "all batches", func() bool {
		u.tick()
		ticket, _, _ := u.Ticket(ids[len(ids)-1])
		return ticket.State == api.Included
	})
	var got [][]byte
	for _, batch := range n.sent() {
		size := 0
		for _, envelope := range batch {
			size += len(envelope)
		}
		if len(batch) > 3 || size > 2*wire.MaxEnvelopeSize {
			t.Errorf("a batch of %d envelopes, %d bytes", len(batch), size)
		}
		got = append(got, batch...)
	}
	if !reflect.DeepEqual(got, all) {
		t.Error("the order is not that of arrival")
	}
}

// TestKnownBytesAreRefused (I4): what waits here, what was sent, and what anybody has brought to the chain.
func TestKnownBytesAreRefused(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, nil)
	refused := func(what string, envelope []byte) {
		t.Helper()
		taken, err := u.Take([][]byte{envelope})
		if err != nil || !errors.Is(taken[0].Refused, api.ErrKnown) {
			t.Errorf("%s: %+v, %v", what, taken, err)
		}
	}
	id := u.take(command("a"))[0]
	refused("what waits", command("a"))
	u.tick()
	u.state(id)
	refused("what is on the chain", command("a"))
	foreign := command("somebody else's")
	n.Block(wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: scale.AccountID{9}, Bytes: foreign}})
	n.Idle()
	eventually(t, "the block", func() bool { return u.Status().Head.Number >= n.Best().Number })
	refused("what somebody else has sent", foreign)
	forged := append([]byte(nil), foreign...)
	forged[200] ^= 1
	u.take(forged) // the same tag: refusing that would let anybody burn the owner's envelope here
	if _, err := u.Take([][]byte{[]byte("garbage")}); !errors.Is(err, wire.ErrEnvelope) {
		t.Errorf("garbage: %v", err)
	}
}

// TestCarriedByOthers: an envelope that reaches the chain while it waits is not sent again.
func TestCarriedByOthers(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, nil)
	id := u.take(command("a"))[0]
	n.Block(wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: scale.AccountID{9}, Bytes: command("a")}})
	n.Idle()
	if ticket := u.state(id); ticket.State != api.Included {
		t.Errorf("%+v", ticket)
	}
	u.tick()
	other := u.take(command("b"))[0]
	u.tick()
	u.state(other)
	if sent := n.sent(); len(sent) != 1 || len(sent[0]) != 1 {
		t.Errorf("it was paid for, too: %d batches", len(sent))
	}
}

// TestLostBatches: a node forgets what it took. The batch keeps its nonce, so it counts once.
func TestLostBatches(t *testing.T) {
	for name, blocks := range map[string]int{"forgotten": 0, "expired": 80} {
		n := newNetwork(t)
		lossy := &node{network: n, swallow: 2}
		u := start(t, n, func(c *relay.Config) { c.Nodes = []chain.Node{lossy} })
		first := u.take(command("a"))[0]
		u.tick()
		second := u.take(command("b"))[0]
		u.tick()
		eventually(t, "the loss", func() bool { lossy.mutex.Lock(); defer lossy.mutex.Unlock(); return len(lossy.swallowed) == 2 })
		for range blocks {
			n.Block()
		}
		n.Idle()
		eventually(t, "the blocks", func() bool { return u.Status().Head.Number >= n.Best().Number })
		n.pass(relay.DefaultResubmitAfter)
		for _, id := range []api.TicketID{first, second} {
			if ticket := u.state(id); ticket.State != api.Included {
				t.Errorf("%s: %+v", name, ticket)
			}
		}
		for _, late := range lossy.swallowed { // it comes back
			_ = n.Node.Submit(t.Context(), late)
		}
		if sent := n.sent(); len(sent) != 2 {
			t.Errorf("%s: %d batches counted", name, len(sent))
		}
	}
}

// TestUsedNonces: somebody signs with the relay's account, and a batch whose nonce is gone goes out under another.
func TestUsedNonces(t *testing.T) {
	n := newNetwork(t)
	lossy := &node{network: n, swallow: 1}
	u := start(t, n, func(c *relay.Config) { c.Nodes = []chain.Node{lossy} })
	id := u.take(command("a"))[0]
	u.tick()
	eventually(t, "the loss", func() bool { lossy.mutex.Lock(); defer lossy.mutex.Unlock(); return len(lossy.swallowed) == 1 })
	n.other(pair(t), 0, wire.CallTransferKeepAlive(scale.AccountID{1}, scale.U128From(1)))
	eventually(t, "another batch", func() bool {
		u.tick()
		ticket, _, _ := u.Ticket(id)
		return ticket.State == api.Included
	})
	if sent := n.sent(); len(sent) != 1 {
		t.Errorf("%d batches", len(sent))
	}
}

// TestGaps: a node invents transactions before ours.
func TestGaps(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.Nodes = []chain.Node{&node{network: n, lead: 7}} })
	id := u.take(command("a"))[0]
	u.tick()
	time.Sleep(50 * time.Millisecond)
	if sent := n.sent(); len(sent) != 0 {
		t.Fatal("the node took a transaction behind a gap")
	}
	n.Block()
	n.Idle()
	time.Sleep(50 * time.Millisecond)
	n.pass(relay.DefaultGapAfter)
	n.Block()
	n.Idle()
	if ticket := u.state(id); ticket.State != api.Included {
		t.Errorf("%+v", ticket)
	}
}

// TestFailedBatches: a call that fails in its block costs its fee; its envelopes go into the next, and are given up after some.
func TestFailedBatches(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, nil)
	n.setFail(true)
	id := u.take(command("a"))[0]
	eventually(t, "the end", func() bool {
		u.tick()
		ticket, _, _ := u.Ticket(id)
		return ticket.State == api.Failed && ticket.Reason != ""
	})
	n.setFail(false)
	again := u.take(command("a"))[0] // what has failed may come again
	u.tick()
	if ticket := u.state(again); again != id || ticket.State != api.Included {
		t.Errorf("%+v", ticket)
	}
}

// TestReserve: without funds for fees nothing is taken.
func TestReserve(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.Reserve = scale.U128From(101 * oneCLOAK) })
	if _, err := u.Take([][]byte{command("a")}); !errors.Is(err, api.ErrFunds) {
		t.Errorf("%v", err)
	}
	if status := u.Status(); status.Accepting || !strings.Contains(status.Reason, "funds") {
		t.Errorf("%+v", status)
	}
	n.Fund(pair(t).AccountID(), scale.U128From(102*oneCLOAK))
	n.Block()
	n.Idle()
	eventually(t, "funds", func() bool { return u.Status().Accepting })
}

func TestOpeningsMayBeRefused(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.RefuseOpenings = true })
	taken, err := u.Take([][]byte{opening("a"), command("b")})
	if err != nil || !errors.Is(taken[0].Refused, api.ErrOpening) || taken[1].Refused != nil {
		t.Errorf("%+v, %v", taken, err)
	}
}

func TestQueueIsBounded(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.MaxQueue = 2 })
	u.take(command("a"), command("b"))
	if _, err := u.Take([][]byte{command("c")}); !errors.Is(err, api.ErrBusy) {
		t.Errorf("%v", err)
	}
}

// TestNodesReplaceEachOther: batches go to all nodes, and the chain is followed through the next when one fails.
func TestNodesReplaceEachOther(t *testing.T) {
	n := newNetwork(t)
	first, second := &node{network: n}, &node{network: n}
	u := start(t, n, func(c *relay.Config) { c.Nodes = []chain.Node{first, second} })
	first.set(func() { first.broken = true })
	id := u.take(command("a"))[0]
	u.tick()
	if ticket := u.state(id); ticket.State != api.Included {
		t.Errorf("%+v", ticket)
	}
	if sent := n.sent(); len(sent) != 1 {
		t.Errorf("%d batches", len(sent))
	}
}

// TestStaleChains: a relay that has lost the chain takes nothing.
func TestStaleChains(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, nil)
	n.pass(chain.MaxHeadAge + time.Second)
	eventually(t, "the refusal", func() bool {
		_, err := u.Take([][]byte{command("a")})
		return errors.Is(err, api.ErrChain)
	})
}

// TestClose: what was taken is sent and final before the relay ends.
func TestClose(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.Statistics = t.TempDir() + "/statistics.json" })
	u.take(command("a"), command("b"))
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	if sent := n.sent(); len(sent) != 1 || len(sent[0]) != 2 {
		t.Errorf("%d batches", len(sent))
	}
	if _, err := u.Take([][]byte{command("c")}); !errors.Is(err, api.ErrClosing) {
		t.Errorf("after the end: %v", err)
	}
}

// TestStatistics: cost and refunds by epoch, over a restart.
func TestStatistics(t *testing.T) {
	n := newNetwork(t)
	file := t.TempDir() + "/statistics.json"
	u := start(t, n, func(c *relay.Config) { c.Statistics = file })
	u.state(func() api.TicketID { id := u.take(command("a"), command("b"))[1]; u.tick(); return id }())
	n.pay(pair(t).AccountID(), 0, 3*oneCLOAK/1000)
	n.pay(pair(t).AccountID(), 1, 5)   // KSM
	n.pay(scale.AccountID{1}, 0, 7000) // somebody else's
	n.Block()
	n.Idle()
	want := []relay.EpochStatistics{{Envelopes: 2, Batches: 1, Cost: scale.U128From(oneCLOAK / 100), Refunded: scale.U128From(3 * oneCLOAK / 1000)}}
	eventually(t, "the refund", func() bool { return reflect.DeepEqual(u.Statistics(), want) })
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, n, func(c *relay.Config) { c.Statistics = file })
	if got := again.Statistics(); !reflect.DeepEqual(got, want) {
		t.Errorf("after a restart: %+v", got)
	}
}

// TestLogsNameNobody (I7): at the level operators use, logs hold no envelope, ticket or client.
func TestLogsNameNobody(t *testing.T) {
	n := newNetwork(t)
	u := start(t, n, func(c *relay.Config) { c.Listen = "127.0.0.1:0" })
	envelope := command("a secret")
	id := u.take(envelope)[0]
	n.setFail(true)
	u.tick()
	time.Sleep(50 * time.Millisecond)
	n.setFail(false)
	eventually(t, "inclusion", func() bool {
		u.tick()
		ticket, _, _ := u.Ticket(id)
		return ticket.State == api.Included
	})
	log := u.log.String()
	if !strings.Contains(log, "envelopes") {
		t.Error("nothing was logged")
	}
	for _, secret := range []string{"a secret", hex.EncodeToString(envelope[1:17]), id.String(), "127.0.0.1"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
