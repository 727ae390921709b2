package worker

import (
	"crypto/ed25519"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// Shape of the benchmark's flow.
const (
	benchTraders     = 1_000
	benchCheckpoints = 25
	benchCommands    = 4_000 // of each checkpoint
)

// flow is a chain whose traders have funds and sessions, and then send commands.
type flow struct {
	chain    *memory.Chain
	light    *light.CometBFT
	instance wire.Instance
	seed     seal.Seed
	sessions []*seal.Session
	next     []uint64 // sequence of each session
	random   *rand.Rand
	order    uint64
}

func newFlow(b *testing.B) *flow {
	b.Helper()
	f := &flow{chain: memory.New(memory.Options{}), seed: seal.Seed{1}, next: make([]uint64, benchTraders), random: rand.New(rand.NewPCG(1, 2))}
	f.instance = wire.Instance{Genesis: f.chain.Genesis()}
	keyring, err := seal.NewKeyring(f.instance, 0, f.seed)
	if err != nil {
		b.Fatal(err)
	}
	key, err := keyring.Public(0)
	if err != nil {
		b.Fatal(err)
	}
	public, err := seal.ParsePublicKey(f.instance, &key)
	if err != nil {
		b.Fatal(err)
	}
	messages := []wire.InboxMessage{{Kind: wire.MessageMarket, Market: wire.Market{Base: 1, Quote: 2, LotSize: scale.U128From(1),
		TickValue: 1, MinQuantity: 1, MaxQuantity: 1_000_000, MaxPrice: 1_000_000, MakerFeePPM: 100, TakerFeePPM: 200}}}
	expires := uint64(f.chain.Now().Add(24 * time.Hour).UnixMilli())
	for i := range benchTraders {
		pair, err := keys.NewPair(keys.Ed25519, [32]byte{byte(i), byte(i >> 8), 1})
		if err != nil {
			b.Fatal(err)
		}
		session := seal.NewSession(f.instance, pair.AccountID(), [32]byte{byte(i), byte(i >> 8), 2}, expires, 0)
		envelope, err := session.Open(public, wire.SessionSignature{Scheme: wire.SchemeEd25519, Bytes: pair.Sign(session.Message())})
		if err != nil {
			b.Fatal(err)
		}
		f.sessions = append(f.sessions, session)
		for asset := range uint32(2) {
			messages = append(messages, wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{Asset: asset + 1,
				Amount: scale.U128From(1 << 50), Beneficiary: wire.PlainBeneficiary(pair.AccountID())}})
		}
		messages = append(messages, wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: envelope}})
	}
	f.chain.Block(messages...)
	f.light, err = light.Follow(b.Context(), f.chain, light.Config{Genesis: f.instance.Genesis, Now: f.chain.Now})
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// checkpoint makes a block of sealed commands: orders near a middle price, some of
// which match, and cancels. spread says how far from the middle they lie.
func (f *flow) checkpoint(b *testing.B, commands int, command func() wire.Command) {
	b.Helper()
	messages := make([]wire.InboxMessage, commands)
	for i := range messages {
		at := f.random.IntN(benchTraders)
		c := command()
		envelope, err := f.sessions[at].Seal(0, f.next[at], &c)
		if err != nil {
			b.Fatal(err)
		}
		f.next[at]++
		messages[i] = wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: envelope}}
	}
	f.chain.Block(messages...)
}

// trade is an order near the middle, or a cancel of a recent one.
func (f *flow) trade() wire.Command {
	f.order++
	if f.random.IntN(4) == 0 {
		return wire.Command{Kind: wire.CommandCancel, Order: f.order - uint64(f.random.IntN(2_000))}
	}
	return wire.Command{Kind: wire.CommandPlace, Order: f.order, Side: uint8(f.random.IntN(2)),
		Price: 10_000 + uint64(f.random.IntN(200)), Quantity: 1 + uint64(f.random.IntN(100))}
}

// rest is an order that matches nothing.
func (f *flow) rest() wire.Command {
	f.order++
	side := uint8(f.order % 2)
	return wire.Command{Kind: wire.CommandPlace, Order: f.order, Side: side, Price: 1_000 + 10_000*uint64(side) + uint64(f.random.IntN(5_000)), Quantity: 10}
}

// worker is a worker without its goroutines, before the first checkpoint.
func (f *flow) worker(b *testing.B) *Worker {
	b.Helper()
	metrics, err := newMetrics(prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	w := &Worker{config: Config{Instance: f.instance, Contract: contract.DefaultLimits(), SnapshotInterval: time.Hour}, metrics: metrics,
		secrets: &secrets{signing: ed25519.NewKeyFromSeed(make([]byte, 32)), state: [32]byte{1}}, chain: f.light,
		streams: newStreams(), preparer: newPreparer(), wake: make(chan struct{}, 1), savedAt: time.Now()}
	s, err := w.newState(0, f.seed)
	if err != nil {
		b.Fatal(err)
	}
	w.contract, w.keyring = s.contract, s.keyring
	w.inbox = light.NewInboxReader(f.light, f.chain, s.position(f.light))
	return w
}

func (f *flow) read(b *testing.B, w *Worker) {
	b.Helper()
	f.light.Repeat()
	head, err := f.light.Next(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if err := w.inbox.Read(b.Context(), head, w.apply); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkBodiesToRoot is the worker's throughput: from the bodies that a node
// serves to signed commits, the checks of package light included.
func BenchmarkBodiesToRoot(b *testing.B) {
	f := newFlow(b)
	base := f.worker(b)
	f.read(b, base)
	encoded, err := encodeState(&state{contract: base.contract, keyring: base.keyring}, 0)
	if err != nil {
		b.Fatal(err)
	}
	for range benchCheckpoints {
		f.checkpoint(b, benchCommands, f.trade)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w := f.worker(b)
		s, err := w.decodeState(encoded)
		if err != nil {
			b.Fatal(err)
		}
		w.contract, w.keyring = s.contract, s.keyring
		w.inbox = light.NewInboxReader(f.light, f.chain, s.position(f.light))
		b.StartTimer()
		f.read(b, w)
	}
	b.ReportMetric(float64(benchCheckpoints*benchCommands)*float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

// BenchmarkSnapshot is what a snapshot of 100,000 open orders costs: taken while
// the worker waits, sealed beside it, and restored at a start.
func BenchmarkSnapshot(b *testing.B) {
	f := newFlow(b)
	for range benchCheckpoints {
		f.checkpoint(b, benchCommands, f.rest)
	}
	w := f.worker(b)
	f.read(b, w)
	v := testVault(b, 0, f.instance)
	var encoded, file []byte
	b.Run("take", func(b *testing.B) {
		for b.Loop() {
			taken, err := w.takeSnapshot(1, wire.Hash{}, 0)
			if err != nil {
				b.Fatal(err)
			}
			encoded = taken.plaintext
		}
		b.SetBytes(int64(len(encoded)))
	})
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			file = v.seal(kindSnapshot, [bindingSize]byte{}, encoded)
		}
		b.SetBytes(int64(len(file)))
	})
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.decodeState(encoded); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(len(encoded)))
	})
}
