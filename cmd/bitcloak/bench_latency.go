package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// latencyBenchmark is what a trader waits for, with everything in between that a trader who trusts nobody needs.
func latencyBenchmark() benchmark {
	return benchmark{name: "latency", run: func(ctx context.Context, b *bencher) error { return measureLatency(ctx, b, 1, "") }, rows: append([]rowSpec{
		{name: "fill-p50", unit: "ms", target: 20, atMost: true,
			about: "median time from placing an order until its fill's receipt is verified (wallet SDK over RPC and worker API, embedded network)"},
		{name: "fill-p99", unit: "ms", target: 50, atMost: true, about: "99th percentile of the same"},
		{name: "block-interval", unit: "ms", about: "median time between two Substrate blocks while that is measured (orders, commits)"},
	}, stageRows()...)}
}

// replicaLatencyBenchmark is the same with three workers, of which two must vote for a commit.
func replicaLatencyBenchmark() benchmark {
	rows := latencyBenchmark().rows
	for i := range rows {
		rows[i].name += replicasSuffix
		rows[i].about += replicasAbout
	}
	return benchmark{name: "latency-replicas", rows: rows,
		run: func(ctx context.Context, b *bencher) error { return measureLatency(ctx, b, replicas, replicasSuffix) }}
}

// Measurements with replicas have three workers, all in this process, of which two must sign the same commit.
const (
	replicas       = 3
	replicasQuorum = 2
	replicasSuffix = "-replicas"
	replicasAbout  = "; with three workers, of which two must sign each commit"
)

const (
	latencySell  = 100 // ticks, of the resting orders
	latencyPause = 60 * time.Millisecond
)

// latencyStage is an embedded network with resting orders and a trader who hits them.
type latencyStage struct {
	network *developmentNetwork
	trace   stageTrace
	worker  *wallet.WorkerClient
	node    chain.RPC
	chain   *chain.Client
	pair    *wallet.Pair
	taker   *wallet.Live
	random  *rand.Rand
}

func measureLatency(ctx context.Context, b *bencher, workers int, suffix string) error {
	folder, err := b.folder()
	if err != nil {
		return err
	}
	s := &latencyStage{random: rand.New(rand.NewPCG(1, 2)), trace: stageTrace{votes: quorumOf(workers)}}
	defer s.close()
	orders, warming := b.pick(300, 5), b.pick(20, 1)
	config := networkConfig{dataDir: folder, rpc: "127.0.0.1:0", workerAddress: "127.0.0.1:0", workers: workers, log: b.log,
		onStep: s.trace.onStep, tapNode: s.trace.tap}
	if err := s.open(ctx, b, config, warming+b.runs*orders); err != nil {
		return err
	}
	if _, _, err := s.trade(ctx, warming); err != nil { // connections open, caches fill
		return err
	}
	for range b.runs {
		b.say("%d orders, one after another", orders)
		watch := s.watchBlocks(ctx)
		times, stages, err := s.trade(ctx, orders)
		intervals := watch()
		if err != nil {
			return err
		}
		b.record("fill-p50"+suffix, quantile(times, 0.5))
		b.record("fill-p99"+suffix, quantile(times, 0.99))
		b.record("block-interval"+suffix, quantile(intervals, 0.5))
		stages.record(b, suffix)
	}
	return nil
}

// quorumOf is how many of so many workers must sign a commit.
func quorumOf(workers int) int {
	if workers == 1 {
		return 1
	}
	return replicasQuorum
}

