package runtime_test

import (
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// TestConservationIsChecked breaks I1 on purpose, behind the runtime's back.
func TestConservationIsChecked(t *testing.T) {
	c := newChain(t)
	issuance := hashing.StoragePrefix("Balances", "TotalIssuance")
	b := c.fork()
	if err := b.TryState(); err != nil {
		t.Fatal(err)
	}
	more, _ := balances.TotalIssuance(c.context()).Add(scale.U128From(1))
	b.host.Set(issuance[:], scale.U128Codec.Marshal(more))
	if err := b.TryState(); !errors.Is(err, balances.ErrIssuance) {
		t.Fatalf("a unit too many: %v", err)
	}
}

// TestAccountsAreChecked changes one account behind the runtime's back.
func TestAccountsAreChecked(t *testing.T) {
	alice := dev(t, "Alice").AccountID()
	prefix := hashing.StoragePrefix("System", "Account")
	key := hashing.AppendBlake2_128Concat(prefix[:], alice[:])
	// Offsets in AccountInfo: providers 8, free 16, reserved 32, frozen 48.
	for name, test := range map[string]struct {
		offset int
		want   error
	}{
		"a provider too many": {8, balances.ErrProvider},
		"a unit more":         {16, balances.ErrIssuance},
		"a reserved unit":     {32, balances.ErrReserved},
		"a frozen unit":       {48, balances.ErrReserved},
	} {
		b := newChain(t).fork()
		value, exists := b.host.Get(key)
		if !exists {
			t.Fatal("Alice has no account")
		}
		changed := append([]byte(nil), value...)
		changed[test.offset]++
		b.host.Set(key, changed)
		if err := b.TryState(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
