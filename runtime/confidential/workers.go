package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// registration is the arguments of register_worker.
type registration struct {
	Worker   [32]byte
	Evidence wire.Evidence
}

// allowance is the arguments of allow_measurement and allow_platform.
type allowance struct {
	Subject scale.Hash
	Allowed bool
}

var (
	registrationCodec = scale.Struct("", "",
		scale.Field("worker", scale.Bytes32, func(r *registration) *[32]byte { return &r.Worker }),
		scale.Field("evidence", wire.EvidenceCodec, func(r *registration) *wire.Evidence { return &r.Evidence }))
	removalCodec = scale.Struct("", "",
		scale.Field("worker", scale.Bytes32, func(worker *[32]byte) *[32]byte { return worker }))
)

func allowanceCodec(subject string) scale.Codec[allowance] {
	return scale.Struct("", "",
		scale.Field(subject, scale.HashCodec, func(a *allowance) *scale.Hash { return &a.Subject }),
		scale.Field("allowed", scale.Bool, func(a *allowance) *bool { return &a.Allowed }))
}

// registerWorker takes a worker whose evidence proves that an allowed program on an
// allowed machine holds its key. A machine has one worker: a new one takes the place of the
// last, so that a machine that lost its disk comes back without governance. The last one's
// votes that still wait go with it, so the machine has one vote, and its key, whose evidence
// is public, never comes back.
func registerWorker(c *frame.Context, origin frame.Origin, args *registration) error {
	operator, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	switch {
	case workers.Exists(c, args.Worker):
		return ErrRegistered
	case retired.Exists(c, args.Worker):
		return ErrRetired
	}
	measurement, platform, err := verifyEvidence(c, &args.Evidence, args.Worker)
	if err != nil {
		return err
	}
	if err := makePlace(c, platform); err != nil {
		return err
	}
	workers.Set(c, args.Worker, wire.Worker{
		Measurement: measurement, Platform: platform, Operator: operator, RegisteredAt: system.Number(c),
	})
	workerRegistered.Deposit(c, args.Worker)
	return nil
}

// makePlace takes out the worker that the machine has, or sees to it that there is room for
// one more.
func makePlace(c *frame.Context, platform scale.Hash) error {
	if key, exists := workerOf(c, platform); exists {
		retire(c, key, platform)
		return nil
	}
	count := uint32(0)
	for range workers.All(c) {
		count++
	}
	if count >= maxWorkers {
		return ErrTooManyWorkers
	}
	return nil
}

// verifyEvidence checks who signed the evidence, that it binds the worker's key to
// this network, and that its program and machine are allowed.
func verifyEvidence(c *frame.Context, evidence *wire.Evidence, worker [32]byte) (measurement, platform scale.Hash, err error) {
	vendor, accepted := simulatedVendor.Find(c)
	if evidence.Kind != wire.EvidenceSimulated || !accepted {
		return measurement, platform, ErrEvidenceKind
	}
	quote, err := wire.QuoteCodec.Unmarshal(evidence.Bytes)
	if err != nil || quote.ReportData != wire.ReportData(instance(c), worker) ||
		!c.Host.Ed25519Verify(&quote.Signature, quote.SigningBytes(), &vendor) {
		return measurement, platform, ErrEvidence
	}
	switch {
	case !measurements.Get(c, quote.Measurement):
		return measurement, platform, ErrMeasurement
	case !platforms.Get(c, quote.Platform):
		return measurement, platform, ErrPlatform
	}
	return quote.Measurement, quote.Platform, nil
}

// removeWorker takes a worker out, and its machine off the list: the machine could draw
// another key, and does not come back before governance allows it again. So a machine that
// has changed its key since is found by the old one: a faulty one does not get away by that.
func removeWorker(c *frame.Context, origin frame.Origin, worker *[32]byte) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	platform, known := retired.Find(c, *worker)
	if registered, exists := workers.Find(c, *worker); exists {
		platform, known = registered.Platform, true
	}
	if !known {
		return ErrUnknownWorker
	}
	platforms.Remove(c, platform)
	if key, exists := workerOf(c, platform); exists {
		retire(c, key, platform)
	}
	return nil
}

// workerOf is the worker of a machine.
func workerOf(c *frame.Context, platform scale.Hash) (key [32]byte, exists bool) {
	for key, worker := range workers.All(c) { // at most maxWorkers
		if worker.Platform == platform {
			return key, true
		}
	}
	return key, false
}

// retire removes a worker for good: its evidence is public, and would register it again.
func retire(c *frame.Context, worker [32]byte, platform scale.Hash) {
	retired.Set(c, worker, platform)
	remove(c, worker)
}

// remove takes a worker out, with its votes on what is undecided.
func remove(c *frame.Context, worker [32]byte) {
	workers.Remove(c, worker)
	dropVotes(c, worker)
	workerRemoved.Deposit(c, worker)
}

func allowMeasurement(c *frame.Context, origin frame.Origin, args *allowance) error {
	return allow(c, origin, args, measurements, func(w *wire.Worker) scale.Hash { return w.Measurement })
}

func allowPlatform(c *frame.Context, origin frame.Origin, args *allowance) error {
	return allow(c, origin, args, platforms, func(w *wire.Worker) scale.Hash { return w.Platform })
}

// allow changes one of the lists. Workers that a withdrawn entry let in are removed:
// no vote counts of a program or machine that is not trusted any more.
func allow(c *frame.Context, origin frame.Origin, args *allowance, list *frame.Map[scale.Hash, bool],
	property func(*wire.Worker) scale.Hash) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	if args.Allowed {
		list.Set(c, args.Subject, true)
		return nil
	}
	list.Remove(c, args.Subject)
	for key, worker := range workers.All(c) { // at most maxWorkers
		if property(&worker) == args.Subject {
			remove(c, key)
		}
	}
	return nil
}
