package keys

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// polkadotJS holds what @polkadot/keyring and @polkadot/util-crypto 14 produced.
type polkadotJS struct {
	Derivations []struct {
		Kind, URI, Public string
		Error             bool
	}
	Signatures []struct{ Kind, URI, Public, Message, Signature string }
	Mnemonics  []struct{ Phrase, Password, Seed string }
}

func loadVectors(t *testing.T) polkadotJS {
	t.Helper()
	raw, err := os.ReadFile("testdata/polkadot_js.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors polkadotJS
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Derivations) < 50 || len(vectors.Signatures) < 6 || len(vectors.Mnemonics) < 6 {
		t.Fatal("testdata/polkadot_js.json is incomplete")
	}
	return vectors
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func mustPair(t testing.TB, kind Kind, suri string) Pair {
	t.Helper()
	pair, err := PairFromSURI(kind, suri)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func TestDerivationsAgreeWithPolkadotJS(t *testing.T) {
	for _, vector := range loadVectors(t).Derivations {
		kind, err := ParseKind(vector.Kind)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := PairFromSURI(kind, vector.URI)
		if vector.Error {
			if err == nil {
				t.Errorf("%s %q: accepted, polkadot.js refuses it", kind, vector.URI)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %q: %v", kind, vector.URI, err)
			continue
		}
		if public := pair.Public(); string(public[:]) != string(unhex(t, vector.Public)) {
			t.Errorf("%s %q: public key %x, polkadot.js has %s", kind, vector.URI, public, vector.Public)
		}
	}
}

func TestSignaturesOfPolkadotJSVerify(t *testing.T) {
	for _, vector := range loadVectors(t).Signatures {
		kind, err := ParseKind(vector.Kind)
		if err != nil {
			t.Fatal(err)
		}
		public := [32]byte(unhex(t, vector.Public))
		signature := [64]byte(unhex(t, vector.Signature))
		message := unhex(t, vector.Message)
		if !Verify(kind, public, message, signature) {
			t.Errorf("%s %s: signature of polkadot.js refused", kind, vector.URI)
		}
		if Verify(kind, public, append(message, 0), signature) {
			t.Errorf("%s %s: signature accepted for another message", kind, vector.URI)
		}
		pair := mustPair(t, kind, vector.URI)
		if !Verify(kind, public, message, pair.Sign(message)) {
			t.Errorf("%s %s: own signature refused", kind, vector.URI)
		}
		if kind == Ed25519 && pair.Sign(message) != signature {
			t.Errorf("%s: ed25519 signature differs from polkadot.js", vector.URI)
		}
	}
}

func TestMnemonicSeedsAgreeWithPolkadotJS(t *testing.T) {
	for _, vector := range loadVectors(t).Mnemonics {
		seed, err := SeedFromMnemonic(vector.Phrase, vector.Password)
		if err != nil {
			t.Fatal(err)
		}
		if string(seed[:]) != string(unhex(t, vector.Seed)) {
			t.Errorf("password %q: seed differs from polkadot.js", vector.Password)
		}
	}
}

func TestDevAccounts(t *testing.T) {
	known := map[Kind]string{
		Sr25519: "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
		Ed25519: "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee",
	}
	for kind, want := range known {
		alice, err := DevPair(kind, "Alice")
		if err != nil {
			t.Fatal(err)
		}
		if account := alice.AccountID(); hex.EncodeToString(account[:]) != want {
			t.Errorf("%s Alice is %x, want %s", kind, account, want)
		}
	}
	if len(DevAccounts()) != 6 {
		t.Errorf("development accounts: %v", DevAccounts())
	}
	if _, err := DevPair(Sr25519, "Mallory"); err == nil {
		t.Error("an unknown development account was made")
	}
}
