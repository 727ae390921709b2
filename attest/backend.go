package attest

import (
	"context"
	"time"
)

// Backend is trusted hardware as the code inside of it sees it.
type Backend interface {
	Kind() Kind
	// Quote proves reportData together with the code's measurement and platform.
	Quote(ctx context.Context, reportData [ReportDataSize]byte) (Evidence, error)
	// SealingKey derives the key of this code on this platform for one purpose. The
	// same purpose gives the same key after a restart; no two purposes share one.
	SealingKey(ctx context.Context, purpose string) ([32]byte, error)
}

// Verifier checks evidence of one kind, anywhere.
type Verifier interface {
	Kind() Kind
	// Verify gives what evidence proves. Certificates and revocations are judged as
	// of now.
	Verify(evidence Evidence, now time.Time) (Claims, error)
}
