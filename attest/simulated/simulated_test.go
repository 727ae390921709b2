package simulated_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/attest/conformance"
	"github.com/bitcloak/bitcloak/attest/simulated"
)

func TestConformance(t *testing.T) {
	next := uint32(0)
	conformance.Run(t, simulated.Verifier{}, time.Unix(1_700_000_000, 0), func(t *testing.T) conformance.Machine {
		worker, file := next, filepath.Join(t.TempDir(), "secret")
		next++
		start := func(t *testing.T) attest.Backend {
			b, err := simulated.New(worker, file)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		return conformance.Machine{Backend: start(t), Restart: start}
	})
}

// TestConstantsFollowFromTheirTexts derives what constants.go writes out.
func TestConstantsFollowFromTheirTexts(t *testing.T) {
	if simulated.DevelopmentMeasurement != blake2b.Sum256([]byte("bitcloak/development-measurement/v1")) {
		t.Error("development measurement")
	}
	seed := blake2b.Sum256([]byte("bitcloak/simulated-vendor/v1"))
	if !simulated.VendorPublicKey().Equal(ed25519.NewKeyFromSeed(seed[:]).Public()) {
		t.Error("vendor key")
	}
	for i := uint32(0); i < simulated.MaxWorkers; i++ {
		platform, err := simulated.DevelopmentPlatform(i)
		if err != nil || platform != blake2b.Sum256(binary.LittleEndian.AppendUint32([]byte("bitcloak/development-platform/v1"), i)) {
			t.Errorf("platform %d: %v", i, err)
		}
	}
	if _, err := simulated.DevelopmentPlatform(simulated.MaxWorkers); err == nil {
		t.Error("a platform beyond the last was given")
	}
}

// TestQuoteFormat checks a quote byte by byte against spec/wire.md, section 7.
func TestQuoteFormat(t *testing.T) {
	b, err := simulated.New(3, filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	data := [64]byte{1, 2, 3}
	evidence, err := b.Quote(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	platform, _ := simulated.DevelopmentPlatform(3)
	want := append(append(simulated.DevelopmentMeasurement[:], platform[:]...), data[:]...)
	if got := evidence.Bytes[:128]; string(got) != string(want) {
		t.Errorf("quote %x, want %x", got, want)
	}
	if !ed25519.Verify(simulated.VendorPublicKey(), append([]byte("bitcloak/simulated-quote/v1"), want...), evidence.Bytes[128:]) {
		t.Error("the signature does not cover the tag, measurement, platform and report data")
	}
}

func TestSealingSecretFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "secret")
	b, err := simulated.New(0, file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.Warning(), file) {
		t.Error("the warning does not name the file")
	}
	if _, err := b.SealingKey(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SealingKey(t.Context(), "x"); err == nil {
		t.Error("a damaged secret was used")
	}
	left, err := filepath.Glob(file + ".new-*")
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files were left: %v %v", left, err)
	}
}

func TestPolicyRefusesBackend(t *testing.T) {
	b, err := simulated.New(0, filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := (&attest.Policy{}).CheckBackend(b); !errors.Is(err, attest.ErrSimulated) {
		t.Errorf("production policy: %v", err)
	}
	if err := (&attest.Policy{Development: true}).CheckBackend(b); err != nil {
		t.Errorf("development policy: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	b, err := simulated.New(0, filepath.Join(f.TempDir(), "secret"))
	if err != nil {
		f.Fatal(err)
	}
	evidence, err := b.Quote(f.Context(), [64]byte{9})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(evidence.Bytes)
	f.Add([]byte{})
	f.Add(make([]byte, 192))
	f.Fuzz(func(t *testing.T, quote []byte) {
		claims, err := simulated.Verifier{}.Verify(attest.Evidence{Bytes: quote}, time.Time{})
		if err == nil && string(quote) != string(evidence.Bytes) && claims.ReportData == [64]byte{9} {
			t.Fatalf("forged: %x", quote)
		}
	})
}
