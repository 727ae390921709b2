package wallet_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

// fullVault is a vault whose disk may be full: a change is made, and cannot be written.
type fullVault struct {
	wallet.MemoryVault
	full bool
}

var errFull = errors.New("no space left on device")

// Update implements wallet.Vault.
func (v *fullVault) Update(ctx context.Context, change func(*wallet.Record) error) error {
	return v.MemoryVault.Update(ctx, func(r *wallet.Record) error {
		if err := change(r); err != nil || !v.full {
			return err
		}
		return errFull
	})
}

// TestLiveSealsNothingThatIsNotWrittenDown: a sequence that the vault did not take would serve a second time after a restart.
func TestLiveSealsNothingThatIsNotWrittenDown(t *testing.T) {
	n := newNetwork(t)
	n.funded("Alice")
	vault := &fullVault{}
	alice := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Alice"), Vault: vault, Patience: time.Second})
	n.open(alice)
	live, err := alice.GoLive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	vault.full = true
	sent := len(n.envelopes)
	for range 3 {
		if _, err := live.Place(soon(t), n.order(alice, wire.Buy, 10, 1)); !errors.Is(err, errFull) {
			t.Errorf("a place while the disk is full: %v", err)
		}
		if _, err := live.Cancel(soon(t), 1); !errors.Is(err, errFull) {
			t.Errorf("a cancel while the disk is full: %v", err)
		}
	}
	if len(n.envelopes) != sent {
		t.Errorf("%d envelopes left while sequences could not be written down", len(n.envelopes)-sent)
	}
	vault.full = false
	ticket, err := live.Place(soon(t), n.order(alice, wire.Buy, 10, 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := ticket.Placed(soon(t)); err != nil {
		t.Error(err)
	}
}
