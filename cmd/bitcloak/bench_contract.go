package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// commandsBenchmark is the contract by itself, as a worker drives it, without the chain before it.
func commandsBenchmark() benchmark {
	return benchmark{name: "commands", run: measureCommands, rows: []rowSpec{
		{name: "commands", unit: "commands/s", target: 100_000, about: "sealed session commands of 2,000 sessions (orders, fills, amendments, cancels) from the inbox's bytes to " +
			"the state root, on one core: decoding, hashing, opening, matching, ledger, history, tree; per second of processor time"},
	}}
}

// snapshotBenchmark is the contract's state on its way to a disk and back.
func snapshotBenchmark() benchmark {
	return benchmark{name: "snapshot", run: measureSnapshot, rows: []rowSpec{
		{name: "snapshot-take", unit: "s", about: "the contract with 100,000 open orders of 1,000 accounts writes its snapshot, to memory, on one core"},
		{name: "snapshot-size", unit: "MB", about: "its length, before sealing"},
		{name: "snapshot-restore", unit: "s", about: "a new contract is restored from it: orders entered into books, state root recomputed from everything and compared"},
	}}
}

const (
	benchMarket     = 7
	benchBase       = 1
	benchQuote      = 1000
	benchCheckpoint = 2_000 // commands in one
	benchStart      = 1_700_000_000_000
	benchHour       = 3_600_000
)

// benchOpener joins the contract with wire/seal, as a worker does.
type benchOpener struct {
	*seal.Keyring
	instance wire.Instance
}

func (o benchOpener) RootKey(opening *wire.Opening, epoch uint32) [32]byte {
	return seal.RootKey(opening.Secret, o.instance, opening.Account, epoch)
}

func (o benchOpener) RatchetKey(root [32]byte, epoch uint32) [32]byte {
	return seal.RatchetKey(root, epoch)
}

func (o benchOpener) QueryKey(opening *wire.Opening) [32]byte {
	return seal.QueryKey(opening.Secret, o.instance, opening.Account)
}

func (o benchOpener) Cipher(root [32]byte) contract.Cipher {
	return seal.NewCommandCipher(root, o.instance)
}

// contractStage is a contract, and the chain as the contract sees it.
type contractStage struct {
	config    contract.Config
	contract  *contract.Contract
	ring      *seal.Keyring
	desk      *desk
	number    uint32
	time      uint64
	workspace contract.Workspace
}

func newContractStage(traders int) (*contractStage, error) {
	instance := wire.Instance{Genesis: wire.Hash{0xbe}}
	s := &contractStage{time: benchStart}
	if err := s.arm(instance); err != nil {
		return nil, err
	}
	var err error
	if s.contract, err = contract.New(s.config); err != nil {
		return nil, err
	}
	if s.desk, err = newDesk(instance, 0, benchMarket, traders, benchStart+benchHour); err != nil {
		return nil, err
	}
	if err := s.fund(); err != nil {
		return nil, err
	}
	key, err := s.ring.Public(0)
	if err != nil {
		return nil, err
	}
	public, err := seal.ParsePublicKey(instance, &key)
	if err != nil {
		return nil, err
	}
	openings, err := s.desk.openings(public)
	if err != nil {
		return nil, err
	}
	return s, s.apply(s.checkpoint(openings))
}

// arm gives the contract keys of its own: those of a fixed seed.
func (s *contractStage) arm(instance wire.Instance) (err error) {
	if s.ring, err = seal.NewKeyring(instance, 0, seal.Seed{0xbe}); err != nil {
		return err
	}
	s.config = contract.Config{Instance: instance, StateKey: [32]byte{0xbe}, Opener: benchOpener{s.ring, instance}}
	return nil
}

// fund lists the market and deposits both assets for everybody.
func (s *contractStage) fund() error {
	messages := []wire.InboxMessage{s.block(), {Kind: wire.MessageMarket, Market: wire.Market{ID: benchMarket, Base: benchBase, Quote: benchQuote,
		LotSize: scale.U128From(100), TickValue: 3, MinQuantity: 2, MaxQuantity: 1 << 20, MaxPrice: 1 << 20, MakerFeePPM: 1_000, TakerFeePPM: 2_500}}}
	for i := range s.desk.traders {
		account := s.desk.traders[i].pair.AccountID()
		for j, asset := range []uint32{benchBase, benchQuote} {
			messages = append(messages, wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{ID: uint64(2*i + j), Asset: asset,
				Amount: scale.U128From(1 << 50), Beneficiary: wire.PlainBeneficiary(account)}})
		}
	}
	return s.apply(encodeMessages(messages))
}

func (s *contractStage) block() wire.InboxMessage {
	s.number++
	s.time += 20
	return wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: s.number, Timestamp: s.time}}
}

// checkpoint encodes envelopes behind a Block message, as the chain's inbox holds them.
func (s *contractStage) checkpoint(envelopes [][]byte) [][]byte {
	messages := []wire.InboxMessage{s.block()}
	for _, envelope := range envelopes {
		messages = append(messages, wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: envelope}})
	}
	return encodeMessages(messages)
}

func encodeMessages(messages []wire.InboxMessage) [][]byte {
	encoded := make([][]byte, len(messages))
	for i := range messages {
		encoded[i] = wire.InboxMessageCodec.Marshal(messages[i])
	}
	return encoded
}

