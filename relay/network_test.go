package relay_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	lightmemory "github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/relay"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wallet/memory"
	"github.com/bitcloak/bitcloak/wire"
)

// timeout bounds what a test waits for.
const timeout = 10 * time.Second

const oneCLOAK = 1_000_000_000_000

// network is a chain whose submit puts envelopes into the inbox, for a fee of a hundredth CLOAK.
type network struct {
	*memory.Node
	t *testing.T

	mutex   sync.Mutex
	submits [][][]byte // the envelopes of each transaction
	ahead   time.Duration
	fail    bool // submit fails in its block
	payouts []memory.Event
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{Node: memory.New(lightmemory.Options{}), t: t}
	n.Execute = n.execute
	n.Sealed = n.Idle // so that the block is final
	n.Put(wire.StorageEpoch(), wire.EpochCodec.Marshal(wire.Epoch{}))
	n.Fund(pair(t).AccountID(), scale.U128From(100*oneCLOAK))
	n.Block()
	n.Idle()
	return n
}

func pair(t *testing.T) keys.Pair {
	t.Helper()
	p, err := keys.DevPair(keys.Sr25519, "Ferdie")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (n *network) execute(signer scale.AccountID, call []byte) memory.Effects {
	d := scale.NewDecoder(call)
	if d.U8() != wire.PalletConfidential || d.U8() != wire.CallIndexSubmit {
		return memory.Effects{}
	}
	var envelopes [][]byte
	wire.EnvelopesCodec.Decode(d, &envelopes)
	fields := scale.NewEncoder(nil)
	fields.Raw(signer[:])
	fields.U128(scale.U128From(oneCLOAK / 100))
	fields.U128(scale.U128{})
	effects := memory.Effects{Events: []memory.Event{{Pallet: wire.PalletTransactionPayment, Index: 0, Fields: fields.Encoded()}}}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.fail {
		effects.Failure = []byte{3, wire.PalletConfidential, 1, 0, 0, 0}
		return effects
	}
	n.submits = append(n.submits, envelopes)
	for _, envelope := range envelopes {
		effects.Messages = append(effects.Messages, wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: signer, Bytes: envelope}})
	}
	return effects
}

// Now is the chain's time, and what wait adds to it.
func (n *network) Now() time.Time {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.Node.Now().Add(n.ahead)
}

// pass lets time pass without blocks.
func (n *network) pass(d time.Duration) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.ahead += d
}

func (n *network) setFail(fail bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.fail = fail
}

// sent are the envelopes of each submit so far.
func (n *network) sent() [][][]byte {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return append([][][]byte(nil), n.submits...)
}

// other makes a transaction of an account with somebody else's software.
func (n *network) other(p keys.Pair, nonce uint32, call []byte) {
	n.t.Helper()
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, extrinsic.Implicit{SpecVersion: memory.Version.Spec,
		TransactionVersion: memory.Version.Transaction, Genesis: n.Genesis(), Mortality: n.Genesis()}, extrinsic.SignerOf(p))
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.Submit(context.Background(), signed); err != nil {
		n.t.Fatal(err)
	}
}

// node is how a relay reaches the network; it can lose what it takes, and lie about nonces.
type node struct {
	*network
	mutex     sync.Mutex
	swallow   int // so many submissions vanish
	swallowed [][]byte
	lead      uint32 // added to the next nonce
	broken    bool
}

var errBroken = errors.New("the node is broken")

func (n *node) Submit(ctx context.Context, extrinsic []byte) error {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.broken {
		return errBroken
	}
	if n.swallow > 0 {
		n.swallow--
		n.swallowed = append(n.swallowed, extrinsic)
		return nil
	}
	return n.Node.Submit(ctx, extrinsic)
}

func (n *node) NextNonce(ctx context.Context, account scale.AccountID) (uint32, error) {
	next, err := n.Node.NextNonce(ctx, account)
	return next + n.lead, err
}

func (n *node) Wait(ctx context.Context, height int64) error {
	n.mutex.Lock()
	broken := n.broken
	n.mutex.Unlock()
	if broken {
		return errBroken
	}
	waiting, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	err := n.Node.Wait(waiting, height)
	if errors.Is(err, context.DeadlineExceeded) {
		return ctx.Err()
	}
	return err
}

func (n *node) set(change func()) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	change()
}

// logBook collects logs.
type logBook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(b)
}

func (l *logBook) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// under is a relay under test, whose ticks the test gives.
type under struct {
	*relay.Relay
	t     *testing.T
	ticks chan time.Time
	log   *logBook
}

func start(t *testing.T, n *network, change func(*relay.Config)) *under {
	t.Helper()
	u := &under{t: t, ticks: make(chan time.Time), log: &logBook{}}
	config := relay.Config{Nodes: []chain.Node{&node{network: n}}, Genesis: n.Genesis(), Account: pair(t), Now: n.Now, Ticks: u.ticks,
		DrainTimeout: 2 * time.Second, Log: slog.New(slog.NewTextHandler(u.log, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	if change != nil {
		change(&config)
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var err error
	if u.Relay, err = relay.Start(ctx, config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := u.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if t.Failed() {
			t.Log(u.log.String())
		}
	})
	return u
}

// tick gives a tick; it returns when the one before is done.
func (u *under) tick() {
	u.t.Helper()
	select {
	case u.ticks <- time.Time{}:
	case <-time.After(timeout):
		u.t.Fatal("the relay takes no ticks")
	}
}

// take takes envelopes, none of which is refused.
func (u *under) take(envelopes ...[]byte) []api.TicketID {
	u.t.Helper()
	taken, err := u.Take(envelopes)
	if err != nil {
		u.t.Fatal(err)
	}
	var ids []api.TicketID
	for i, one := range taken {
		if one.Refused != nil {
			u.t.Fatalf("envelope %d: %v", i, one.Refused)
		}
		ids = append(ids, one.Ticket)
	}
	return ids
}

// state waits for a ticket's end.
func (u *under) state(id api.TicketID) api.Ticket {
	u.t.Helper()
	_, ended, err := u.Ticket(id)
	if err != nil {
		u.t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(timeout):
		u.t.Fatalf("the ticket does not end; log: %s", u.log)
	}
	ticket, _, err := u.Ticket(id)
	if err != nil {
		u.t.Fatal(err)
	}
	return ticket
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(timeout); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// command is an envelope of random-looking bytes.
func command(seed string) []byte {
	return append([]byte{wire.ClassCommand}, []byte(strings.Repeat(seed+"/", wire.CommandEnvelopeSize))[:wire.CommandEnvelopeSize-1]...)
}

func opening(seed string) []byte {
	return append([]byte{wire.ClassOpening}, []byte(strings.Repeat(seed+"/", wire.OpeningEnvelopeSize))[:wire.OpeningEnvelopeSize-1]...)
}

// pay makes the next block pay something out of the pool.
func (n *network) pay(to scale.AccountID, asset uint32, amount uint64) {
	fields := scale.NewEncoder(nil)
	fields.U64(0)
	fields.Raw(to[:])
	fields.U32(asset)
	fields.U128(scale.U128From(amount))
	n.payouts = append(n.payouts, memory.Event{Pallet: wire.PalletPrivateAssets, Index: 2, Fields: fields.Encoded()})
	n.Events(n.payouts...)
}
