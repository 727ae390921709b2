// Package loop tests the whole loop over a real node: extrinsics over JSON-RPC,
// blocks by CometBFT, a worker that follows them with the light client, commits
// that the runtime executes.
package loop

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// Assets and market of the development genesis.
const (
	ksm    = 1
	usdt   = 1000
	market = 1 // KSM against USDT: lots of 0.001 KSM, ticks of 0.01 USDT
)

// loop is a development network, a worker, and an observer that proves what it reads.
type loop struct {
	t      *testing.T
	folder string
	log    *logBook

	node     *node.Node
	rpcPort  string // of the node, kept over its restarts
	worker   *worker.Worker
	instance wire.Instance
	rpc      *light.RPC
	chain    *light.CometBFT
	head     light.Head
}

// logBook collects both parts' logs, for when a test fails.
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

func newLoop(t *testing.T) *loop {
	t.Helper()
	l := &loop{t: t, folder: t.TempDir(), log: &logBook{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("logs:\n%s", l.log.text.String())
		}
	})
	l.startNode()
	l.startWorker()
	return l
}

func (l *loop) startNode() {
	l.t.Helper()
	folder := filepath.Join(l.folder, "node")
	spec, err := node.DevelopmentSpec(folder)
	if err != nil {
		l.t.Fatal(err)
	}
	config := node.Config{Spec: spec, DataDir: folder, Log: l.log.logger("node")}
	config.RPC.Address = l.rpcPort
	if l.rpcPort == "" {
		config.RPC.Address = "127.0.0.1:0"
	}
	if l.node, err = node.Start(l.t.Context(), config); err != nil {
		l.t.Fatal(err)
	}
	n := l.node
	l.rpcPort = n.RPCAddress()
	l.t.Cleanup(func() { _ = n.Close() })
	l.instance = wire.Instance{Genesis: l.node.Chain().Genesis()}
	l.rpc = light.NewRPC("ws://" + l.node.RPCAddress())
	rpc := l.rpc
	l.t.Cleanup(func() { _ = rpc.Close() })
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) { // until there is a first block
		if l.chain, err = light.Follow(l.t.Context(), l.rpc, light.Config{Genesis: l.instance.Genesis}); err == nil {
			break
		}
		if time.Now().After(deadline) {
			l.t.Fatal(err)
		}
	}
	l.advance()
}

func (l *loop) startWorker() {
	l.t.Helper()
	folder := filepath.Join(l.folder, "worker")
	backend, err := simulated.New(0, filepath.Join(folder, "sealing-secret"))
	if err != nil {
		l.t.Fatal(err)
	}
	operator, err := keys.DevPair(keys.Sr25519, "Alice")
	if err != nil {
		l.t.Fatal(err)
	}
	l.worker, err = worker.Start(l.t.Context(), worker.Config{
		Instance: l.instance, Node: worker.DialNode("ws://" + l.node.RPCAddress()), DataDir: folder, Listen: "127.0.0.1:0",
		Backend: backend, Verifier: simulated.Verifier{}, Operator: operator, Log: l.log.logger("worker"),
		Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	w := l.worker
	l.t.Cleanup(func() { _ = w.Close() })
}

// advance proves the next head.
func (l *loop) advance() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	head, err := l.chain.Next(ctx)
	if err != nil {
		l.t.Fatalf("follow: %v", err)
	}
	l.head = head
}

// until proves head after head until the condition holds.
func (l *loop) until(what string, condition func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); {
		if time.Now().After(deadline) {
			l.t.Fatalf("waited for %s in vain; worker: %+v, %v", what, l.worker.Status(), l.worker.Err())
		}
		l.advance()
	}
}

// value proves a storage value at the newest head.
func value[T any](l *loop, codec scale.Codec[T], key []byte) scale.Optional[T] {
	l.t.Helper()
	values, err := l.chain.Read(l.t.Context(), l.head, key)
	if err != nil {
		l.t.Fatal(err)
	}
	if values[0] == nil {
		return scale.None[T]()
	}
	decoded, err := codec.Unmarshal(values[0])
	if err != nil {
		l.t.Fatal(err)
	}
	return scale.Some(decoded)
}

// settled waits until the chain has committed the inbox as it is now.
func (l *loop) settled() wire.LastCommit {
	l.t.Helper()
	inbox := value(l, wire.InboxCodec, wire.StorageInbox()).Value
	var last scale.Optional[wire.LastCommit]
	l.until("the commits", func() bool {
		last = value(l, wire.LastCommitCodec, wire.StorageLastCommit())
		return last.Some && last.Value.Inbox.Count >= inbox.Count
	})
	return last.Value
}

// trader sends extrinsics and sealed commands.
type trader struct {
	*loop
	pair     keys.Pair
	session  *seal.Session
	sequence uint64
}

func (l *loop) trader(name string) *trader {
	l.t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		l.t.Fatal(err)
	}
	return &trader{loop: l, pair: pair}
}

