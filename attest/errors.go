package attest

import "errors"

// What can be wrong with evidence. Errors of this package and of its backends
// wrap one of them.
var (
	// ErrMalformed: the bytes are no quote of the kind they claim.
	ErrMalformed = errors.New("attest: the evidence is malformed; ask the worker for a new quote")
	// ErrSignature: the quote was not signed by the vendor's key.
	ErrSignature = errors.New("attest: the quote's signature does not verify; it was altered or forged")
	// ErrKind: no verifier is configured for this kind.
	ErrKind = errors.New("attest: evidence of this kind is not supported; add its verifier to the policy")
	// ErrSimulated: simulated evidence outside a development chain.
	ErrSimulated = errors.New("attest: simulated evidence is refused outside a development chain, because anyone can make it; run the worker in trusted hardware")
	// ErrMeasurement: the code is not allowed.
	ErrMeasurement = errors.New("attest: the measurement is not allowed; run an allowed build or have governance allow this one")
	// ErrPlatform: the machine is not allowed.
	ErrPlatform = errors.New("attest: the platform is not allowed; run on an allowed machine or have governance allow this one")
	// ErrReportData: the quote is about something else, for example another worker's key.
	ErrReportData = errors.New("attest: the quote binds other report data; it belongs to another worker, contract or network")
)
