package worker_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// patience is how long tests wait for what happens in other goroutines.
const patience = 20 * time.Second

// testLimits keep the contract small.
func testLimits() contract.Limits {
	limits := contract.DefaultLimits()
	limits.Accounts, limits.Orders = min(limits.Accounts, 1<<16), min(limits.Orders, engine.MaxOrders, 1<<18)
	return limits
}

// logBook keeps what was logged.
type logBook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(b)
}

func (l *logBook) has(text string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return strings.Contains(l.text.String(), text)
}

func (l *logBook) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// site is a worker's place: its data folder and log survive restarts.
type site struct {
	network *network
	folder  string
	log     *logBook
	config  worker.Config
	number  uint32 // of the simulated platform
}

func newSite(t testing.TB, n *network) *site {
	t.Helper()
	s := &site{network: n, folder: filepath.Join(t.TempDir(), "worker"), log: &logBook{}}
	s.config = worker.Config{
		Instance: n.instance, Node: n, DataDir: s.folder, Listen: "127.0.0.1:0", Verifier: simulated.Verifier{},
		Operator: alice(t), Contract: testLimits(), Now: n.Now, SnapshotInterval: time.Hour, StartTimeout: time.Second,
	}
	return s
}

func alice(t testing.TB) keys.Pair {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func (s *site) backend(t testing.TB) *simulated.Backend {
	t.Helper()
	backend, err := simulated.New(s.number, filepath.Join(s.folder, "..", "simulated-secret"))
	if err != nil {
		t.Fatal(err)
	}
	return backend
}

// start starts the worker with its metrics on a registry of their own.
func (s *site) start(t testing.TB) *worker.Worker {
	t.Helper()
	w, err := s.tryStart(t)
	if err != nil {
		t.Fatalf("start: %v\n%s", err, s.log)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func (s *site) tryStart(t testing.TB) (*worker.Worker, error) {
	t.Helper()
	return s.startWithin(t, context.Background())
}

func (s *site) startWithin(t testing.TB, ctx context.Context) (*worker.Worker, error) {
	t.Helper()
	config := s.config
	if config.Backend == nil {
		config.Backend = s.backend(t)
	}
	config.Log = slog.New(slog.NewTextHandler(s.log, nil))
	if config.Registerer == nil {
		config.Registerer = prometheus.NewRegistry()
	}
	return worker.Start(ctx, config)
}

// until waits for a condition; each turn calls do, which may be nil.
func until(t testing.TB, what string, log *logBook, do func(), condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain\n%s", what, log)
		}
		if do != nil {
			do()
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// commitAll makes blocks until every checkpoint is committed and the worker has
// seen it.
func (s *site) commitAll(t testing.TB, w *worker.Worker) {
	t.Helper()
	n := s.network
	until(t, "all commits", s.log, func() { n.produce() }, func() bool {
		last, ok := n.committed()
		status := w.Status()
		return ok && last.Checkpoint+1 == n.checkpoints() && status.Committed != nil && status.Committed.Index == last.Checkpoint
	})
}

// keys makes blocks until the contract keys of the epoch and of the next are on the chain.
func (s *site) announceKeys(t testing.TB) {
	t.Helper()
	n := s.network
	until(t, "contract keys", s.log, func() { n.produce() }, func() bool {
		_, current := n.contractKey(n.epoch)
		_, next := n.contractKey(n.epoch + 1)
		return current && next
	})
}

// trader is a wallet's end.
type trader struct {
	t        testing.TB
	network  *network
	pair     keys.Pair
	session  *seal.Session
	sequence uint64
}

func newTrader(t testing.TB, n *network, name string) *trader {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		t.Fatal(err)
	}
	return &trader{t: t, network: n, pair: pair}
}

func (tr *trader) account() scale.AccountID { return tr.pair.AccountID() }

func (tr *trader) key() *seal.PublicKey {
	tr.t.Helper()
	key, ok := tr.network.contractKey(tr.network.epoch)
	if !ok {
		tr.t.Fatal("no contract key on the chain")
	}
	public, err := seal.ParsePublicKey(tr.network.instance, &key)
	if err != nil {
		tr.t.Fatal(err)
	}
	return public
}

// open makes a new session and gives its opening envelope.
func (tr *trader) open() []byte {
	tr.t.Helper()
	expires := uint64(tr.network.Now().Add(24 * time.Hour).UnixMilli())
	tr.session = seal.NewSession(tr.network.instance, tr.account(), seal.NewSecret(), expires, tr.network.epoch)
	tr.sequence = 0
	signature := wire.SessionSignature{Scheme: wire.SchemeSr25519, Bytes: tr.pair.Sign(tr.session.Message())}
	envelope, err := tr.session.Open(tr.key(), signature)
	if err != nil {
		tr.t.Fatal(err)
	}
	return envelope
}

// command seals a command with the next sequence.
func (tr *trader) command(c wire.Command) []byte {
	tr.t.Helper()
	envelope, err := tr.session.Seal(tr.network.epoch, tr.sequence, &c)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.sequence++
	return envelope
}

func (tr *trader) place(order uint64, side uint8, price, quantity uint64) []byte {
	return tr.command(wire.Command{Kind: wire.CommandPlace, Order: order, Side: side, Price: price, Quantity: quantity})
}

// query asks over HTTP and checks all that a wallet can check without the chain.
func (tr *trader) query(w *worker.Worker, q wire.Query) wire.AnswerBody {
	tr.t.Helper()
	request, opener, err := tr.key().Query(tr.account(), tr.session.QueryKey(), &q)
	if err != nil {
		tr.t.Fatal(err)
	}
	status, sealed := postQuery(tr.t, w, request)
	if status != http.StatusOK {
		tr.t.Fatalf("query: %d %s", status, sealed)
	}
	answer, err := opener.OpenAnswer(sealed)
	if err != nil {
		tr.t.Fatal(err)
	}
	digest := answer.Digest()
	if answer.Worker != w.Public() || !ed25519.Verify(answer.Worker[:], digest[:], answer.Signature[:]) {
		tr.t.Fatal("the answer is not signed by the worker")
	}
	for _, proof := range answer.Body.Balances {
		if proof.Leaf.Account != tr.account() || !proof.Verify(answer.StateRoot) {
			tr.t.Fatalf("a leaf of %s does not belong to the state root", proof.Leaf.Account)
		}
	}
	return answer.Body
}

func postQuery(t testing.TB, w *worker.Worker, request []byte) (int, []byte) {
	t.Helper()
	response, err := http.Post("http://"+w.Address().String()+"/v1/query", "application/octet-stream", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

// balance is an account's available and held amount of an asset, in the answer.
func balance(body wire.AnswerBody, asset uint32) (available, held uint64) {
	for _, proof := range body.Balances {
		if proof.Leaf.Asset == asset {
			return proof.Leaf.Available.Lo, proof.Leaf.Held.Lo
		}
	}
	return 0, 0
}
