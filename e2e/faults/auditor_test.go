package faults

import (
	"context"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

// auditor follows every finalised block with a light client of its own, over all restarts, and keeps books.
type auditor struct {
	t      *testing.T
	node   chain.RPC
	chain  *chain.Client
	stop   context.CancelFunc
	ended  chan struct{}
	orders chan order

	// Of the goroutine that follows, and of others once it has ended.
	scanned  light.Head
	hashes   map[uint32]scale.Hash // of the blocks that were final
	time     uint64                // of the last block, ms
	deposits map[uint64]*deposit
	payouts  map[uint64]payout // by their number in the outbox
	commits  uint64            // how many
	claimed  amounts
	inbox    inboxBook

	mutex    sync.Mutex
	problems []string
}

// order asks for an audit.
type order struct{ done chan struct{} }

type deposit struct {
	depositor scale.AccountID
	asset     uint32
	amount    *big.Int
	committed bool
}

type payout struct {
	to     scale.AccountID
	asset  uint32
	amount *big.Int
	paid   bool // else it became claimable
}

// newAuditor starts at the newest head: before anybody deposits.
func newAuditor(s *site) *auditor {
	s.t.Helper()
	a := &auditor{t: s.t, node: chain.DialRPC("ws://" + s.nodeAt.address()), ended: make(chan struct{}), orders: make(chan order),
		hashes: map[uint32]scale.Hash{}, deposits: map[uint64]*deposit{}, payouts: map[uint64]payout{}, claimed: amounts{}}
	a.inbox.envelopes, a.inbox.hashes = map[[32]byte]uint64{}, make([][32]byte, 1)
	until(s.t, "a first block", func() (ok bool) {
		var err error
		a.chain, err = chain.Connect(s.t.Context(), a.node, chain.Config{Genesis: s.genesis, Now: s.auditorNow})
		return err == nil
	})
	var ctx context.Context
	ctx, a.stop = context.WithCancel(context.Background())
	go a.follow(ctx)
	s.t.Cleanup(func() { a.close() })
	return a
}

func (a *auditor) close() {
	a.stop()
	<-a.ended
	a.chain.Close()
	_ = a.node.Close()
}

func (a *auditor) problem(format string, arguments ...any) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.problems = append(a.problems, fmt.Sprintf("block %d: ", a.scanned.Number)+fmt.Sprintf(format, arguments...))
}

// report tells what was found so far; with any of it the test fails.
func (a *auditor) report() {
	a.t.Helper()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, problem := range a.problems {
		a.t.Error(problem)
	}
	a.problems = nil
}

// follow looks at block after block, and audits the state of one when asked to.
func (a *auditor) follow(ctx context.Context) {
	defer close(a.ended)
	for number := a.chain.View().Head.Number; ctx.Err() == nil; number++ {
		for a.chain.View().Head.Number < number {
			waiting, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			_, err := a.chain.Wait(waiting, func(v *chain.View) bool { return v.Head.Number >= number })
			cancel()
			switch {
			case ctx.Err() != nil:
				return
			case light.Refused(err) && waiting.Err() == nil:
				a.problem("the auditor's light client refuses the node: %v", err) // such as a finalised block that is gone
				return
			}
			a.serve(ctx, false)
		}
		block, known := a.chain.Block(number)
		if !known {
			a.problem("the auditor lost sight of block %d", number)
			return
		}
		if !a.patiently(ctx, "look at a block", func() error { return a.look(ctx, block) }) {
			return
		}
		a.serve(ctx, true)
	}
}

// serve audits at the last block that was looked at, if somebody waits for that and it is the newest.
func (a *auditor) serve(ctx context.Context, justSeen bool) {
	if a.scanned.Number == 0 || justSeen && a.chain.View().Head.Number > a.scanned.Number+8 {
		return // not caught up yet
	}
	select {
	case o := <-a.orders:
		a.patiently(ctx, "audit", func() error { return a.audit(ctx) })
		close(o.done)
	default:
	}
}

// patiently repeats what a lost connection broke off.
func (a *auditor) patiently(ctx context.Context, what string, do func() error) bool {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := do()
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case light.Refused(err) || time.Now().After(deadline):
			a.problem("%s: %v", what, err)
			return false
		}
	}
}

// check has the state audited and fails the test for whatever was found until then.
func (a *auditor) check() {
	a.t.Helper()
	o := order{done: make(chan struct{})}
	deadline := time.After(2 * patience)
	select {
	case a.orders <- o:
	case <-a.ended:
		a.report()
		a.t.Fatal("the auditor has stopped")
	case <-deadline:
		a.t.Fatal("the auditor does not get to auditing")
	}
	select {
	case <-o.done:
	case <-a.ended:
	}
	a.report()
	if a.t.Failed() {
		a.t.FailNow()
	}
}

// look takes in what one block tells: events once each and in order.
func (a *auditor) look(ctx context.Context, block light.Head) error {
	if block.Number == a.scanned.Number {
		return nil // taken in before the connection broke
	}
	events, err := a.chain.Events(ctx, block)
	if err != nil {
		return err
	}
	values, err := a.chain.Read(ctx, block, item("Timestamp", "Now"))
	if err != nil {
		return err
	}
	a.scanned = block
	a.hashes[block.Number] = block.Hash
	if now := u64At(values[0], 0); now <= a.time {
		a.problem("its time is %d, the block's before was %d", now, a.time)
	} else {
		a.time = now
	}
	for i := range events {
		a.take(&events[i])
	}
	return nil
}

// take enters one event. I4: every number once, none left out.
func (a *auditor) take(event *chain.Event) {
	f := event.Fields
	switch event.Name {
	case "PrivateAssets.Deposited":
		id := u64At(f, 0)
		if id != uint64(len(a.deposits)) {
			a.problem("deposit %d after %d of them", id, len(a.deposits))
		}
		a.deposits[id] = &deposit{depositor: accountAt(f, 8), asset: u32At(f, 40), amount: u128At(f, 44)}
	case "PrivateAssets.DepositCommitted":
		switch d := a.deposits[u64At(f, 0)]; {
		case d == nil:
			a.problem("deposit %d is committed and was never made", u64At(f, 0))
		case d.committed:
			a.problem("deposit %d is committed twice", u64At(f, 0))
		default:
			d.committed = true
		}
	case "PrivateAssets.Paid", "PrivateAssets.PayoutFailed":
		number := u64At(f, 0)
		if number != uint64(len(a.payouts)) {
			a.problem("outbox message %d is executed after %d of them", number, len(a.payouts))
		}
		a.payouts[number] = payout{to: accountAt(f, 8), asset: u32At(f, 40), amount: u128At(f, 44), paid: event.Name == "PrivateAssets.Paid"}
	case "PrivateAssets.Claimed":
		a.claimed.add(u32At(f, 64), u128At(f, 68))
	case "Confidential.Committed":
		if a.commits > 0 && u64At(f, 0) != a.commits {
			a.problem("the commit of checkpoint %d follows that of %d", u64At(f, 0), a.commits-1)
		}
		a.commits = u64At(f, 0) + 1
	case "Confidential.Discrepancy", "PrivateAssets.AssetSuspended":
		a.problem("%s", event.Name)
	}
}

// stillThere compares every block that was final with what the node serves now.
func (a *auditor) stillThere(ctx context.Context) error {
	for number, hash := range a.hashes {
		var served scale.Hash
		if err := a.node.Call(ctx, &served, "chain_getBlockHash", number); err != nil {
			return err
		}
		if served != hash {
			a.problem("block %d was final as %v and is now %v", number, hash, served)
		}
	}
	return nil
}