// apply takes a checkpoint from bytes to its commit.
func (s *contractStage) apply(encoded [][]byte) error {
	messages := make([]wire.InboxMessage, len(encoded))
	for i := range encoded {
		var err error
		if messages[i], err = wire.InboxMessageCodec.Unmarshal(encoded[i]); err != nil {
			return err
		}
	}
	if err := s.contract.Apply(&messages[0]); err != nil {
		return err
	}
	for i := range messages[1:] {
		prepared := contract.Prepared{Message: &messages[1+i]}
		s.contract.Prepare(&s.workspace, &prepared)
		if err := s.contract.ApplyPrepared(&prepared); err != nil {
			return err
		}
	}
	_, err := s.contract.EndCheckpoint(wire.Hash{})
	return err
}

// fills counts the first fills of every trader.
func (s *contractStage) fills() (count int, err error) {
	for i := range s.desk.traders {
		t := &s.desk.traders[i]
		viewer, known := s.contract.Authenticate(t.pair.AccountID(), func(key [32]byte) bool { return key == t.session.QueryKey() })
		if !known {
			return 0, fmt.Errorf("the session of trader %d is not open", i)
		}
		count += len(s.contract.Answer(viewer, &wire.Query{Kind: wire.QueryFills}).Fills)
	}
	return count, nil
}

// onOneCore runs work on one processor, garbage collection included, and gives what it has used of it.
func onOneCore(work func() error) (time.Duration, error) {
	runtime.GC()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	before := processorTime()
	err := work()
	return processorTime() - before, err
}

func measureCommands(ctx context.Context, b *bencher) error {
	s, err := newContractStage(b.pick(2_000, 100))
	if err != nil {
		return err
	}
	commands := b.pick(100_000, 4_000)
	if _, err := s.run(ctx, b.pick(60_000, 2_000)); err != nil { // books and histories fill
		return err
	}
	for range b.runs {
		b.say("%d commands", commands)
		took, err := s.run(ctx, commands)
		if err != nil {
			return err
		}
		b.record("commands", float64(commands)/took.Seconds())
	}
	fills, err := s.fills()
	if err != nil {
		return err
	}
	if fills == 0 {
		return errors.New("no order has filled: the commands did not do what they should")
	}
	return s.contract.CheckInvariants()
}

// run seals commands, then applies them.
func (s *contractStage) run(ctx context.Context, commands int) (time.Duration, error) {
	var checkpoints [][][]byte
	for sealed := 0; sealed < commands; sealed += benchCheckpoint {
		envelopes, err := s.desk.mixed(min(benchCheckpoint, commands-sealed))
		if err != nil {
			return 0, err
		}
		checkpoints = append(checkpoints, s.checkpoint(envelopes))
	}
	return onOneCore(func() error {
		for _, checkpoint := range checkpoints {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := s.apply(checkpoint); err != nil {
				return err
			}
		}
		return nil
	})
}

func measureSnapshot(ctx context.Context, b *bencher) error {
	s, err := newContractStage(b.pick(1_000, 50))
	if err != nil {
		return err
	}
	orders := b.pick(100_000, 1_000)
	b.say("placing %d orders", orders)
	for placed := 0; placed < orders; placed += benchCheckpoint {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		envelopes, err := s.desk.resting(min(benchCheckpoint, orders-placed))
		if err != nil {
			return err
		}
		if err := s.apply(s.checkpoint(envelopes)); err != nil {
			return err
		}
	}
	if err := s.checkOrders(orders); err != nil {
		return err
	}
	for range b.runs {
		if err := s.snapshot(b); err != nil {
			return err
		}
	}
	return nil
}

// checkOrders counts what rests.
func (s *contractStage) checkOrders(want int) error {
	count := 0
	for i := range s.desk.traders {
		t := &s.desk.traders[i]
		viewer, _ := s.contract.Authenticate(t.pair.AccountID(), func(key [32]byte) bool { return key == t.session.QueryKey() })
		for after, more := uint64(0), true; more; {
			answer := s.contract.Answer(viewer, &wire.Query{Kind: wire.QueryOrders, After: after})
			count += len(answer.Orders)
			if more = answer.More; more {
				after = answer.Orders[len(answer.Orders)-1].Order
			}
		}
	}
	if count != want {
		return fmt.Errorf("%d of %d orders rest", count, want)
	}
	return nil
}

// snapshot writes the state, restores it and compares.
func (s *contractStage) snapshot(b *bencher) error {
	var written bytes.Buffer
	took, err := onOneCore(func() error { written.Reset(); return s.contract.Snapshot(&written) })
	if err != nil {
		return err
	}
	b.record("snapshot-take", took.Seconds())
	b.record("snapshot-size", float64(written.Len())/1e6)
	other := &contractStage{}
	if err := other.arm(s.config.Instance); err != nil {
		return err
	}
	took, err = onOneCore(func() (err error) {
		other.contract, err = contract.Restore(other.config, bytes.NewReader(written.Bytes()))
		return err
	})
	if err != nil {
		return err
	}
	b.record("snapshot-restore", took.Seconds())
	was, _ := s.contract.Last()
	if is, _ := other.contract.Last(); is != was {
		return errors.New("what was restored is not what was written")
	}
	return nil
}
