package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/wire"
)

// registrationPeriod is for how many blocks a signed registration is valid.
const registrationPeriod = 64

// attestation is the worker's evidence, and what it proves.
type attestation struct {
	evidence attest.Evidence
	claims   attest.Claims
}

// checkBackend refuses hardware whose evidence the chain would not accept, before
// any secret is handed to it. Simulated evidence passes on a development chain only.
func (w *Worker) checkBackend(ctx context.Context, head light.Head) error {
	chain, err := w.readAdmission(ctx, head, [32]byte{}, [32]byte{})
	if err != nil {
		return err
	}
	policy := attest.Policy{Development: chain.development}
	if err := policy.CheckBackend(w.config.Backend); err != nil {
		return err
	}
	if warning, ok := w.config.Backend.(interface{ Warning() string }); ok {
		w.config.Log.Warn(warning.Warning())
	}
	return nil
}

// quote has the hardware prove the worker's key, and checks the evidence as others
// will: against the lists that the chain holds.
func (w *Worker) quote(ctx context.Context, head light.Head) error {
	data := wire.ReportData(w.config.Instance, w.public)
	evidence, err := w.config.Backend.Quote(ctx, data)
	if err != nil {
		return fmt.Errorf("worker: get evidence from the hardware: %w", err)
	}
	claims, err := w.config.Verifier.Verify(evidence, w.config.Now())
	if err != nil {
		return fmt.Errorf("worker: the hardware's own evidence does not verify: %w", err)
	}
	chain, err := w.readAdmission(ctx, head, claims.Measurement, claims.Platform)
	if err != nil {
		return err
	}
	policy := attest.Policy{Development: chain.development, Verifiers: []attest.Verifier{w.config.Verifier}}
	if chain.measurement {
		policy.Measurements = [][32]byte{claims.Measurement}
	}
	if chain.platform {
		policy.Platforms = [][32]byte{claims.Platform}
	}
	if _, err := policy.Check(evidence, data, w.config.Now()); err != nil {
		return err
	}
	w.attestation = attestation{evidence: evidence, claims: claims}
	return nil
}

// register has the operator register the worker.
func (w *Worker) register(ctx context.Context, s *chainState, sent sentTimes) error {
	const name = "the registration"
	if w.config.Operator == nil {
		const reminder = "the reminder to register"
		if _, told := sent[reminder]; !told {
			sent[reminder] = time.Now()
			w.config.Log.Warn("this worker is not registered and has no operator account: register it by Confidential.register_worker with the evidence of /v1/status",
				"worker", wire.Hash(w.public).String())
		}
		return nil
	}
	if !sent.due(name) {
		return nil
	}
	sent[name] = time.Now()
	encoded, err := w.signRegistration(ctx, s.head)
	if err != nil {
		return fmt.Errorf("worker: make %s: %w", name, err)
	}
	w.config.Log.Info("registering this worker", "worker", wire.Hash(w.public).String())
	return w.submit(ctx, name, encoded)
}

func (w *Worker) signRegistration(ctx context.Context, head light.Head) ([]byte, error) {
	evidence := wire.Evidence{Kind: uint8(w.attestation.evidence.Kind), Bytes: w.attestation.evidence.Bytes}
	call, err := wire.CallRegisterWorker(w.public, evidence)
	if err != nil {
		return nil, err
	}
	version, err := w.config.Node.RuntimeVersion(ctx)
	if err != nil {
		return nil, err
	}
	nonce, err := w.accountNonce(ctx, head, w.config.Operator.AccountID())
	if err != nil {
		return nil, err
	}
	extensions := extrinsic.Extensions{Era: extrinsic.Mortal(registrationPeriod, uint64(head.Number)), Nonce: nonce}
	implicit := extrinsic.Implicit{SpecVersion: version.Spec, TransactionVersion: version.Transaction,
		Genesis: w.config.Instance.Genesis, Mortality: head.Hash}
	return extrinsic.Sign(call, extensions, implicit, extrinsic.SignerOf(w.config.Operator))
}
