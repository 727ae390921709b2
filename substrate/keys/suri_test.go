package keys

import (
	"errors"
	"strings"
	"testing"
)

func TestRefusedSURIs(t *testing.T) {
	seed := "0x" + strings.Repeat("ab", 32)
	for suri, want := range map[string]error{
		"Alice":                            ErrMnemonic, // forgot the slashes
		"bottom drive":                     ErrMnemonic,
		DevPhrase + " walk":                ErrMnemonic,
		strings.ToUpper(DevPhrase):         ErrMnemonic,
		seed[:64]:                          ErrSURI,
		seed + "ab":                        ErrSURI,
		"0X" + seed[2:]:                    ErrMnemonic,
		seed + "///password":               ErrSURI,
		"//":                               ErrSURI,
		"/":                                ErrSURI,
		"//Alice/":                         ErrSURI,
		"//Alice//":                        ErrSURI,
		"//18446744073709551616":           ErrSURI, // beyond 64 bits
		"//+5":                             ErrSURI,
		"//\xff":                           ErrSURI,
		strings.Repeat("//a", 33):          ErrSURI,
		"//" + strings.Repeat("long", 300): ErrSURI,
	} {
		if _, err := PairFromSURI(Sr25519, suri); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", suri, err, want)
		}
	}
	if _, err := PairFromSURI(Ed25519, "//Alice/soft"); !errors.Is(err, ErrSoftEd25519) {
		t.Errorf("soft junction of ed25519: %v", err)
	}
	if _, err := PairFromSURI(Kind(7), "//Alice"); !errors.Is(err, ErrKind) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestSURIParts(t *testing.T) {
	alice := mustPair(t, Sr25519, "//Alice").Public()
	for _, suri := range []string{DevPhrase + "//Alice", "//Alice///", " " + strings.ReplaceAll(DevPhrase, " ", "  ") + " //Alice"} {
		if mustPair(t, Sr25519, suri).Public() != alice {
			t.Errorf("%q is not Alice", suri)
		}
	}
	for _, suri := range []string{"//Alice///x", "/Alice", "//alice", "//Alice//0", "//Alice/0", "///Alice"} {
		if mustPair(t, Sr25519, suri).Public() == alice {
			t.Errorf("%q is Alice", suri)
		}
	}
}

func TestGenerated(t *testing.T) {
	for _, words := range []int{12, 15, 18, 21, 24} {
		first, err := GenerateMnemonic(words)
		if err != nil || len(strings.Fields(first)) != words {
			t.Fatalf("%d words: %q, %v", words, first, err)
		}
		second, err := GenerateMnemonic(words)
		if err != nil || first == second {
			t.Fatalf("%d words: the same mnemonic twice, %v", words, err)
		}
		if _, err := SeedFromMnemonic(first, ""); err != nil {
			t.Errorf("%d words: %v", words, err)
		}
	}
	for _, words := range []int{0, 11, 13, 27, -3} {
		if _, err := GenerateMnemonic(words); !errors.Is(err, ErrMnemonic) {
			t.Errorf("%d words: %v", words, err)
		}
	}
	for _, kind := range bothKinds {
		a, err := Generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Generate(kind)
		if err != nil || a.Public() == b.Public() {
			t.Errorf("%s: the same key twice, %v", kind, err)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, kind := range bothKinds {
		if parsed, err := ParseKind(kind.String()); err != nil || parsed != kind {
			t.Errorf("%s: %v, %v", kind, parsed, err)
		}
	}
	for _, name := range []string{"", "ecdsa", "SR25519", "unknown key kind 7"} {
		if _, err := ParseKind(name); !errors.Is(err, ErrKind) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzSURI(f *testing.F) {
	for _, seed := range []string{"//Alice", "/soft//hard///pass", "0x" + strings.Repeat("01", 32) + "//1", DevPhrase + "//a/b///c/d", "//+5", "////"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		suri, err := ParseSURI(text)
		if err != nil {
			return
		}
		pair, err := suri.Pair(Sr25519)
		if err != nil {
			return
		}
		again, err := suri.Pair(Sr25519)
		if err != nil || again.Public() != pair.Public() {
			t.Fatalf("one URI, two keys: %v", err)
		}
	})
}
