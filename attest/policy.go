package attest

import (
	"fmt"
	"slices"
	"time"
)

// Policy says which evidence is accepted. The zero value accepts none.
type Policy struct {
	// Development is true on a development chain only: it admits simulated evidence.
	Development bool
	Verifiers   []Verifier
	// Measurements and Platforms list what is allowed; an empty list allows none.
	Measurements [][32]byte
	Platforms    [][32]byte
}

// Check verifies evidence and gives its claims if the policy accepts them and
// they bind reportData.
func (p *Policy) Check(evidence Evidence, reportData [ReportDataSize]byte, now time.Time) (Claims, error) {
	if err := p.checkKind(evidence.Kind); err != nil {
		return Claims{}, err
	}
	if len(evidence.Bytes) > MaxEvidence {
		return Claims{}, fmt.Errorf("%w (%d bytes, at most %d)", ErrMalformed, len(evidence.Bytes), MaxEvidence)
	}
	verifier := slices.IndexFunc(p.Verifiers, func(v Verifier) bool { return v.Kind() == evidence.Kind })
	if verifier < 0 {
		return Claims{}, fmt.Errorf("%w (%s)", ErrKind, evidence.Kind)
	}
	claims, err := p.Verifiers[verifier].Verify(evidence, now)
	if err != nil {
		return Claims{}, err
	}
	switch {
	case claims.ReportData != reportData:
		return Claims{}, ErrReportData
	case !slices.Contains(p.Measurements, claims.Measurement):
		return Claims{}, fmt.Errorf("%w (%x)", ErrMeasurement, claims.Measurement)
	case !slices.Contains(p.Platforms, claims.Platform):
		return Claims{}, fmt.Errorf("%w (%x)", ErrPlatform, claims.Platform)
	}
	return claims, nil
}

// CheckBackend refuses a backend that this policy's chain would not accept,
// before any secret is handed to it.
func (p *Policy) CheckBackend(b Backend) error { return p.checkKind(b.Kind()) }

func (p *Policy) checkKind(kind Kind) error {
	if kind == Simulated && !p.Development {
		return ErrSimulated
	}
	return nil
}
