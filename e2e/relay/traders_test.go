package relay

import (
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// TestTradersAreHidden: many traders trade through one relay. None of their accounts is anywhere in the blocks; the relay gets one
// payout an epoch, of exactly what the commands have cost, and at most what it paid.
func TestTradersAreHidden(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 8*time.Second)
	ferdie := n.relay("Ferdie", 300*time.Millisecond)
	through := n.dialRelay(ferdie.Address().String())
	names := []string{"Bob", "Charlie", "Dave", "Eve"}
	clients := make([]*wallet.Client, len(names))
	opening := n.seen.View().Head.Number
	var running sync.WaitGroup
	for i, name := range names {
		running.Go(func() { clients[i] = n.wallet(name, false, through) })
	}
	running.Wait()
	if t.Failed() {
		t.FailNow()
	}
	n.covered()
	first := n.seen.View().Head.Number
	for i, client := range clients {
		running.Go(func() { n.trade(client, i%2 == 0) })
	}
	running.Wait()
	n.covered()
	last := n.seen.View().Head.Number

	blocks := n.blocks(first, last)
	envelopes, batches := 0, 0
	for i := range blocks {
		if blocks[i].shows(ferdie.Account()) {
			batches++
		}
		for j, client := range clients {
			if blocks[i].shows(client.Account()) {
				t.Errorf("block %d shows %s", blocks[i].head.Number, names[j])
			}
		}
		for j := range blocks[i].messages {
			if blocks[i].messages[j].Kind == wire.MessageEnvelope {
				envelopes++
			}
		}
	}
	if want := len(clients) * commandsEach; envelopes != want || batches == 0 || batches >= envelopes {
		t.Errorf("%d envelopes in %d blocks with batches, %d were sent", envelopes, batches, want)
	}
	n.checkRefunds(ferdie.Account(), n.blocks(opening, n.afterNextEpoch()))
}

// commandsEach is how many commands trade sends.
const commandsEach = 6

// trade sends orders that meet those of others, and dummies.
func (n *network) trade(client *wallet.Client, buys bool) {
	side := wire.Sell
	if buys {
		side = wire.Buy
	}
	for range commandsEach / 3 {
		placed, err := client.Place(n.soon(), n.order(client, side, "0.5", "25"))
		if err != nil {
			n.t.Errorf("place: %v", err)
			return
		}
		if err := client.Dummy(n.soon()); err != nil {
			n.t.Errorf("dummy: %v", err)
		}
		order := n.order(client, side, "0.1", "30")
		if buys {
			order = n.order(client, side, "0.1", "20")
		}
		if _, err := client.Place(n.soon(), order); err != nil {
			n.t.Errorf("place after %d: %v", placed.Order, err)
		}
	}
}

// afterNextEpoch waits until the refunds of this epoch are paid, and gives the block.
func (n *network) afterNextEpoch() uint32 {
	n.t.Helper()
	epoch := n.seen.View().Epoch.Index
	view := n.wait("the next epoch", func(v *chain.View) bool { return v.Epoch.Index > epoch })
	if _, err := n.seen.Covered(n.soon(), view.Head.Number); err != nil {
		n.t.Fatal(err)
	}
	return n.seen.View().Head.Number
}

// checkRefunds compares each epoch's payout to a relay with what the commands it carried in the epoch before have cost. All of them are
// of honest wallets, each once.
func (n *network) checkRefunds(relay scale.AccountID, blocks []block) {
	n.t.Helper()
	owed := commandFees(blocks, relay, func([]byte) bool { return true })
	var payouts []scale.U128
	var cost scale.U128
	for i := range blocks {
		paid, fees := blocks[i].paid(relay)
		if shared := blocks[i].envelopeFees(relay); fees.Less(shared) {
			n.t.Errorf("block %d: its envelopes are said to have cost %s, paid was %s", blocks[i].head.Number, shared, fees)
		}
		payouts = append(payouts, paid...)
		cost, _ = cost.Add(fees)
	}
	var want []uint64
	for epoch, current := uint32(0), n.seen.View().Epoch.Index; epoch < current; epoch++ {
		if owed[epoch] > 0 {
			want = append(want, owed[epoch])
		}
	}
	if len(want) == 0 || len(payouts) != len(want) {
		n.t.Fatalf("payouts %v, owed by epoch %v", payouts, owed)
	}
	total := uint64(0)
	for i := range want {
		total += want[i]
		if payouts[i] != scale.U128From(want[i]) {
			n.t.Errorf("payout %d is %s, owed is %d", i, payouts[i], want[i])
		}
	}
	if !scale.U128From(total).Less(cost) {
		n.t.Errorf("%d was paid back of a cost of %s", total, cost)
	}
	n.t.Logf("%d epochs, cost %s, refunded %d", len(want), cost, total)
}
