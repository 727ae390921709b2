package blindness

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// world is a network of one node and one worker, with everything recorded that passes
// between them and their users.
type world struct {
	t          *testing.T
	folder     string
	node       *node.Node
	worker     *worker.Worker
	instance   wire.Instance
	traffic    *Recorder // between worker and node
	asked      *Recorder // between traders and worker
	nodeLogs   *Logs
	workerLogs *Logs
	registry   *prometheus.Registry
	figures    [2]figures // of worker and node, when the recording began
	workerURL  string     // through the recorder

	rpc      *light.RPC // the test's own eyes, not recorded
	chain    *chain.Client
	implicit extrinsic.Implicit
}

// newWorld starts the network with a heartbeat so long that nothing happens but for
// what the script does.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), traffic: NewRecorder(), asked: NewRecorder(), nodeLogs: &Logs{}, workerLogs: &Logs{},
		registry: prometheus.NewRegistry()}
	w.startNode()
	w.startWorker()
	w.connect()
	return w
}

func (w *world) startNode() {
	w.t.Helper()
	folder := filepath.Join(w.folder, "node")
	spec, err := node.DevelopmentSpec(folder)
	w.check(err)
	spec.Genesis.Confidential.Heartbeat = 3_600_000
	w.node, err = node.Start(w.t.Context(), node.Config{Spec: spec, DataDir: folder, Log: w.nodeLogs.Logger(),
		RPC: node.RPCConfig{Address: "127.0.0.1:0"}, Metrics: node.MetricsConfig{Address: "127.0.0.1:0"}})
	w.check(err)
	w.t.Cleanup(func() { _ = w.node.Close() })
	w.instance = wire.Instance{Genesis: w.node.Chain().Genesis()}
}

func (w *world) startWorker() {
	w.t.Helper()
	folder := filepath.Join(w.folder, "worker")
	backend, err := simulated.New(0, filepath.Join(folder, "sealing-secret"))
	w.check(err)
	operator, err := keys.DevPair(keys.Sr25519, "Alice")
	w.check(err)
	proxy, endpoint := w.traffic.RPCProxy("ws://" + w.node.RPCAddress())
	w.t.Cleanup(proxy.Close)
	w.worker, err = worker.Start(w.t.Context(), worker.Config{
		Instance: w.instance, Node: worker.DialNode(endpoint), DataDir: folder, Listen: "127.0.0.1:0",
		Backend: backend, Verifier: simulated.Verifier{}, Operator: operator, Log: w.workerLogs.Logger(), Registerer: w.registry,
	})
	w.check(err)
	w.t.Cleanup(func() { _ = w.worker.Close() })
	server, address := w.asked.WorkerProxy(w.worker.Address().String())
	w.t.Cleanup(server.Close)
	w.workerURL = address
}

func (w *world) connect() {
	w.t.Helper()
	endpoint := "ws://" + w.node.RPCAddress()
	w.rpc = light.NewRPC(endpoint)
	w.t.Cleanup(func() { _ = w.rpc.Close() })
	follower := chain.DialRPC(endpoint)
	w.t.Cleanup(func() { _ = follower.Close() })
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) { // until there is a first block
		var err error
		if w.chain, err = chain.Connect(w.t.Context(), follower, chain.Config{Genesis: w.instance.Genesis}); err == nil {
			break
		}
		if time.Now().After(deadline) {
			w.check(err)
		}
	}
	w.t.Cleanup(w.chain.Close)
	var version worker.RuntimeVersion
	w.check(w.rpc.Call(w.t.Context(), &version, "state_getRuntimeVersion"))
	w.implicit = extrinsic.Implicit{SpecVersion: version.Spec, TransactionVersion: version.Transaction,
		Genesis: w.instance.Genesis, Mortality: w.instance.Genesis}
	w.wait(func(v *chain.View) bool { return v.Commit.Some })
	w.rest()
}

// startBlock is where every world begins to be recorded, so that the lengths of block
// numbers are the same.
const startBlock = 20

// published reports whether the node has the first epoch's snapshot.
func (w *world) published() bool {
	families, err := w.registry.Gather()
	w.check(err)
	for _, family := range families {
		if family.GetName() == "bitcloak_worker_published_total" {
			return strings.Contains(family.String(), `"stored"`)
		}
	}
	return false
}

// rest waits until the worker has done what it does once, and fills blocks up to
// startBlock.
func (w *world) rest() {
	w.t.Helper()
	for epoch := range uint32(2) {
		w.wait(func(*chain.View) bool {
			_, found, err := w.chain.ContractKey(w.t.Context(), epoch)
			return err == nil && found
		})
	}
	waitFor(w.t, func() bool { return w.published() })
	w.settle()
	for w.chain.View().Head.Number < startBlock {
		w.send("Eve", []byte{wire.PalletSystem, 0, 0}, nil) // an empty remark
	}
	if got := w.chain.View().Head.Number; got != startBlock {
		w.t.Fatalf("the world begins at block %d", got)
	}
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wait(condition func(*chain.View) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	_, err := w.chain.Wait(ctx, condition)
	w.check(err)
}

// settle waits until the pool is empty and everything is committed and final, so that
// each step of a script meets the same world.
func (w *world) settle() {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if w.settled() {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the chain does not settle; the worker: %+v, %v", w.worker.Status(), w.worker.Err())
		}
	}
}

