package wallet_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

func TestSessions(t *testing.T) {
	n := newNetwork(t)
	alice := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Alice"), Patience: time.Second})
	var refused *wallet.Refused
	if _, err := alice.Session(soon(t)); !errors.As(err, &refused) {
		t.Errorf("without a session: %v", err)
	}
	if _, pooled, err := alice.Balances(soon(t)); pooled || err != nil {
		t.Errorf("balances without a session: %v, %v", pooled, err)
	}
	first, err := alice.OpenSession(soon(t), time.Hour)
	if err != nil || first.NextSequence != 0 || first.ExpiresAt.Sub(n.Now()) > time.Hour {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := alice.OpenSession(soon(t), 2*time.Hour)
	if err != nil || second.ID == first.ID {
		t.Errorf("%+v, %v", second, err)
	}
	if err := alice.Dummy(soon(t)); err != nil {
		t.Error(err)
	}
	shown, err := alice.Session(soon(t))
	if err != nil || shown.ID != second.ID || shown.NextSequence != 1 {
		t.Errorf("%+v, %v", shown, err)
	}
	if closed, err := alice.CloseSession(soon(t)); err != nil || closed.ID != second.ID {
		t.Errorf("%+v, %v", closed, err)
	}
	if _, err := alice.Session(soon(t)); !errors.As(err, &refused) {
		t.Errorf("after closing: %v", err)
	}
}

// TestReplacedSessions: another wallet of the account opens a session; this one learns it from the contract.
func TestReplacedSessions(t *testing.T) {
	n := newNetwork(t)
	here, there := n.client("Alice"), n.client("Alice")
	if err := there.Dummy(soon(t)); err != nil {
		t.Error(err)
	}
	if err := here.Dummy(soon(t)); !errors.Is(err, wallet.ErrNoSession) {
		t.Errorf("%v instead of %v", err, wallet.ErrNoSession)
	}
}

func TestExpiredSessions(t *testing.T) {
	n := newNetwork(t)
	alice := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Alice"), Patience: time.Second})
	if _, err := alice.OpenSession(soon(t), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		n.Block()
	}
	best := n.Best()
	if _, err := alice.Chain().Wait(soon(t), func(v *chain.View) bool { return v.Head.Number >= best.Number }); err != nil {
		t.Fatal(err)
	}
	if err := alice.Dummy(soon(t)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("%v", err)
	}
}

// TestUnseenOpenings: the wallet stops between sending an opening and seeing it open, and finds it open later.
func TestUnseenOpenings(t *testing.T) {
	n := newNetwork(t)
	vault := &wallet.MemoryVault{}
	alice := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Alice"), Vault: vault, Patience: time.Second})
	n.bend = func(a *wire.Answer) { a.StateRoot[0] ^= 1 } // nothing can be seen
	if _, err := alice.OpenSession(soon(t), time.Hour); !errors.Is(err, wallet.ErrAnswerRoot) {
		t.Fatalf("%v", err)
	}
	n.bend = nil
	again := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Alice"), Vault: vault, Patience: time.Second})
	if err := again.Dummy(soon(t)); err != nil {
		t.Errorf("the session was lost: %v", err)
	}
	n.drop = true
	if _, err := again.OpenSession(soon(t), time.Hour); err == nil {
		t.Error("an opening that never arrived was seen open")
	}
	n.drop = false
	if err := again.Dummy(soon(t)); err != nil {
		t.Errorf("the session before was lost: %v", err)
	}
}

// TestSequencesAreNeverUsedTwice: whatever goes wrong after sealing, the next command has another number. Tags show it: each is a
// function of session and sequence.
func TestSequencesAreNeverUsedTwice(t *testing.T) {
	n := newNetwork(t)
	vault := &wallet.MemoryVault{}
	pair := n.trader("Alice")
	client := func() *wallet.Client {
		return wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: pair, Vault: vault, Patience: 200 * time.Millisecond})
	}
	alice := client()
	n.open(alice)
	n.envelopes = nil
	n.drop = true
	for range 3 {
		if err := alice.Dummy(soon(t)); !errors.Is(err, wallet.ErrNoSession) {
			t.Errorf("a command that never arrived: %v", err)
		}
	}
	n.drop = false
	for range 3 {
		if err := client().Dummy(soon(t)); err != nil {
			t.Error(err)
		}
	}
	n.drop = true
	tags := map[wire.Tag]bool{}
	for _, envelope := range n.envelopes {
		tags[wire.EnvelopeTag(envelope)] = true
	}
	if len(n.envelopes) != 6 || len(tags) != 6 {
		t.Errorf("%d envelopes have %d tags", len(n.envelopes), len(tags))
	}
	for range 64 {
		_ = alice.Dummy(soon(t))
	}
	if err := alice.Dummy(soon(t)); err == nil || !strings.Contains(err.Error(), "never reached") {
		t.Errorf("beyond the contract's window: %v", err)
	}
}

