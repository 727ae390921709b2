package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// transfersBenchmark is the chain by itself, without a worker.
func transfersBenchmark() benchmark {
	return benchmark{name: "transfers", run: measureTransfers, rows: []rowSpec{
		{name: "transfers", unit: "tx/s", target: 10_000, about: "signed sr25519 transfers of 500 accounts through one validator, from the first handed to the " +
			"pool (in process, as author_submitExtrinsic does, no JSON) until all are applied and final"},
		{name: "transfers-cost", unit: "µs", about: "processor time of the whole process for one of them, all cores together: what does not change when others use the machine"},
		{name: "transfers-blocks", unit: "blocks/s", about: "Substrate blocks made meanwhile"},
	}}
}

// benchTransfer is what is sent at once: one CLOAK.
const benchTransfer = 1_000_000_000_000

func measureTransfers(ctx context.Context, b *bencher) error {
	for range b.runs {
		load, err := newTransferLoad(b)
		if err != nil {
			return err
		}
		if err := load.measure(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// transferLoad is accounts of which half send to the other half.
type transferLoad struct {
	crowd     *crowd // senders
	receivers []scale.AccountID
	each      int
}

func newTransferLoad(b *bencher) (*transferLoad, error) {
	senders := b.pick(500, 20)
	everybody, err := newCrowd(2 * senders)
	if err != nil {
		return nil, err
	}
	load := &transferLoad{crowd: everybody, each: b.pick(60, 5)}
	for _, pair := range everybody.pairs[senders:] {
		load.receivers = append(load.receivers, pair.AccountID())
	}
	return load, nil
}

// sign gives every sender's transfers. The receivers send nothing themselves, so what they have afterwards is exact.
func (l *transferLoad) sign() ([][]byte, error) {
	senders := &crowd{pairs: l.crowd.pairs[:len(l.receivers)], implicit: l.crowd.implicit}
	return senders.sign(l.each, func(who int, nonce uint32) ([]byte, error) {
		to := (who + 7*int(nonce) + 1) % len(l.receivers)
		return wire.CallTransferKeepAlive(l.receivers[to], scale.U128From(benchTransfer)), nil
	})
}

func (l *transferLoad) measure(ctx context.Context, b *bencher) error {
	n, err := l.crowd.start(ctx, b)
	if err != nil {
		return err
	}
	defer n.Close()
	transactions, err := l.sign()
	if err != nil {
		return err
	}
	b.say("%d transfers are signed and go in", len(transactions))
	done, err := drive(ctx, n, transactions)
	if err != nil {
		return err
	}
	if err := l.check(n); err != nil {
		return err
	}
	done.record(b, "transfers", "", len(transactions))
	return nil
}

// driven is what it took to bring transactions into finalised blocks.
type driven struct {
	took, processor time.Duration
	blocks          uint32
}

// record enters the three rows of a benchmark of throughput.
func (d *driven) record(b *bencher, name, suffix string, count int) {
	b.record(name+suffix, float64(count)/d.took.Seconds())
	b.record(name+"-cost"+suffix, float64(d.processor.Nanoseconds())/1e3/float64(count))
	b.record(name+"-blocks"+suffix, float64(d.blocks)/d.took.Seconds())
}

// drive submits transactions and waits until all are final.
func drive(ctx context.Context, n *node.Node, transactions [][]byte) (*driven, error) {
	before := n.Chain().Head().Number
	started, used := time.Now(), processorTime()
	if err := submitAll(ctx, n, transactions); err != nil {
		return nil, err
	}
	last, err := awaitFinal(ctx, n, before, len(transactions))
	return &driven{took: time.Since(started), processor: processorTime() - used, blocks: last - before}, err
}

// check sees that every transfer has moved its amount.
func (l *transferLoad) check(n *node.Node) error {
	received := scale.U128From(uint64(l.each) * benchTransfer)
	want, _ := benchEndowment.Add(received)
	for _, receiver := range l.receivers {
		have, err := freeBalance(n, receiver)
		if err != nil {
			return err
		}
		if have != want {
			return fmt.Errorf("a receiver has %s instead of %s: some transfers did not apply", have, want)
		}
	}
	return nil
}

// freeBalance reads System.Account: a nonce and three counters of four bytes, then the free balance.
func freeBalance(n *node.Node, account scale.AccountID) (free scale.U128, err error) {
	value, found, err := n.Chain().Best().Get(wire.StorageAccount(account))
	if err != nil || !found {
		return free, err
	}
	d := scale.NewDecoder(value)
	for range 4 {
		d.U32()
	}
	scale.U128Codec.Decode(d, &free)
	return free, d.Err()
}

// envelopesBenchmark is the inbox by itself: whether an envelope opens is the worker's business.
func envelopesBenchmark() benchmark {
	return benchmark{name: "envelopes", run: measureEnvelopes, rows: []rowSpec{
		{name: "envelopes", unit: "envelopes/s", target: 50_000, about: "256-byte command envelopes in signed batches of 1,000 through one validator, handed to the pool " +
			"in process, until all are in the inbox and final; no worker"},
		{name: "envelopes-cost", unit: "µs", about: "processor time of the whole process for one of them, all cores together"},
		{name: "envelopes-blocks", unit: "blocks/s", about: "Substrate blocks made meanwhile"},
	}}
}

func measureEnvelopes(ctx context.Context, b *bencher) error {
	for range b.runs {
		relays, err := newCrowd(b.pick(16, 2))
		if err != nil {
			return err
		}
		if err := measureInbox(ctx, b, relays, b.pick(15, 2), b.pick(1_000, 50)); err != nil {
			return err
		}
	}
	return nil
}

// measureInbox has each relay send batches of envelopes.
func measureInbox(ctx context.Context, b *bencher, relays *crowd, each, batch int) error {
	n, err := relays.start(ctx, b)
	if err != nil {
		return err
	}
	defer n.Close()
	transactions, err := relays.sign(each, func(who int, nonce uint32) ([]byte, error) {
		random := rand.NewChaCha8([32]byte{byte(who), byte(nonce)})
		envelopes := make([][]byte, batch)
		for i := range envelopes {
			envelopes[i] = make([]byte, wire.CommandEnvelopeSize)
			random.Read(envelopes[i])
			envelopes[i][0] = wire.ClassCommand
		}
		return wire.CallSubmit(envelopes)
	})
	if err != nil {
		return err
	}
	before, err := inboxCount(n)
	if err != nil {
		return err
	}
	total := len(transactions) * batch
	b.say("%d envelopes go in", total)
	done, err := drive(ctx, n, transactions)
	if err != nil {
		return err
	}
	after, err := inboxCount(n)
	if err != nil {
		return err
	}
	if after-before < uint64(total) { // every block adds a message of its own
		return fmt.Errorf("%d of %d envelopes came in", after-before, total)
	}
	done.record(b, "envelopes", "", total)
	return nil
}

func inboxCount(n *node.Node) (uint64, error) {
	value, found, err := n.Chain().Best().Get(wire.StorageInbox())
	if err != nil || !found {
		return 0, err
	}
	inbox, err := wire.InboxCodec.Unmarshal(value)
	return inbox.Count, err
}
