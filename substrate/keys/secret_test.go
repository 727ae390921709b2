package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

const secretPhrase = "seed sock milk update focus rotate barely fade car face mechanic mercy"

// printed is everything that printing, logging and encoding make of a value.
func printed(t *testing.T, value any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b"} {
		fmt.Fprintf(&out, verb+" ["+verb+"]\n", value, []any{value})
	}
	fmt.Fprintln(&out, value, errors.Join(fmt.Errorf("failed with %v", value)))
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", value)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", value)
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	return out.String()
}

func TestSecretsDoNotPrint(t *testing.T) {
	suri, err := ParseSURI(secretPhrase + "//hard///hunter2")
	if err != nil {
		t.Fatal(err)
	}
	seed, err := SeedFromMnemonic(secretPhrase, "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{"SURI": suri, "SURI pointer": &suri}
	for _, kind := range bothKinds {
		pair, err := NewPair(kind, seed)
		if err != nil {
			t.Fatal(err)
		}
		values[kind.String()] = pair
		values[kind.String()+" in a struct"] = struct{ Pair Pair }{pair}
	}
	for name, value := range values {
		text := printed(t, value)
		if !strings.Contains(text, redacted) {
			t.Errorf("%s prints nothing: %s", name, text)
		}
		for _, secret := range []string{"milk", "hunter2", fmt.Sprintf("%x", seed[:4]), fmt.Sprintf("%X", seed[:4]),
			fmt.Sprint(seed[0], " ", seed[1], " ", seed[2])} {
			if strings.Contains(text, secret) {
				t.Errorf("%s prints its secret %q", name, secret)
			}
		}
	}
}

func TestErrorsDoNotQuoteSecrets(t *testing.T) {
	words := strings.Fields(secretPhrase) // the first, "seed", is a word of ours too
	for _, suri := range []string{
		secretPhrase + " milk",
		strings.Replace(secretPhrase, "milk", "milkk", 1),
		strings.Join(append(words[1:], words[0]), " "),
		"0xhunter2hunter2",
		"0x" + strings.Repeat("g", 64),
		"0x" + strings.Repeat("ab", 32) + "///hunter2",
		secretPhrase + "//+5hunter2//+5",
		secretPhrase + "//hunter2\xff",
	} {
		_, err := PairFromSURI(Sr25519, suri)
		if err == nil {
			t.Errorf("%q accepted", suri)
			continue
		}
		for _, secret := range append(words[1:], "hunter2", "gggg", "abab", "milkk", "+5") {
			for _, word := range strings.Fields(err.Error()) {
				if strings.Trim(word, ",:.") == secret {
					t.Errorf("%q quotes %q", err, secret)
				}
			}
		}
	}
}

func TestWipe(t *testing.T) {
	for _, kind := range bothKinds {
		pair := mustPair(t, kind, "//Alice")
		public := pair.Public()
		pair.Wipe()
		switch p := pair.(type) {
		case *sr25519Pair:
			if p.scalar.Equal(scalar.New()) != 1 || p.nonce != [32]byte{} {
				t.Error("an sr25519 secret outlives Wipe")
			}
		case *ed25519Pair:
			if !bytes.Equal(p.private, make([]byte, 64)) {
				t.Error("an ed25519 secret outlives Wipe")
			}
		}
		if pair.Public() != public {
			t.Errorf("%s: Wipe changed the public key", kind)
		}
		for name, use := range map[string]func(){
			"Sign":   func() { pair.Sign([]byte("m")) },
			"Derive": func() { _, _ = pair.Derive(Junction{Hard: true}) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: %s works after Wipe", kind, name)
					}
				}()
				use()
			}()
		}
	}
}

// A pair does not share its secret with what it was derived from.
func TestWipeDoesNotReachOthers(t *testing.T) {
	for _, kind := range bothKinds {
		var seed [SeedSize]byte
		parent, err := NewPair(kind, seed)
		if err != nil {
			t.Fatal(err)
		}
		same, err := parent.Derive()
		if err != nil {
			t.Fatal(err)
		}
		child, err := parent.Derive(Junction{Hard: true, ChainCode: [32]byte{1}})
		if err != nil {
			t.Fatal(err)
		}
		parent.Wipe()
		for _, pair := range []Pair{same, child} {
			if !Verify(kind, pair.Public(), []byte("m"), pair.Sign([]byte("m"))) {
				t.Errorf("%s: wiping the parent spoiled the child", kind)
			}
		}
		if same.Public() != parent.Public() || child.Public() == parent.Public() {
			t.Errorf("%s: derivation along an empty path or a hard junction", kind)
		}
	}
}

func TestSr25519SignaturesAreFresh(t *testing.T) {
	pair := mustPair(t, Sr25519, "//Alice")
	if pair.Sign([]byte("m")) == pair.Sign([]byte("m")) {
		t.Error("two signatures share a nonce")
	}
}
