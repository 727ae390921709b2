package node

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

func TestDamagedKeysAreRefused(t *testing.T) {
	dir := t.TempDir()
	s := openTestValidator(t, dir)
	identity, err := nodeKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkKeys(s, identity); err != nil {
		t.Fatal(err)
	}
	private := append([]byte(nil), identity.PrivKey.Bytes()...)
	identity.PrivKey.Bytes()[3] ^= 1
	if err := checkKeys(s, identity); !errors.Is(err, ErrNodeKey) {
		t.Errorf("the node's key: %v", err)
	}
	copy(identity.PrivKey.Bytes(), private)
	s.validator.Key.PrivKey.Bytes()[3] ^= 1
	if err := checkKeys(s, identity); !errors.Is(err, ErrValidatorKey) {
		t.Errorf("the validator's key: %v", err)
	}
}

func TestCometBFTsDamageIsNamed(t *testing.T) {
	full := fmt.Errorf("failed to initialize database: %w", syscall.ENOSPC)
	for name, c := range map[string]struct {
		start func() (*comet, error)
		want  error
	}{
		"a panic":         {func() (*comet, error) { panic("StoreBlockHeight > StateBlockHeight + 1") }, ErrConsensusData},
		"a database":      {func() (*comet, error) { return nil, errors.New("failed to initialize database: bad") }, ErrConsensusData},
		"a full disk":     {func() (*comet, error) { return nil, full }, ErrDisk},
		"something else":  {func() (*comet, error) { return nil, syscall.EADDRINUSE }, syscall.EADDRINUSE},
		"nothing at all ": {func() (*comet, error) { return nil, nil }, nil},
	} {
		_, err := startSoundly(c.start)
		if !errors.Is(err, c.want) || errors.Is(err, ErrConsensusData) != errors.Is(c.want, ErrConsensusData) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && c.want == ErrConsensusData && !strings.Contains(err.Error(), "; ") {
			t.Errorf("%s: no remedy in %v", name, err)
		}
	}
}

func TestAFullDiskIsNoticed(t *testing.T) {
	d := newDiskWatch()
	d.watch("Error dialing peer", []any{"err", errors.New("refused")})
	if err := d.explain(ErrHalted); !errors.Is(err, ErrHalted) {
		t.Errorf("before: %v", err)
	}
	for range 2 {
		d.watch("failed writing to WAL", []any{"height", 3, "err", fmt.Errorf("write wal: %w", syscall.ENOSPC)})
	}
	if err := d.explain(ErrHalted); !errors.Is(err, ErrDisk) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("after: %v", err)
	}
}
