package worker

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker/api"
)

// Limits of handovers. A worker needs one after the loss of its disk, so they are rare.
const (
	handoversPerSecond = 5 // requests whose registration is looked up
	handoverBurst      = 10
	handoverPause      = 2 * time.Second // between two of one worker
	// maxHeadAge is how old the newest proven head may be: a host that withholds later
	// ones could hide that a worker was removed.
	maxHeadAge = time.Minute
)

// handovers limits what is handed over.
type handovers struct {
	limiter *rate.Limiter
	mutex   sync.Mutex
	last    map[[32]byte]time.Time // by worker, of the last handoverPause
}

func newHandovers() *handovers {
	return &handovers{limiter: rate.NewLimiter(handoversPerSecond, handoverBurst), last: map[[32]byte]time.Time{}}
}

// allow counts a handover to a worker and tells whether it is within the limit.
func (h *handovers) allow(worker [32]byte, now time.Time) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for other, at := range h.last {
		if now.Sub(at) >= handoverPause {
			delete(h.last, other)
		}
	}
	if _, recent := h.last[worker]; recent {
		return false
	}
	h.last[worker] = now
	return true
}

// Handover gives the contract's seed to another registered worker (api.Service). What
// decides is chain state that was proven; the answer opens with the request's key alone.
func (w *Worker) Handover(ctx context.Context, encoded []byte) (sealed []byte, err error) {
	defer func() { w.metrics.handover(err) }()
	if !w.serving() {
		return nil, api.ErrNotReady
	}
	request, err := wire.HandoverRequestCodec.Unmarshal(encoded)
	if err != nil {
		return nil, api.ErrRequest
	}
	digest := request.Digest(w.config.Instance)
	if !ed25519.Verify(request.Worker[:], digest[:], request.Signature[:]) {
		return nil, api.ErrHandover
	}
	if !w.handovers.limiter.Allow() {
		return nil, api.ErrTooOften
	}
	if err := w.checkReplica(ctx, &request); err != nil {
		return nil, err
	}
	if !w.handovers.allow(request.Worker, time.Now()) {
		return nil, api.ErrTooOften
	}
	if sealed, err = w.sealHandover(&request); err != nil {
		return nil, fmt.Errorf("worker: seal a handover: %w", err)
	}
	w.config.Log.Warn("handed the contract's seed over to another worker", "worker", wire.Hash(request.Worker).String())
	return sealed, nil
}

// checkReplica proves that who asks is a registered worker of a development network,
// and that its evidence is of the hardware it is registered with.
func (w *Worker) checkReplica(ctx context.Context, request *wire.HandoverRequest) error {
	s := w.lastState()
	if s == nil || w.config.Now().Sub(s.head.Time) > maxHeadAge {
		return api.ErrNotReady
	}
	record, err := w.readWorker(ctx, s.head, request.Worker)
	if err != nil {
		return err
	}
	if !record.Some {
		return api.ErrHandover
	}
	chain, err := w.readAdmission(ctx, s.head, record.Value.Measurement, record.Value.Platform)
	if err != nil {
		return err
	}
	switch {
	case !chain.development:
		return api.ErrNoHandover
	case !chain.measurement || !chain.platform:
		return api.ErrHandover
	}
	policy := attest.Policy{
		Development: chain.development, Verifiers: []attest.Verifier{w.config.Verifier},
		Measurements: [][32]byte{record.Value.Measurement}, Platforms: [][32]byte{record.Value.Platform},
	}
	evidence := attest.Evidence{Kind: attest.Kind(request.Evidence.Kind), Bytes: request.Evidence.Bytes}
	if _, err := policy.Check(evidence, wire.ReportData(w.config.Instance, request.Worker), w.config.Now()); err != nil {
		return api.ErrHandover
	}
	return nil
}

// sealHandover seals the oldest seed that is held, from which the later ones follow.
func (w *Worker) sealHandover(request *wire.HandoverRequest) ([]byte, error) {
	secrets := wire.HandoverSecrets{State: w.secrets.state}
	defer secrets.Wipe()
	epoch, seed := w.keyring.Seed()
	secrets.Epoch, secrets.Seed = epoch, seed
	seed.Wipe()
	return seal.SealHandover(w.config.Instance, request, &secrets)
}

// handoverRequest signs a request for a key that is used once.
func (w *Worker) handoverRequest(key *seal.HandoverKey) wire.HandoverRequest {
	request := wire.HandoverRequest{
		Worker:   w.public,
		Evidence: wire.Evidence{Kind: uint8(w.attestation.evidence.Kind), Bytes: w.attestation.evidence.Bytes},
		Key:      key.Public(),
	}
	request.Signature = w.secrets.sign(request.Digest(w.config.Instance))
	return request
}