func (w *world) settled() bool {
	w.t.Helper()
	var pending []scale.HexBytes
	w.check(w.rpc.Call(w.t.Context(), &pending, "author_pendingExtrinsics"))
	if len(pending) > 0 {
		return false
	}
	head := w.chain.View().Head
	if best := w.node.Chain().Head().Number; head.Number != best {
		return false
	}
	values, err := w.chain.Read(w.t.Context(), head, wire.StorageInbox(), wire.StorageLastCommit())
	w.check(err)
	inbox, err := wire.InboxCodec.Unmarshal(values[0])
	w.check(err)
	if values[1] == nil {
		return false
	}
	last, err := wire.LastCommitCodec.Unmarshal(values[1])
	w.check(err)
	status := w.worker.Status()
	return last.Inbox == inbox && status.Head.Number == head.Number
}

// send signs a call of a development account and waits until all it leads to is done.
func (w *world) send(name string, call []byte, err error) {
	w.t.Helper()
	w.check(err)
	pair, err := keys.DevPair(keys.Sr25519, name)
	w.check(err)
	nonce, err := w.chain.Node().NextNonce(w.t.Context(), pair.AccountID())
	w.check(err)
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, w.implicit, extrinsic.SignerOf(pair))
	w.check(err)
	w.check(w.rpc.Call(w.t.Context(), nil, "author_submitExtrinsic", scale.HexBytes(signed)))
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) { // it may still be on its way into a block
		next, err := w.chain.Node().NextNonce(w.t.Context(), pair.AccountID())
		w.check(err)
		if next > nonce {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatal("the node does not take a transaction")
		}
	}
	w.settle()
}

// key is the contract's public key.
func (w *world) key() *seal.PublicKey {
	w.t.Helper()
	key, found, err := w.chain.ContractKey(w.t.Context(), 0)
	if err != nil || !found {
		w.t.Fatalf("no contract key: %v", err)
	}
	parsed, err := seal.ParsePublicKey(w.instance, &key)
	w.check(err)
	return parsed
}

// trader is an account that never signs anything on the chain.
type trader struct {
	*world
	pair     keys.Pair
	session  *seal.Session
	secret   [32]byte
	sequence uint64
}

func (w *world) trader(seed byte) *trader {
	w.t.Helper()
	pair, err := keys.NewPair(keys.Sr25519, [32]byte{seed, 0xb1, 0x1d})
	w.check(err)
	return &trader{world: w, pair: pair}
}

func (tr *trader) open() []byte {
	tr.t.Helper()
	tr.secret = seal.NewSecret()
	expires := uint64(time.Now().Add(time.Hour).UnixMilli())
	tr.session = seal.NewSession(tr.instance, tr.pair.AccountID(), tr.secret, expires, 0)
	envelope, err := tr.session.Open(tr.key(), wire.SessionSignature{Scheme: wire.SchemeSr25519, Bytes: tr.pair.Sign(tr.session.Message())})
	tr.check(err)
	return envelope
}

func (tr *trader) command(c wire.Command) []byte {
	tr.t.Helper()
	envelope, err := tr.session.Seal(0, tr.sequence, &c)
	tr.check(err)
	tr.sequence++
	return envelope
}

func (tr *trader) request(q *wire.Query) ([]byte, *seal.AnswerOpener) {
	tr.t.Helper()
	request, opener, err := tr.key().Query(tr.pair.AccountID(), tr.session.QueryKey(), q)
	tr.check(err)
	return request, opener
}

// query asks the worker, through the recorder.
func (tr *trader) query(q wire.Query) wire.AnswerBody {
	tr.t.Helper()
	request, opener := tr.request(&q)
	response, err := http.Post(tr.workerURL+"/v1/query", "application/octet-stream", bytes.NewReader(request))
	tr.check(err)
	defer response.Body.Close()
	sealed, err := io.ReadAll(response.Body)
	tr.check(err)
	answer, err := opener.OpenAnswer(sealed)
	tr.check(err)
	return answer.Body
}

// subscribe opens the trader's stream, through the recorder.
func (tr *trader) subscribe() {
	tr.t.Helper()
	request, _ := tr.request(&wire.Query{Kind: wire.QueryBalances})
	connection, _, err := websocket.Dial(tr.t.Context(), "ws"+tr.workerURL[len("http"):]+"/v1/stream", nil) //nolint:bodyclose // the library closes it
	tr.check(err)
	tr.t.Cleanup(func() { _ = connection.CloseNow() })
	tr.check(connection.Write(tr.t.Context(), websocket.MessageBinary, request))
	go func() {
		for {
			if _, _, err := connection.Read(tr.t.Context()); err != nil {
				return
			}
		}
	}()
}

// account is a development account's.
func (w *world) account(name string) scale.AccountID {
	w.t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	w.check(err)
	return pair.AccountID()
}