// open starts the network, leaves a resting order that is large enough for so many others, and has the taker go live.
func (s *latencyStage) open(ctx context.Context, b *bencher, config networkConfig, orders int) (err error) {
	b.say("starting a network")
	if s.network, err = startDevelopment(ctx, config); err != nil {
		return err
	}
	if s.worker, err = wallet.DialWorker("http://" + s.network.worker.Address().String()); err != nil {
		return err
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	b.say("opening sessions and depositing")
	maker, err := s.trader(ctx, "Bob", "KSM", 9_000)
	if err != nil {
		return err
	}
	quantity := s.pair.Market.MinQuantity * uint64(orders)
	rests, err := maker.Place(ctx, wallet.Order{Pair: s.pair, Side: wire.Sell, Price: latencySell, Quantity: quantity})
	if err != nil {
		return err
	}
	if rests.Status != wallet.OrderOpen {
		return fmt.Errorf("the resting order is %s", rests.Status)
	}
	taker, err := s.trader(ctx, "Charlie", "USDT", 900_000)
	if err != nil {
		return err
	}
	s.taker, err = taker.GoLive(ctx)
	return err
}

// connect follows the chain as a wallet does, and waits until the contract works.
func (s *latencyStage) connect(ctx context.Context) (err error) {
	s.node = chain.DialRPC("ws://" + s.network.node.RPCAddress())
	s.chain, err = chain.Connect(ctx, s.node, chain.Config{Genesis: s.network.node.Chain().Genesis(),
		Metadata: runtime.Metadata(14), MetadataSpec: runtime.New(nil).Version().SpecVersion})
	if err != nil {
		return err
	}
	_, err = s.chain.Wait(ctx, func(v *chain.View) bool { return v.Commit.Some })
	return err
}

// trader opens the session of a development account and deposits so many whole units for it.
func (s *latencyStage) trader(ctx context.Context, name, symbol string, units uint64) (*wallet.Client, error) {
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		return nil, err
	}
	client := wallet.New(wallet.Config{Chain: s.chain, Worker: s.worker, Pair: pair})
	listing, err := client.Listing(ctx)
	if err != nil {
		return nil, err
	}
	if s.pair, err = listing.Pair("KSM/USDT"); err != nil {
		return nil, err
	}
	asset, err := listing.Asset(symbol)
	if err != nil {
		return nil, err
	}
	amount, err := wallet.ParseAmount(fmt.Sprint(units), asset.Decimals)
	if err != nil {
		return nil, err
	}
	if _, err := client.Deposit(ctx, asset, amount, pair.AccountID(), false); err != nil {
		return nil, err
	}
	_, err = client.OpenSession(ctx, 24*time.Hour)
	return client, err
}

// trade has the taker hit a resting order again and again, at times that have nothing to do with the blocks, and gives the sorted
// times in milliseconds, and what they consist of.
func (s *latencyStage) trade(ctx context.Context, orders int) (times []float64, stages stageTimes, err error) {
	for range orders {
		if err := pause(ctx, time.Duration(s.random.Int64N(int64(latencyPause)))); err != nil {
			return nil, nil, err
		}
		s.trace.begin()
		began := time.Now()
		took, err := s.hit(ctx)
		if err != nil {
			return nil, nil, err
		}
		times = append(times, milliseconds(took))
		if parts, ok := s.trace.split(began, began.Add(took)); ok {
			stages.add(parts)
		}
	}
	slices.Sort(times)
	return times, stages, nil
}

// hit buys the smallest quantity at once and verifies the fill's receipt.
func (s *latencyStage) hit(ctx context.Context) (took time.Duration, err error) {
	quantity := s.pair.Market.MinQuantity
	started := time.Now()
	ticket, err := s.taker.Place(ctx, wallet.Order{Pair: s.pair, Side: wire.Buy, Price: latencySell, Quantity: quantity,
		TimeInForce: wire.ImmediateOrCancel})
	if err != nil {
		return 0, err
	}
	answer, err := ticket.Fill(ctx)
	took = time.Since(started)
	if err != nil {
		return 0, err
	}
	if fill := &answer.Body.Fill; fill.Quantity != quantity || fill.Price != latencySell {
		return 0, errors.New("the receipt is of another fill")
	}
	return took, nil
}

// watchBlocks notes when blocks are made until the returned function is called, which gives the sorted times between them.
func (s *latencyStage) watchBlocks(ctx context.Context) func() []float64 {
	ctx, stop := context.WithCancel(ctx)
	var intervals []float64
	var watching sync.WaitGroup
	watching.Go(func() {
		last, at := s.network.node.Chain().Head().Number, time.Time{}
		for {
			number, ok := s.network.node.Chain().WaitBest(ctx, last)
			if !ok {
				return
			}
			now := time.Now()
			if !at.IsZero() {
				intervals = append(intervals, milliseconds(now.Sub(at))/float64(number-last))
			}
			last, at = number, now
		}
	})
	return func() []float64 {
		stop()
		watching.Wait()
		if len(intervals) == 0 {
			intervals = []float64{0}
		}
		slices.Sort(intervals)
		return intervals
	}
}

func (s *latencyStage) close() {
	if s.taker != nil {
		s.taker.Close()
	}
	if s.chain != nil {
		s.chain.Close()
		_ = s.node.Close()
	}
	if s.worker != nil {
		s.worker.Close()
	}
	if s.network != nil {
		_ = s.network.Close() // its folder is removed next
	}
}

// pause sleeps unless the context ends.
func pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
