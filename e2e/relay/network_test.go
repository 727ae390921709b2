// Package relay tests relays over a real node and worker: what stands on the chain, who pays, and what a hostile relay can do.
package relay

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/relay"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// patience is how long anything may take on a busy machine.
const patience = 90 * time.Second

// Assets of the development genesis, in base units.
const (
	cloak = 0
	ksm   = 1
	usdt  = 1000

	oneCLOAK = 1_000_000_000_000
)

// network is a development network with short epochs, and an observer that proves what it reads.
type network struct {
	t       *testing.T
	log     *logBook
	node    *node.Node
	config  node.Config
	worker  *worker.Worker
	genesis scale.Hash
	seen    *chain.Client // the observer
}

// logBook collects logs, for when a test fails.
type logBook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(b)
}

func (l *logBook) logger(part string) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelInfo})).With("part", part)
}

func newNetwork(t *testing.T, epoch time.Duration) *network {
	t.Helper()
	n := &network{t: t, log: &logBook{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("logs:\n%s", n.log.text.String())
		}
	})
	folder := t.TempDir()
	validator, err := node.ValidatorPublicKey(folder)
	if err != nil {
		t.Fatal(err)
	}
	spec := chainspec.NewDevelopment(validator, time.Now())
	spec.Genesis.Confidential.EpochDuration = uint64(epoch.Milliseconds())
	n.config = node.Config{Spec: spec, DataDir: folder, Log: n.log.logger("node")}
	n.config.RPC.Address = "127.0.0.1:0"
	n.startNode()
	n.genesis = n.node.Chain().Genesis()
	n.startWorker(filepath.Join(folder, "worker"))
	n.seen = n.connect()
	n.wait("the first commit", func(v *chain.View) bool { return v.Commit.Some })
	return n
}

// startNode starts the node, again at the address that it had.
func (n *network) startNode() {
	n.t.Helper()
	started, err := node.Start(n.t.Context(), n.config)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = started.Close() })
	n.node, n.config.RPC.Address = started, started.RPCAddress()
}

func (n *network) url() string { return "ws://" + n.node.RPCAddress() }

func (n *network) startWorker(folder string) {
	n.t.Helper()
	backend, err := simulated.New(0, filepath.Join(folder, "sealing-secret"))
	if err != nil {
		n.t.Fatal(err)
	}
	n.worker, err = worker.Start(n.t.Context(), worker.Config{Instance: wire.Instance{Genesis: n.genesis}, Node: worker.DialNode(n.url()), DataDir: folder,
		Listen: "127.0.0.1:0", Backend: backend, Verifier: simulated.Verifier{}, Operator: n.pair("Alice"), Log: n.log.logger("worker"),
		Registerer: prometheus.NewRegistry()})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = n.worker.Close() })
}

func (n *network) pair(name string) keys.Pair {
	n.t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		n.t.Fatal(err)
	}
	return pair
}

func (n *network) soon() context.Context {
	ctx, cancel := context.WithTimeout(n.t.Context(), patience)
	n.t.Cleanup(cancel)
	return ctx
}

// connect follows the network as a wallet does; the first block may not be there yet.
func (n *network) connect() *chain.Client {
	n.t.Helper()
	rpc := chain.DialRPC(n.url())
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		client, err := chain.Connect(n.soon(), rpc, chain.Config{Genesis: n.genesis})
		if err == nil {
			n.t.Cleanup(func() {
				client.Close()
				_ = rpc.Close()
			})
			return client
		}
		if time.Now().After(deadline) {
			n.t.Fatal(err)
		}
	}
}

// wait waits for a proven head.
func (n *network) wait(what string, condition func(*chain.View) bool) chain.View {
	n.t.Helper()
	view, err := n.seen.Wait(n.soon(), condition)
	if err != nil {
		n.t.Fatalf("%s: %v", what, err)
	}
	return view
}

