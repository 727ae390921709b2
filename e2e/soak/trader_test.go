package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

const (
	// maxOpen is how many resting orders a trader keeps: the book stays as large as it is.
	maxOpen = 12
	// middle is the price, in ticks, around which all trade.
	middle = 1_200
)

// crowd is the traders, over one connection to the node and one to the worker.
type crowd struct {
	traders []*trader
	chain   *chain.Client
	pair    *wallet.Pair
	assets  [2]chain.Asset // KSM and USDT

	commands atomic.Uint64 // that the contract has executed
	refused  atomic.Uint64 // of those, rejected: the order was filled meanwhile, or there was too little
	fills    atomic.Uint64
	moves    atomic.Uint64 // deposits and withdrawals
	failures chan error
}

type trader struct {
	crowd  *crowd
	wallet *wallet.Client
	live   *wallet.Live
	random *rand.Rand
	open   []uint64 // orders that were placed to rest; some may have been filled
}

// newCrowd opens everybody's session.
func newCrowd(t *testing.T, s *site) *crowd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	node := chain.DialRPC("ws://" + s.rpc)
	t.Cleanup(func() { _ = node.Close() })
	c := &crowd{failures: make(chan error, len(s.accounts))}
	for deadline := time.Now().Add(patience); c.chain == nil; time.Sleep(50 * time.Millisecond) { // there is no first block yet
		client, err := chain.Connect(ctx, node, chain.Config{Genesis: s.genesis})
		if err == nil {
			c.chain = client
			t.Cleanup(client.Close)
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if _, err := c.chain.Wait(ctx, func(v *chain.View) bool { return v.Commit.Some }); err != nil {
		t.Fatal(err)
	}
	worker, err := wallet.DialWorker("http://" + s.api)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(worker.Close)
	var group sync.WaitGroup
	c.traders = make([]*trader, len(s.accounts))
	errs := make([]error, len(s.accounts))
	for i, pair := range s.accounts {
		group.Go(func() { c.traders[i], errs[i] = c.join(ctx, worker, pair, uint64(i)) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, tr := range c.traders {
			_ = tr.live.Close()
		}
	})
	listing, err := c.traders[0].wallet.Listing(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c.pair, err = listing.PairByID(market); err != nil {
		t.Fatal(err)
	}
	c.assets = [2]chain.Asset{listing.AssetByID(ksm), listing.AssetByID(usdt)}
	return c
}

func (c *crowd) join(ctx context.Context, worker wallet.Worker, pair keys.Pair, seed uint64) (*trader, error) {
	tr := &trader{crowd: c, random: rand.New(rand.NewPCG(seed, 5)), wallet: wallet.New(wallet.Config{Chain: c.chain, Worker: worker, Pair: pair, Patience: patience})}
	listing, err := tr.wallet.Listing(ctx)
	if err != nil {
		return nil, err
	}
	for _, first := range []struct {
		asset  uint32
		amount uint64
	}{{ksm, 100 * oneKSM}, {usdt, 10_000 * oneUSDT}} {
		asset := listing.AssetByID(first.asset)
		if _, err := tr.wallet.Deposit(ctx, &asset, scale.U128From(first.amount), tr.wallet.Account(), false); err != nil {
			return nil, err
		}
	}
	if _, err := tr.wallet.OpenSession(ctx, 24*time.Hour); err != nil {
		return nil, err
	}
	tr.live, err = tr.wallet.GoLive(ctx)
	return tr, err
}

// trade has everybody trade until the context ends, so many commands a second in all.
func (c *crowd) trade(ctx context.Context, rate float64) {
	pause := time.Duration(float64(len(c.traders)) / rate * float64(time.Second))
	var group sync.WaitGroup
	for _, tr := range c.traders {
		group.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Duration(tr.random.Int64N(2 * int64(pause)))):
				}
				if err := tr.act(ctx); err != nil && ctx.Err() == nil {
					c.failures <- err
					return
				}
			}
		})
	}
	group.Wait()
}

