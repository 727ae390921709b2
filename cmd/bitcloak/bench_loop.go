package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// loopBenchmark is chain and worker together, under load.
func loopBenchmark() benchmark {
	restart := []rowSpec{
		{name: "worker-stop", unit: "s", about: "a worker with 100,000 open orders stops: its snapshot is taken, sealed and synced to disk"},
		{name: "worker-start", unit: "s", about: "it starts again from that snapshot, until it has verified the chain and answers"},
	}
	return benchmark{name: "loop", rows: append(loopRows(), restart...), run: func(ctx context.Context, b *bencher) error {
		return measureLoop(ctx, b, 1, "")
	}}
}

// replicaLoopBenchmark is the same with three workers, of which two must vote for a commit.
func replicaLoopBenchmark() benchmark {
	rows := loopRows()
	for i := range rows {
		rows[i].name += replicasSuffix
		rows[i].about += replicasAbout
	}
	return benchmark{name: "loop-replicas", rows: rows, run: func(ctx context.Context, b *bencher) error {
		return measureLoop(ctx, b, replicas, replicasSuffix)
	}}
}

func loopRows() []rowSpec {
	return []rowSpec{
		{name: "loop", unit: "commands/s", about: "sealed session commands of 1,000 sessions through validator and worker in one process: from the first batch handed to the pool " +
			"until the worker's commit of the last one is final"},
		{name: "loop-cost", unit: "µs", about: "processor time of the whole process for one of them, all cores together"},
		{name: "loop-commits", unit: "commits/s", about: "commits that the chain accepted meanwhile"},
		{name: "loop-blocks", unit: "blocks/s", about: "Substrate blocks made meanwhile"},
	}
}

// Amounts that every trader has in the pool: 100 KSM and 10,000 USDT.
const (
	loopKSM    = 100_000_000_000_000
	loopUSDT   = 10_000_000_000
	loopMarket = 1 // KSM/USDT of the development genesis
	loopKSMID  = 1
	loopUSDTID = 1000
	loopBatch  = 1_000 // envelopes in one extrinsic
	loopRelays = 10
)

// loopStage is a development network with a worker, relays, and traders with sessions.
type loopStage struct {
	config  networkConfig
	network *developmentNetwork
	relays  *crowd
	desk    *desk
}

func measureLoop(ctx context.Context, b *bencher, workers int, suffix string) error {
	folder, err := b.folder()
	if err != nil {
		return err
	}
	s := &loopStage{config: networkConfig{dataDir: folder, rpc: "127.0.0.1:0", workerAddress: "127.0.0.1:0", workers: workers, log: b.log}}
	defer s.close()
	if err := s.open(ctx, b); err != nil {
		return err
	}
	for range b.runs {
		batches, err := s.seal(b.pick(10, 1), b.pick(loopBatch, 50), s.desk.mixed)
		if err != nil {
			return err
		}
		if err := s.measure(ctx, b, suffix, batches, loopRelays*b.pick(10, 1)*b.pick(loopBatch, 50)); err != nil {
			return err
		}
	}
	if workers > 1 {
		return nil
	}
	return s.restarts(ctx, b)
}

