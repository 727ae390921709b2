package light_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
)

// TestRestartNeverGoesBack: what an earlier run has accepted, a later one with the
// same store never loses.
func TestRestartNeverGoesBack(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	name := filepath.Join(t.TempDir(), "trusted")
	stored := func(config *light.Config) { config.Store = light.NewFileStore(name) }
	for range 5 {
		chain.Block()
	}
	next(t, follow(t, chain, chain, stored))
	frozen := chain.Height()
	node := &liar{Chain: chain}
	for range 5 {
		chain.Block()
	}
	c := follow(t, chain, node, stored)
	if got := c.Trusted(); got != chain.TrustedHeader(frozen) {
		t.Errorf("after a restart %v is trusted, want %v", got, chain.TrustedHeader(frozen))
	}
	if head := next(t, c); head.Number != 10 {
		t.Errorf("head %v", head.BlockID)
	}
	node.lightBlock = func(height int64, honest []byte) []byte {
		if height == 0 {
			return at(chain, frozen)
		}
		return honest
	}
	if _, err := follow(t, chain, node, stored).Next(t.Context()); !errors.Is(err, light.ErrRollback) {
		t.Errorf("a node that serves what it served in an earlier run: %v", err)
	}
}

// TestConfiguredTrust: a later configured header replaces the record, an earlier
// one does not.
func TestConfiguredTrust(t *testing.T) {
	chain := memory.New(memory.Options{})
	name := filepath.Join(t.TempDir(), "trusted")
	for range 5 {
		chain.Block()
	}
	stored := func(height int64) func(*light.Config) {
		return func(config *light.Config) {
			config.Store = light.NewFileStore(name)
			if height != 0 {
				trusted := chain.TrustedHeader(height)
				config.Trusted = &trusted
			}
		}
	}
	next(t, follow(t, chain, chain, stored(0)))
	for range 5 {
		chain.Block()
	}
	if got := follow(t, chain, chain, stored(2)).Trusted(); got.Height != 6 {
		t.Errorf("an earlier configured header went back to height %d", got.Height)
	}
	if got := follow(t, chain, chain, stored(9)).Trusted(); got.Height != 9 {
		t.Errorf("a later configured header was not taken: height %d", got.Height)
	}
}

func TestRecordOfAnotherChain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "trusted")
	stored := func(config *light.Config) { config.Store = light.NewFileStore(name) }
	one, other := memory.New(memory.Options{}), memory.New(memory.Options{ChainID: "other"})
	next(t, follow(t, one, one, stored))
	if _, err := tryFollow(t, other, other, stored); !errors.Is(err, light.ErrTrustStore) {
		t.Errorf("a record of another chain: %v", err)
	}
}

func TestFileStore(t *testing.T) {
	name := filepath.Join(t.TempDir(), "record")
	load := func() ([]byte, error) { return light.NewFileStore(name).Load() }
	if record, err := load(); record != nil || err != nil {
		t.Fatalf("an empty store: %x, %v", record, err)
	}
	store := light.NewFileStore(name)
	for i := range byte(5) {
		if err := store.Save([]byte{i}); err != nil {
			t.Fatal(err)
		}
		if record, err := load(); err != nil || !bytes.Equal(record, []byte{i}) {
			t.Fatalf("after saving %d: %x, %v", i, record, err)
		}
	}
	damage := func(file string) {
		contents, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contents[9] ^= 1
		if err := os.WriteFile(file, contents, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage(name + ".1") // the newer: the fifth record has number 5
	if record, err := load(); err != nil || !bytes.Equal(record, []byte{3}) {
		t.Errorf("with the newer file damaged: %x, %v", record, err)
	}
	damage(name + ".0")
	if record, err := load(); err == nil {
		t.Errorf("with both files damaged: %x", record)
	}
	chain := memory.New(memory.Options{})
	if _, err := tryFollow(t, chain, chain, func(config *light.Config) { config.Store = light.NewFileStore(name) }); !errors.Is(err, light.ErrTrustStore) {
		t.Errorf("follow with both files damaged: %v", err)
	}
}

// FuzzFileStore: no contents of a file make Load panic, and none is taken for a
// record that was not saved.
func FuzzFileStore(f *testing.F) {
	folder := f.TempDir()
	store := light.NewFileStore(filepath.Join(folder, "seed"))
	if err := store.Save([]byte("record")); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(folder, "seed.1"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, contents []byte) {
		name := filepath.Join(t.TempDir(), "record")
		if err := os.WriteFile(name+".0", contents, 0o600); err != nil {
			t.Fatal(err)
		}
		record, err := light.NewFileStore(name).Load()
		if err == nil && bytes.Equal(contents, whole) != (string(record) == "record") {
			t.Fatalf("contents %x were taken for the record %q", contents, record)
		}
	})
}
