package wallet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/keys"
)

func newKeystore(t *testing.T) *Keystore {
	t.Helper()
	store, err := OpenKeystore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestKeystoreKeepsAccounts(t *testing.T) {
	store := newKeystore(t)
	account, err := store.Add("savings", "//Alice", keys.Sr25519, []byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if account.Address != "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F" {
		t.Errorf("//Alice on Kusama is %s", account.Address)
	}
	pair, err := store.Unlock("savings", []byte("correct horse"))
	if err != nil || pair.AccountID() != account.PublicKey {
		t.Fatalf("unlock: %v", err)
	}
	accounts, err := store.List()
	if err != nil || len(accounts) != 1 || accounts[0] != account {
		t.Errorf("list: %v, %v", accounts, err)
	}
	content, _ := os.ReadFile(store.path("savings"))
	if strings.Contains(string(content), "//Alice") {
		t.Error("the secret is readable in the file")
	}
	if info, _ := os.Stat(store.path("savings")); info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
}

func TestKeystoreRefuses(t *testing.T) {
	store := newKeystore(t)
	if _, err := store.Add("one", "//Bob", keys.Sr25519, []byte("p")); err != nil {
		t.Fatal(err)
	}
	content, _ := os.ReadFile(store.path("one"))
	if err := os.WriteFile(store.path("renamed"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(store.path("huge"), make([]byte, maximumKeyFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	hungry := strings.Replace(string(content), `"scryptN": 32768`, `"scryptN": 1073741824`, 1)
	if err := os.WriteFile(store.path("hungry"), []byte(strings.Replace(hungry, `"one"`, `"hungry"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, attempt := range map[string]func() error{
		"wrong password":     func() error { _, err := store.Unlock("one", []byte("q")); return err },
		"unknown name":       func() error { _, err := store.Unlock("two", nil); return err },
		"same name twice":    func() error { _, err := store.Add("one", "//Eve", keys.Sr25519, nil); return err },
		"path in the name":   func() error { _, err := store.Add("../x", "//Eve", keys.Sr25519, nil); return err },
		"path when reading":  func() error { _, err := store.Unlock("../accounts/one", []byte("p")); return err },
		"renamed file":       func() error { _, err := store.Unlock("renamed", []byte("p")); return err },
		"too large a file":   func() error { _, err := store.Unlock("huge", []byte("p")); return err },
		"too much memory":    func() error { _, err := store.Unlock("hungry", []byte("p")); return err },
		"a bad mnemonic":     func() error { _, err := store.Add("bad", "not twelve words", keys.Sr25519, nil); return err },
		"home inside a file": func() error { _, err := OpenKeystore(filepath.Join(store.path("one"), "x")); return err },
	} {
		if attempt() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(`{"version":1,"name":"x","scryptN":32768,"scryptR":8,"scryptP":1,"salt":"","sealed":""}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if file, err := parseKeyFile("x", content); err == nil && file.N > maximumScryptN {
			t.Fatal("a file that asks for too much memory was taken")
		}
	})
}