// send signs a call and hands it to the node.
func (tr *trader) send(call []byte, err error) {
	tr.t.Helper()
	if err != nil {
		tr.t.Fatal(err)
	}
	var version worker.RuntimeVersion
	if err := tr.rpc.Call(tr.t.Context(), &version, "state_getRuntimeVersion"); err != nil {
		tr.t.Fatal(err)
	}
	address, err := ss58.Encode(2, tr.pair.AccountID())
	if err != nil {
		tr.t.Fatal(err)
	}
	var nonce uint32
	if err := tr.rpc.Call(tr.t.Context(), &nonce, "system_accountNextIndex", address); err != nil {
		tr.t.Fatal(err)
	}
	implicit := extrinsic.Implicit{SpecVersion: version.Spec, TransactionVersion: version.Transaction, Genesis: tr.instance.Genesis, Mortality: tr.instance.Genesis}
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, implicit, extrinsic.SignerOf(tr.pair))
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := tr.rpc.Call(tr.t.Context(), nil, "author_submitExtrinsic", scale.HexBytes(signed)); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *trader) deposit(asset uint32, amount uint64) {
	tr.t.Helper()
	tr.send(wire.CallDeposit(asset, scale.U128From(amount), wire.PlainBeneficiary(tr.pair.AccountID())))
}

func (tr *trader) submit(envelopes ...[]byte) {
	tr.t.Helper()
	tr.send(wire.CallSubmit(envelopes))
}

// key is the contract key of the current epoch, proven.
func (tr *trader) key() *seal.PublicKey {
	tr.t.Helper()
	epoch := value(tr.loop, wire.EpochCodec, wire.StorageEpoch()).Value.Index
	var public scale.Optional[[]byte]
	tr.until("the contract key", func() bool {
		public = value(tr.loop, scale.Bytes(wire.PublicKeySize), wire.StorageContractKey(epoch))
		return public.Some
	})
	key := wire.ContractKey{Epoch: epoch}
	copy(key.Public[:], public.Value)
	parsed, err := seal.ParsePublicKey(tr.instance, &key)
	if err != nil {
		tr.t.Fatal(err)
	}
	return parsed
}

// open makes a session and gives its envelope.
func (tr *trader) open() []byte {
	tr.t.Helper()
	key := tr.key()
	expires := uint64(time.Now().Add(time.Hour).UnixMilli())
	tr.session = seal.NewSession(tr.instance, tr.pair.AccountID(), seal.NewSecret(), expires, key.Epoch())
	tr.sequence = 0
	envelope, err := tr.session.Open(key, wire.SessionSignature{Scheme: wire.SchemeSr25519, Bytes: tr.pair.Sign(tr.session.Message())})
	if err != nil {
		tr.t.Fatal(err)
	}
	return envelope
}

// command seals a command.
func (tr *trader) command(c wire.Command) []byte {
	tr.t.Helper()
	envelope, err := tr.session.Seal(tr.key().Epoch(), tr.sequence, &c)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.sequence++
	return envelope
}

// query asks the worker, and checks the answer against what the chain has committed.
func (tr *trader) query(q wire.Query) wire.AnswerBody {
	tr.t.Helper()
	request, opener, err := tr.key().Query(tr.pair.AccountID(), tr.session.QueryKey(), &q)
	if err != nil {
		tr.t.Fatal(err)
	}
	response, err := http.Post("http://"+tr.worker.Address().String()+"/v1/query", "application/octet-stream", bytes.NewReader(request))
	if err != nil {
		tr.t.Fatal(err)
	}
	defer response.Body.Close()
	sealed, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		tr.t.Fatalf("query: %d %s %v", response.StatusCode, sealed, err)
	}
	answer, err := opener.OpenAnswer(sealed)
	if err != nil {
		tr.t.Fatal(err)
	}
	digest := answer.Digest()
	if !ed25519.Verify(answer.Worker[:], digest[:], answer.Signature[:]) || !value(tr.loop, wire.WorkerCodec, wire.StorageWorker(answer.Worker)).Some {
		tr.t.Fatal("the answer is not of a registered worker")
	}
	tr.until("the answer's commit", func() bool {
		last := value(tr.loop, wire.LastCommitCodec, wire.StorageLastCommit())
		if last.Some && last.Value.Checkpoint == answer.Checkpoint && last.Value.StateRoot != answer.StateRoot {
			tr.t.Fatalf("the answer is of root %s, committed is %s", answer.StateRoot, last.Value.StateRoot)
		}
		return last.Some && last.Value.Checkpoint >= answer.Checkpoint
	})
	for _, proof := range answer.Body.Balances {
		if !proof.Verify(answer.StateRoot) || proof.Leaf.Account != tr.pair.AccountID() {
			tr.t.Fatal("a balance is not proven")
		}
	}
	return answer.Body
}

// holds is the trader's available and held amount of an asset in the contract.
func (tr *trader) holds(asset uint32) (available, held uint64) {
	tr.t.Helper()
	for _, proof := range tr.query(wire.Query{Kind: wire.QueryBalances}).Balances {
		if proof.Leaf.Asset == asset {
			return proof.Leaf.Available.Lo, proof.Leaf.Held.Lo
		}
	}
	return 0, 0
}