// relay starts a relay under an account.
func (n *network) relay(name string, interval time.Duration) *relay.Relay {
	n.t.Helper()
	limits := api.DefaultLimits()
	limits.EnvelopesPerSecond, limits.EnvelopeBurst = 10_000, 10_000 // all traders have one address
	limits.RequestsPerSecond, limits.RequestBurst = 10_000, 10_000
	started, err := relay.Start(n.soon(), relay.Config{Nodes: []chain.Node{chain.DialRPC(n.url())}, Genesis: n.genesis, Account: n.pair(name), Listen: "127.0.0.1:0",
		API: limits, Interval: interval, Log: n.log.logger("relay " + name)})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() {
		if err := started.Close(); err != nil {
			n.t.Errorf("close the relay: %v", err)
		}
	})
	return started
}

func (n *network) dialRelay(address string) wallet.Relay {
	n.t.Helper()
	dialled, err := wallet.DialRelay("http://" + address)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(dialled.Close)
	return dialled
}

// wallet is a development account's, with an open session and some of everything in the pool.
func (n *network) wallet(name string, direct bool, relays ...wallet.Relay) *wallet.Client {
	n.t.Helper()
	return n.walletWith(name, 15*time.Second, direct, relays...)
}

func (n *network) walletWith(name string, relayPatience time.Duration, direct bool, relays ...wallet.Relay) *wallet.Client {
	n.t.Helper()
	asked, err := wallet.DialWorker("http://" + n.worker.Address().String())
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(asked.Close)
	client := wallet.New(wallet.Config{Chain: n.connect(), Worker: asked, Pair: n.pair(name), Relays: relays, DirectFallback: direct, RelayPatience: relayPatience,
		Progress: func(text string) { n.log.logger("wallet").Info(text, "account", name) }})
	if _, err := client.OpenSession(n.soon(), time.Hour); err != nil {
		n.t.Fatal(err)
	}
	listing, err := client.Listing(n.soon())
	if err != nil {
		n.t.Fatal(err)
	}
	for asset, amount := range map[uint32]string{cloak: "10", ksm: "10", usdt: "1000"} {
		listed := listing.AssetByID(asset)
		parsed, err := wallet.ParseAmount(amount, listed.Decimals)
		if err != nil {
			n.t.Fatal(err)
		}
		if _, err := client.Deposit(n.soon(), &listed, parsed, client.Account(), false); err != nil {
			n.t.Fatal(err)
		}
	}
	return client
}

// order is one on KSM/USDT.
func (n *network) order(client *wallet.Client, side uint8, quantity, price string) wallet.Order {
	n.t.Helper()
	listing, err := client.Listing(n.soon())
	if err != nil {
		n.t.Fatal(err)
	}
	pair, err := listing.Pair("KSM/USDT")
	if err != nil {
		n.t.Fatal(err)
	}
	lots, err := pair.ParseQuantity(quantity)
	if err != nil {
		n.t.Fatal(err)
	}
	ticks, err := pair.ParsePrice(price)
	if err != nil {
		n.t.Fatal(err)
	}
	return wallet.Order{Pair: pair, Side: side, Price: ticks, Quantity: lots}
}

// submit has an account send envelopes itself, and waits until they are in a block.
func (n *network) submit(name string, envelopes ...[]byte) *chain.Inclusion {
	n.t.Helper()
	call, err := wire.CallSubmit(envelopes)
	if err != nil {
		n.t.Fatal(err)
	}
	return n.transact(name, call)
}

func (n *network) transact(name string, call []byte) *chain.Inclusion {
	n.t.Helper()
	sent, err := n.seen.SubmitAndWatch(n.soon(), extrinsic.SignerOf(n.pair(name)), call)
	if err != nil {
		n.t.Fatal(err)
	}
	inclusion, err := sent.Included(n.soon())
	if err != nil {
		n.t.Fatal(err)
	}
	return inclusion
}

// covered waits until commits have come as far as the newest block.
func (n *network) covered() {
	n.t.Helper()
	if _, err := n.seen.Covered(n.soon(), n.seen.View().Head.Number); err != nil {
		n.t.Fatal(err)
	}
}
