// Package conformance is the suite that every attestation backend passes.
package conformance

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/attest"
)

// Machine is one platform under test. Restart gives the backend of the same code
// on the same platform in a new process.
type Machine struct {
	Backend attest.Backend
	Restart func(t *testing.T) attest.Backend
}

// Run checks a backend and its verifier; newMachine gives a new platform at each
// call. now is a time at which the backend's quotes are valid.
func Run(t *testing.T, verifier attest.Verifier, now time.Time, newMachine func(t *testing.T) Machine) {
	t.Run("Quotes", func(t *testing.T) { quotes(t, verifier, now, newMachine(t)) })
	t.Run("AlteredQuotes", func(t *testing.T) { alteredQuotes(t, verifier, now, newMachine(t)) })
	t.Run("Platforms", func(t *testing.T) { platforms(t, verifier, now, newMachine(t), newMachine(t)) })
	t.Run("SealingKeys", func(t *testing.T) { sealingKeys(t, newMachine(t), newMachine(t)) })
	t.Run("Policy", func(t *testing.T) { policy(t, verifier, now, newMachine(t)) })
}

// reportData is distinct in every byte, so that a misplaced one shows.
func reportData() (data [attest.ReportDataSize]byte) {
	for i := range data {
		data[i] = byte(i + 1)
	}
	return data
}

func quote(t *testing.T, b attest.Backend) attest.Evidence {
	t.Helper()
	evidence, err := b.Quote(t.Context(), reportData())
	if err != nil {
		t.Fatalf("quote: %v", err)
	}
	return evidence
}

func quotes(t *testing.T, verifier attest.Verifier, now time.Time, m Machine) {
	evidence := quote(t, m.Backend)
	if evidence.Kind != m.Backend.Kind() || evidence.Kind != verifier.Kind() {
		t.Errorf("evidence of kind %v from a backend of %v for a verifier of %v", evidence.Kind, m.Backend.Kind(), verifier.Kind())
	}
	if len(evidence.Bytes) == 0 || len(evidence.Bytes) > attest.MaxEvidence {
		t.Errorf("evidence takes %d bytes", len(evidence.Bytes))
	}
	claims, err := verifier.Verify(evidence, now)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	if claims.ReportData != reportData() {
		t.Errorf("report data came back as %x", claims.ReportData)
	}
	if claims.Measurement == [32]byte{} || claims.Platform == [32]byte{} {
		t.Errorf("empty measurement %x or platform %x", claims.Measurement, claims.Platform)
	}
	again, err := verifier.Verify(quote(t, m.Restart(t)), now)
	if err != nil || again != claims {
		t.Errorf("after a restart the claims are %+v (%v), before %+v", again, err, claims)
	}
}

// alteredQuotes flips a bit of every byte, cuts the quote everywhere and extends it.
func alteredQuotes(t *testing.T, verifier attest.Verifier, now time.Time, m Machine) {
	genuine := quote(t, m.Backend)
	refuse := func(what string, at int, evidence attest.Evidence) {
		if claims, err := verifier.Verify(evidence, now); err == nil {
			t.Errorf("%s at byte %d was accepted: %+v", what, at, claims)
		} else if !errors.Is(err, attest.ErrSignature) && !errors.Is(err, attest.ErrMalformed) && !errors.Is(err, attest.ErrKind) {
			t.Errorf("%s at byte %d: the error has no name: %v", what, at, err)
		}
	}
	for i := range genuine.Bytes {
		altered := bytes.Clone(genuine.Bytes)
		altered[i] ^= 1 << (i % 8)
		refuse("a flipped bit", i, attest.Evidence{Kind: genuine.Kind, Bytes: altered})
		refuse("a cut", i, attest.Evidence{Kind: genuine.Kind, Bytes: genuine.Bytes[:i]})
	}
	refuse("an extension", len(genuine.Bytes), attest.Evidence{Kind: genuine.Kind, Bytes: append(bytes.Clone(genuine.Bytes), 0)})
	refuse("another kind", 0, attest.Evidence{Kind: genuine.Kind + 1, Bytes: genuine.Bytes})
}

func platforms(t *testing.T, verifier attest.Verifier, now time.Time, one, other Machine) {
	first, err := verifier.Verify(quote(t, one.Backend), now)
	if err != nil {
		t.Fatal(err)
	}
	second, err := verifier.Verify(quote(t, other.Backend), now)
	if err != nil {
		t.Fatal(err)
	}
	if first.Platform == second.Platform {
		t.Error("two machines claim one platform")
	}
	if first.Measurement != second.Measurement {
		t.Error("the same code has two measurements")
	}
}

func sealingKeys(t *testing.T, one, other Machine) {
	key := func(b attest.Backend, purpose string) [32]byte {
		t.Helper()
		k, err := b.SealingKey(t.Context(), purpose)
		if err != nil {
			t.Fatalf("sealing key: %v", err)
		}
		if k == [32]byte{} {
			t.Error("the sealing key is empty")
		}
		return k
	}
	first := key(one.Backend, "a")
	if first != key(one.Backend, "a") || first != key(one.Restart(t), "a") {
		t.Error("one purpose has two keys")
	}
	if first == key(one.Backend, "b") {
		t.Error("two purposes share a key")
	}
	if first == key(other.Backend, "a") {
		t.Error("two platforms share a key")
	}
}

func policy(t *testing.T, verifier attest.Verifier, now time.Time, m Machine) {
	evidence := quote(t, m.Backend)
	claims, err := verifier.Verify(evidence, now)
	if err != nil {
		t.Fatal(err)
	}
	accepting := func() attest.Policy {
		return attest.Policy{Development: true, Verifiers: []attest.Verifier{verifier},
			Measurements: [][32]byte{{}, claims.Measurement}, Platforms: [][32]byte{{}, claims.Platform}}
	}
	check := func(what string, want error, change func(*attest.Policy, *attest.Evidence, *[attest.ReportDataSize]byte)) {
		t.Helper()
		p, e, data := accepting(), evidence, reportData()
		change(&p, &e, &data)
		if _, err := p.Check(e, data, now); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	check("acceptable evidence", nil, func(*attest.Policy, *attest.Evidence, *[64]byte) {})
	check("an unknown measurement", attest.ErrMeasurement, func(p *attest.Policy, _ *attest.Evidence, _ *[64]byte) { p.Measurements = p.Measurements[:1] })
	check("an unknown platform", attest.ErrPlatform, func(p *attest.Policy, _ *attest.Evidence, _ *[64]byte) { p.Platforms = nil })
	check("other report data", attest.ErrReportData, func(_ *attest.Policy, _ *attest.Evidence, data *[64]byte) { data[63] ^= 1 })
	check("no verifier", attest.ErrKind, func(p *attest.Policy, _ *attest.Evidence, _ *[64]byte) { p.Verifiers = nil })
	check("oversized evidence", attest.ErrMalformed, func(_ *attest.Policy, e *attest.Evidence, _ *[64]byte) {
		e.Bytes = make([]byte, attest.MaxEvidence+1)
	})
	if verifier.Kind() == attest.Simulated {
		check("simulated evidence on a production chain", attest.ErrSimulated,
			func(p *attest.Policy, _ *attest.Evidence, _ *[64]byte) { p.Development = false })
	} else {
		check("real evidence on a production chain", nil, func(p *attest.Policy, _ *attest.Evidence, _ *[64]byte) { p.Development = false })
	}
}