// TestAnOldBackupCannotRepeatASequence: the contract's own count is heeded, too.
func TestAnOldBackupCannotRepeatASequence(t *testing.T) {
	n := newNetwork(t)
	home, err := wallet.OpenHome(filepath.Join(t.TempDir(), "home"))
	if err != nil {
		t.Fatal(err)
	}
	pair := n.trader("Alice")
	vault, err := home.Vault(pair, wallet.Instance(n.Genesis()))
	if err != nil {
		t.Fatal(err)
	}
	alice := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: pair, Vault: vault, Patience: time.Second})
	n.open(alice)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(vault.Name()), "*.session"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	backup, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	n.envelopes = nil
	for range 2 {
		if err := alice.Dummy(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(files[0], backup, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := alice.Dummy(soon(t)); err != nil {
		t.Fatal(err)
	}
	tags := map[wire.Tag]bool{}
	for _, envelope := range n.envelopes {
		tags[wire.EnvelopeTag(envelope)] = true
	}
	if len(tags) != 3 {
		t.Errorf("3 commands have %d tags", len(tags))
	}
}

func TestFileVault(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "home")
	home, err := wallet.OpenHome(folder)
	if err != nil {
		t.Fatal(err)
	}
	instance := wire.Instance{Genesis: wire.Hash{1}}
	for _, kind := range []keys.Kind{keys.Sr25519, keys.Ed25519} {
		pair, err := keys.DevPair(kind, "Alice")
		if err != nil {
			t.Fatal(err)
		}
		vault, err := home.Vault(pair, instance)
		if err != nil {
			t.Fatal(err)
		}
		if err := vault.Update(soon(t), func(*wallet.Record) error { return errors.New("no") }); err == nil {
			t.Error("a change that failed was reported as done")
		}
		if _, err := os.Stat(vault.Name() + ".session"); !os.IsNotExist(err) {
			t.Error("a change that failed was written")
		}
		if err := vault.Update(soon(t), func(*wallet.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(vault.Name() + ".session")
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		content, err := os.ReadFile(vault.Name() + ".session")
		if err != nil {
			t.Fatal(err)
		}
		for at := range content {
			damaged := append([]byte(nil), content...)
			damaged[at] ^= 0x40
			if err := os.WriteFile(vault.Name()+".session", damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := vault.Load(); err == nil {
				t.Fatalf("a file with byte %d altered was read", at)
			}
		}
	}
	other, err := home.Vault(devPair(t, "Bob"), instance)
	if err != nil {
		t.Fatal(err)
	}
	stolen, _ := os.ReadFile(mustVault(t, home, "Alice", instance).Name() + ".session")
	if err := os.WriteFile(other.Name()+".session", stolen, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Load(); err == nil {
		t.Error("another account's record was read")
	}
}

func devPair(t *testing.T, name string) keys.Pair {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func mustVault(t *testing.T, home *wallet.Home, name string, instance wire.Instance) *wallet.FileVault {
	t.Helper()
	vault, err := home.Vault(devPair(t, name), instance)
	if err != nil {
		t.Fatal(err)
	}
	return vault
}

// TestVaultsAreExclusive has several wallets of one account at once, as several processes would be.
func TestVaultsAreExclusive(t *testing.T) {
	home, err := wallet.OpenHome(filepath.Join(t.TempDir(), "home"))
	if err != nil {
		t.Fatal(err)
	}
	var mutex sync.Mutex
	inside, most := 0, 0
	enter := func(by int) {
		mutex.Lock()
		defer mutex.Unlock()
		inside += by
		most = max(most, inside)
	}
	var group sync.WaitGroup
	for range 8 {
		vault := mustVault(t, home, "Alice", wire.Instance{})
		group.Go(func() {
			for range 5 {
				if err := vault.Update(context.Background(), func(*wallet.Record) error {
					enter(1)
					time.Sleep(time.Millisecond)
					enter(-1)
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if most != 1 {
		t.Errorf("%d were inside at once", most)
	}
	vault := mustVault(t, home, "Alice", wire.Instance{})
	err = vault.Exclusive(soon(t), func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		return mustVault(t, home, "Alice", wire.Instance{}).Exclusive(ctx, func() error { return nil })
	})
	if err == nil || !strings.Contains(err.Error(), "another wallet command") {
		t.Errorf("a second wallet at work: %v", err)
	}
}

// TestEpochs: the contract's keys change, the session goes on; a command sealed under the last epoch's key still counts.
func TestEpochs(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	for epoch := uint32(1); epoch <= 3; epoch++ {
		key, err := n.keyring.Public(epoch)
		if err != nil {
			t.Fatal(err)
		}
		n.Put(wire.StorageContractKey(epoch), scale.Bytes(wire.PublicKeySize).Marshal(key.Public[:]))
		n.SetEpoch(epoch)
		if err := alice.Dummy(soon(t)); err != nil { // its block starts the epoch, which the wallet does not know yet
			t.Errorf("into epoch %d: %v", epoch, err)
		}
		n.Put(wire.StorageEpoch(), wire.EpochCodec.Marshal(wire.Epoch{Index: epoch}))
		best := n.Block()
		if _, err := alice.Chain().Wait(soon(t), func(v *chain.View) bool { return v.Head.Number >= best.Number }); err != nil {
			t.Fatal(err)
		}
		if _, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 10)); err != nil {
			t.Errorf("in epoch %d: %v", epoch, err)
		}
	}
	n.open(alice)
	if orders, err := alice.Orders(soon(t)); err != nil || len(orders) != 3 {
		t.Errorf("%d orders, %v", len(orders), err)
	}
}
