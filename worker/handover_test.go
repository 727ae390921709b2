package worker_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// asker is somebody with a key who asks for a handover.
type asker struct {
	t        testing.TB
	instance wire.Instance
	key      ed25519.PrivateKey
	platform uint32
}

func newAsker(t testing.TB, n *network, number byte) *asker {
	return &asker{t: t, instance: n.instance, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{number}, 32)), platform: uint32(number)}
}

func (a *asker) public() [32]byte { return [32]byte(a.key.Public().(ed25519.PublicKey)) }

// register puts the asker on the chain.
func (a *asker) register(n *network) {
	n.mutex.Lock()
	platform, err := simulated.DevelopmentPlatform(a.platform)
	if err != nil {
		a.t.Fatal(err)
	}
	n.replace(a.public(), platform)
	n.Set(wire.StorageWorker(a.public()), wire.WorkerCodec.Marshal(wire.Worker{Measurement: simulated.DevelopmentMeasurement, Platform: platform}))
	n.mutex.Unlock()
	n.allow(a.platform)
	n.produce()
}

// request makes a good request; change may spoil it before it is signed.
func (a *asker) request(change func(*wire.HandoverRequest)) (wire.HandoverRequest, *seal.HandoverKey) {
	a.t.Helper()
	key, err := seal.NewHandoverKey()
	if err != nil {
		a.t.Fatal(err)
	}
	backend, err := simulated.New(a.platform, a.t.TempDir()+"/secret")
	if err != nil {
		a.t.Fatal(err)
	}
	evidence, err := backend.Quote(a.t.Context(), wire.ReportData(a.instance, a.public()))
	if err != nil {
		a.t.Fatal(err)
	}
	request := wire.HandoverRequest{Worker: a.public(), Evidence: wire.Evidence{Kind: uint8(evidence.Kind), Bytes: evidence.Bytes}, Key: key.Public()}
	if change != nil {
		change(&request)
	}
	digest := request.Digest(a.instance)
	copy(request.Signature[:], ed25519.Sign(a.key, digest[:]))
	return request, key
}