// restarts fills the book and has the worker stop and start again.
func (s *loopStage) restarts(ctx context.Context, b *bencher) error {
	b.say("placing %d orders that rest", loopRelays*b.pick(10, 1)*b.pick(loopBatch, 50))
	batches, err := s.seal(b.pick(10, 1), b.pick(loopBatch, 50), s.desk.resting)
	if err != nil {
		return err
	}
	if _, err := s.drive(ctx, batches); err != nil {
		return err
	}
	for range b.runs {
		if err := s.restart(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// open starts the network, deposits for the traders and opens their sessions.
func (s *loopStage) open(ctx context.Context, b *bencher) (err error) {
	b.say("starting a network")
	if s.relays, err = newCrowd(loopRelays); err != nil {
		return err
	}
	if err := s.writeSpec(); err != nil {
		return err
	}
	if s.network, err = startDevelopment(ctx, s.config); err != nil {
		return err
	}
	s.relays.join(s.network.node)
	public, err := s.contractKey(ctx)
	if err != nil {
		return err
	}
	traders := b.pick(1_000, 50)
	expiresAt := uint64(time.Now().Add(24 * time.Hour).UnixMilli())
	instance := wire.Instance{Genesis: s.network.node.Chain().Genesis()}
	if s.desk, err = newDesk(instance, public.Epoch(), loopMarket, traders, expiresAt); err != nil {
		return err
	}
	b.say("depositing for %d traders and opening their sessions", traders)
	if err := s.deposit(ctx); err != nil {
		return err
	}
	openings, err := s.desk.openings(public)
	if err != nil {
		return err
	}
	batches, err := s.batches(openings)
	if err != nil {
		return err
	}
	_, err = s.drive(ctx, batches)
	return err
}

// writeSpec makes the relays rich, before the network makes a chain spec by itself.
func (s *loopStage) writeSpec() error {
	folder := filepath.Join(s.config.dataDir, "node")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	spec, err := s.relays.spec(folder)
	if err != nil {
		return err
	}
	endow(spec, s.relays)
	return writeSpec(spec, folder)
}

// endow gives the relays what they deposit for traders.
func endow(spec *chainspec.Spec, relays *crowd) {
	registered := spec.Genesis.Assets.Assets
	for i := range registered {
		if registered[i].ID != loopKSMID && registered[i].ID != loopUSDTID {
			continue
		}
		for _, pair := range relays.pairs {
			registered[i].Holdings = append(registered[i].Holdings,
				assets.Endowment{Account: frame.Address(pair.AccountID()), Balance: scale.U128From(1 << 60)})
		}
	}
}

// contractKey waits until the worker is registered and its key of the first epoch is on the chain.
func (s *loopStage) contractKey(ctx context.Context) (*seal.PublicKey, error) {
	c := s.network.node.Chain()
	for {
		number := c.Head().Number
		value, found, err := c.Best().Get(wire.StorageContractKey(0))
		if err != nil {
			return nil, err
		}
		if found {
			public, err := scale.Bytes(wire.PublicKeySize).Unmarshal(value)
			if err != nil {
				return nil, err
			}
			return seal.ParsePublicKey(wire.Instance{Genesis: c.Genesis()}, &wire.ContractKey{Public: [wire.PublicKeySize]byte(public)})
		}
		if _, ok := c.WaitBest(ctx, number); !ok {
			return nil, context.Cause(ctx)
		}
	}
}

// deposit has the relays deposit both assets for every trader.
func (s *loopStage) deposit(ctx context.Context) error {
	traders := s.desk.traders
	each := (len(traders) + loopRelays - 1) / loopRelays
	for _, what := range []struct {
		asset  uint32
		amount uint64
	}{{loopKSMID, loopKSM}, {loopUSDTID, loopUSDT}} {
		first := s.relays.nonce
		transactions, err := s.relays.sign(each, func(who int, nonce uint32) ([]byte, error) {
			trader := (int(nonce-first)*loopRelays + who) % len(traders)
			return wire.CallDeposit(what.asset, scale.U128From(what.amount), wire.PlainBeneficiary(traders[trader].pair.AccountID()))
		})
		if err != nil {
			return err
		}
		if _, err := s.drive(ctx, transactions); err != nil {
			return err
		}
	}
	return nil
}

// seal makes batches of commands, so many for each relay.
func (s *loopStage) seal(each, batch int, commands func(int) ([][]byte, error)) ([][]byte, error) {
	envelopes, err := commands(each * loopRelays * batch)
	if err != nil {
		return nil, err
	}
	return s.relays.sign(each, s.calls(envelopes, batch))
}

// batches makes a batch for each relay.
func (s *loopStage) batches(envelopes [][]byte) ([][]byte, error) {
	return s.relays.sign(1, s.calls(envelopes, (len(envelopes)+loopRelays-1)/loopRelays))
}

// calls submits the envelopes in their order.
func (s *loopStage) calls(envelopes [][]byte, batch int) func(int, uint32) ([]byte, error) {
	first := s.relays.nonce
	return func(who int, nonce uint32) ([]byte, error) {
		from := (int(nonce-first)*loopRelays + who) * batch
		return wire.CallSubmit(envelopes[min(from, len(envelopes)):min(from+batch, len(envelopes))])
	}
}

// drive submits transactions and waits until the worker's commit of the last is final.
func (s *loopStage) drive(ctx context.Context, transactions [][]byte) (*driven, error) {
	n := s.network.node
	before := n.Chain().Head().Number
	started, used := time.Now(), processorTime()
	if err := submitAll(ctx, n, transactions); err != nil {
		return nil, err
	}
	last, err := awaitFinal(ctx, n, before, len(transactions))
	if err != nil {
		return nil, err
	}
	inbox, err := inboxCount(n)
	if err != nil {
		return nil, err
	}
	for number := last; ; {
		commit, err := lastCommit(n)
		if err != nil {
			return nil, err
		}
		if commit.Inbox.Count >= inbox {
			break
		}
		var ok bool
		if number, ok = n.Chain().WaitBest(ctx, number); !ok {
			return nil, fmt.Errorf("the worker's commits came as far as message %d of %d: %w", commit.Inbox.Count, inbox, context.Cause(ctx))
		}
	}
	head := n.Chain().Head().Number
	if _, ok := n.Chain().WaitFinalized(ctx, head-1); !ok {
		return nil, context.Cause(ctx)
	}
	return &driven{took: time.Since(started), processor: processorTime() - used, blocks: head - before}, nil
}

// lastCommit is what the chain has committed last.
func lastCommit(n *node.Node) (commit wire.LastCommit, err error) {
	value, found, err := n.Chain().Best().Get(wire.StorageLastCommit())
	if err != nil || !found {
		return commit, err
	}
	return wire.LastCommitCodec.Unmarshal(value)
}

func (s *loopStage) measure(ctx context.Context, b *bencher, suffix string, batches [][]byte, commands int) error {
	before, err := lastCommit(s.network.node)
	if err != nil {
		return err
	}
	b.say("%d sealed commands go in", commands)
	done, err := s.drive(ctx, batches)
	if err != nil {
		return err
	}
	after, err := lastCommit(s.network.node)
	if err != nil {
		return err
	}
	done.record(b, "loop", suffix, commands)
	b.record("loop-commits"+suffix, float64(after.Checkpoint-before.Checkpoint)/done.took.Seconds())
	return nil
}

// restart stops the worker and starts it again on the same data.
func (s *loopStage) restart(ctx context.Context, b *bencher) error {
	started := time.Now()
	if err := s.network.closeWorkers(); err != nil {
		return err
	}
	b.record("worker-stop", time.Since(started).Seconds())
	started = time.Now()
	if err := s.network.startWorkers(ctx, s.config); err != nil {
		return err
	}
	select {
	case <-s.network.worker.Ready():
		b.record("worker-start", time.Since(started).Seconds())
		return nil
	case <-s.network.worker.Done():
		return errors.Join(errors.New("the worker has stopped by itself"), s.network.worker.Err())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *loopStage) close() {
	if s.network != nil {
		_ = s.network.Close() // its folder is removed next
	}
}