// act sends one command and waits until the contract has executed it.
func (tr *trader) act(ctx context.Context) error {
	kind := tr.random.IntN(100)
	switch {
	case kind < 3:
		return tr.move(ctx, tr.deposit)
	case kind < 6:
		return tr.move(ctx, tr.withdraw)
	case len(tr.open) > maxOpen || kind < 25 && len(tr.open) > 0:
		order := tr.take()
		return tr.settle(ctx)(tr.live.Cancel(ctx, order))
	case kind < 35 && len(tr.open) > 0:
		order := tr.open[tr.random.IntN(len(tr.open))]
		return tr.settle(ctx)(tr.live.Amend(ctx, order, uint64(middle-200+400*tr.random.IntN(2)), tr.lots()))
	case kind < 60:
		return tr.hit(ctx)
	}
	return tr.rest(ctx)
}

// take removes one of the open orders.
func (tr *trader) take() uint64 {
	at, last := tr.random.IntN(len(tr.open)), len(tr.open)-1
	order := tr.open[at]
	tr.open[at], tr.open = tr.open[last], tr.open[:last]
	return order
}

func (tr *trader) lots() uint64 { return tr.crowd.pair.Market.MinQuantity + tr.random.Uint64N(20) }

// order is so many ticks away from the middle, on the far side if the distance is negative.
func (tr *trader) order(distance int64) wallet.Order {
	side := uint8(tr.random.IntN(2))
	if side == wire.Buy {
		distance = -distance
	}
	return wallet.Order{Pair: tr.crowd.pair, Side: side, Price: uint64(middle + distance), Quantity: tr.lots()}
}

func (tr *trader) rest(ctx context.Context) error {
	ticket, err := tr.live.Place(ctx, tr.order(1+tr.random.Int64N(100)))
	if err == nil {
		tr.open = append(tr.open, ticket.Order)
	}
	return tr.settle(ctx)(ticket, err)
}

// hit takes what rests on the other side, if anything does.
func (tr *trader) hit(ctx context.Context) error {
	order := tr.order(-100)
	order.TimeInForce = wire.ImmediateOrCancel
	before := tr.crowd.refused.Load()
	err := tr.settle(ctx)(tr.live.Place(ctx, order))
	if err == nil && tr.crowd.refused.Load() == before {
		tr.crowd.fills.Add(1)
	}
	return err
}

// settle waits for a command's end. What the contract rejects is an end too.
func (tr *trader) settle(ctx context.Context) func(*wallet.Ticket, error) error {
	return func(ticket *wallet.Ticket, err error) error {
		if err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		err = ticket.Placed(limited)
		if limited.Err() != nil && ctx.Err() == nil {
			return fmt.Errorf("the contract has not answered for %v: %w", patience, err)
		}
		if err != nil {
			select {
			case <-tr.live.Done():
				return err
			default:
				tr.crowd.refused.Add(1)
			}
		}
		tr.crowd.commands.Add(1)
		return nil
	}
}

func (tr *trader) move(ctx context.Context, how func(context.Context, *chain.Asset, scale.U128) error) error {
	err := how(ctx, &tr.crowd.assets[0], scale.U128From(oneKSM/10))
	if err == nil {
		tr.crowd.moves.Add(1)
	}
	return err
}

func (tr *trader) deposit(ctx context.Context, asset *chain.Asset, amount scale.U128) error {
	_, err := tr.wallet.Deposit(ctx, asset, amount, tr.wallet.Account(), false)
	if err == nil {
		tr.crowd.commands.Add(1)
	}
	return err
}

func (tr *trader) withdraw(ctx context.Context, asset *chain.Asset, amount scale.U128) error {
	return tr.settle(ctx)(tr.live.Withdraw(ctx, asset.ID, amount, tr.wallet.Account()))
}