// post gives the answer to bytes at the handover's address.
func (a *asker) post(w *worker.Worker, body []byte) (int, []byte) {
	a.t.Helper()
	response, err := http.Post("http://"+w.Address().String()+"/v1/handover", "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return response.StatusCode, answer
}

func (a *asker) ask(w *worker.Worker, request *wire.HandoverRequest) (int, []byte) {
	return a.post(w, wire.HandoverRequestCodec.Marshal(*request))
}

// TestHandover: a registered worker gets the oldest seed that is held and the state key;
// everybody else gets nothing.
func TestHandover(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	seed := seal.Seed{5, 6, 7}
	s.config.Seed = &seed
	var later atomic.Int64 // how much the worker's clock is ahead of its node's news
	s.config.Now = func() time.Time { return n.Now().Add(time.Duration(later.Load())) }
	w := s.start(t)
	s.nextEpoch(t, w)
	s.nextEpoch(t, w)
	good, stranger := newAsker(t, n, 3), newAsker(t, n, 4)
	good.register(n)
	until(t, "the registration", s.log, func() { n.produce() }, func() bool { return w.Status().Head.Number >= n.Best().Number })

	other := newAsker(t, n, 5)
	fromElsewhere, _ := other.request(nil)
	refuse := func(name string, want int, status int, answer []byte) {
		t.Helper()
		if status != want || !bytes.Contains(answer, []byte("error")) {
			t.Errorf("%s: %d %.200s", name, status, answer)
		}
	}
	request, _ := stranger.request(nil)
	status, answer := stranger.ask(w, &request)
	refuse("a key that is not registered", 403, status, answer)
	request, _ = stranger.request(func(r *wire.HandoverRequest) { r.Worker = good.public() })
	status, answer = stranger.ask(w, &request)
	refuse("a registered key, signed by another", 403, status, answer)
	request, _ = good.request(func(r *wire.HandoverRequest) { r.Evidence = fromElsewhere.Evidence })
	status, answer = good.ask(w, &request)
	refuse("evidence of another key", 403, status, answer)
	request, _ = good.request(func(r *wire.HandoverRequest) { r.Evidence.Kind = 7 })
	status, answer = good.ask(w, &request)
	refuse("evidence of unknown hardware", 403, status, answer)
	good.platform = 6
	request, _ = good.request(nil)
	good.platform = 3
	status, answer = good.ask(w, &request)
	refuse("evidence of another machine than it is registered with", 403, status, answer)
	request, _ = good.request(nil)
	request.Key[100] ^= 1
	status, answer = good.ask(w, &request)
	refuse("a key that was exchanged on the way", 403, status, answer)
	for name, body := range map[string][]byte{
		"nothing": nil, "garbage": bytes.Repeat([]byte{0xff}, 500), "too long": make([]byte, wire.MaxHandoverRequest+1),
		"a byte too many": append(wire.HandoverRequestCodec.Marshal(request), 0),
	} {
		status, answer = good.post(w, body)
		refuse(name, 400, status, answer)
	}

	later.Store(int64(2 * time.Minute))
	request, _ = good.request(nil)
	status, answer = good.ask(w, &request)
	refuse("while the node withholds newer heads", 503, status, answer)
	later.Store(0)

	// The network, not the asker, is what these requests wear out: wait for its limit.
	var key *seal.HandoverKey
	until(t, "a handover", s.log, func() {
		request, key = good.request(nil)
		status, answer = good.ask(w, &request)
		time.Sleep(200 * time.Millisecond)
	}, func() bool { return status == http.StatusOK })
	secrets, err := key.Open(n.instance, &request, answer)
	if err != nil {
		t.Fatal(err)
	}
	if want := seed.Next(1); secrets.Epoch != 1 || secrets.Seed != want {
		t.Errorf("the seed handed over is of epoch %d, or another", secrets.Epoch)
	}
	status, again := good.ask(w, &request)
	refuse("the same at once", 429, status, again)

	// Who recorded the request gets nothing out of it: neither its answer, nor another.
	thief, err := seal.NewHandoverKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := thief.Open(n.instance, &request, answer); !errors.Is(err, seal.ErrHandover) {
		t.Errorf("another key opens the answer: %v", err)
	}
	newAsker(t, n, 9).replaceOn(n, good.platform)
	until(t, "the replaced registration", s.log, func() { n.produce() }, func() bool {
		time.Sleep(500 * time.Millisecond)
		status, answer = good.ask(w, &request)
		return status != http.StatusTooManyRequests
	})
	refuse("a recorded request of a replaced key", 403, status, answer)
	if s.log.has(strings.Trim(wire.Hash(seed).String(), "0x")) {
		t.Error("the log holds the seed")
	}
}

// replaceOn registers the asker on a platform in use.
func (a *asker) replaceOn(n *network, platform uint32) {
	a.platform = platform
	a.register(n)
}

// hardware is attestation that is not simulated, as far as names go.
type hardware struct {
	*simulated.Backend
	simulated.Verifier
}

const hardwareKind attest.Kind = 77

func (hardware) Kind() attest.Kind { return hardwareKind }

func (h hardware) Quote(ctx context.Context, data [attest.ReportDataSize]byte) (attest.Evidence, error) {
	evidence, err := h.Backend.Quote(ctx, data)
	evidence.Kind = hardwareKind
	return evidence, err
}

func (h hardware) Verify(evidence attest.Evidence, now time.Time) (attest.Claims, error) {
	evidence.Kind = attest.Simulated
	return h.Verifier.Verify(evidence, now)
}

// TestProvisionNeedsADevelopmentNetwork: on any other, no seed is brought in, asked for or
// handed over.
func TestProvisionNeedsADevelopmentNetwork(t *testing.T) {
	n := newNetwork(t, func(n *network) { n.Delete(item("SimulatedVendor")) })
	s := newSite(t, n)
	h := hardware{Backend: s.backend(t)}
	s.config.Backend, s.config.Verifier = h, h
	s.config.Seed = &seal.Seed{1}
	if _, err := s.tryStart(t); !errors.Is(err, worker.ErrProvision) {
		t.Errorf("started with a seed: %v", err)
	}
	s.config.Seed, s.config.Replicas = nil, []string{"http://127.0.0.1:1"}
	if _, err := s.tryStart(t); !errors.Is(err, worker.ErrProvision) {
		t.Errorf("started with a replica: %v", err)
	}
	s.config.Seed = &seal.Seed{1}
	if _, err := s.tryStart(t); !errors.Is(err, worker.ErrConfig) {
		t.Errorf("started with both: %v", err)
	}
	s.config.Seed, s.config.Replicas = nil, nil
	w := s.start(t)
	ready(t, s, w)
	a := newAsker(t, n, 3)
	a.register(n)
	until(t, "the registration", s.log, func() { n.produce() }, func() bool { return w.Status().Head.Number >= n.Best().Number })
	request, _ := a.request(func(r *wire.HandoverRequest) { r.Evidence.Kind = uint8(hardwareKind) })
	if status, answer := a.ask(w, &request); status != 403 || !bytes.Contains(answer, []byte("simulated")) {
		t.Errorf("a handover: %d %s", status, answer)
	}
}

// liar is a replica that hands over what it is told to.
func liar(t *testing.T, n *network, secrets wire.HandoverSecrets) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		request, err := wire.HandoverRequestCodec.Unmarshal(body)
		if err != nil {
			return
		}
		if sealed, err := seal.SealHandover(n.instance, &request, &secrets); err == nil {
			_, _ = w.Write(sealed)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
