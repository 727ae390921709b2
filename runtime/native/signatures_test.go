package native_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

func hostWith(signatures *native.Signatures) *native.Host {
	return native.New(native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{}), signatures, nil)
}

func signed(t *testing.T, kind keys.Kind, message string) keys.Signed {
	t.Helper()
	pair, err := keys.DevPair(kind, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	return keys.Signed{Kind: kind, Public: pair.Public(), Message: []byte(message), Signature: pair.Sign([]byte(message))}
}

func TestVerificationIsTheSameWithAndWithoutMemory(t *testing.T) {
	verify := func(h *native.Host, s *keys.Signed) bool {
		if s.Kind == keys.Sr25519 {
			return h.Sr25519Verify(&s.Signature, s.Message, &s.Public)
		}
		return h.Ed25519Verify(&s.Signature, s.Message, &s.Public)
	}
	for _, kind := range []keys.Kind{keys.Sr25519, keys.Ed25519} {
		good := signed(t, kind, "message")
		other := good
		other.Message = []byte("another message")
		swapped := good // the other scheme's check must not find it in the memory
		if swapped.Kind = keys.Sr25519; kind == keys.Sr25519 {
			swapped.Kind = keys.Ed25519
		}
		signatures := native.NewSignatures(2)
		signatures.Preverify([]keys.Signed{good, other, swapped})
		for range 2 {
			for _, h := range []*native.Host{hostWith(nil), hostWith(signatures), hostWith(native.NewSignatures(1))} {
				if !verify(h, &good) || verify(h, &other) || verify(h, &swapped) {
					t.Fatalf("%s: wrong verdict", kind)
				}
			}
		}
	}
}

func TestMemoryOfSignaturesIsBounded(t *testing.T) {
	signatures := native.NewSignatures(3)
	h := hostWith(signatures)
	for i := range 20 {
		item := signed(t, keys.Ed25519, string(rune('a'+i)))
		if !h.Ed25519Verify(&item.Signature, item.Message, &item.Public) {
			t.Fatal("a valid signature was refused")
		}
		if n := signatures.Len(); n > 6 {
			t.Fatalf("%d signatures are remembered", n)
		}
	}
	bad := signed(t, keys.Ed25519, "x")
	bad.Message = []byte("y")
	before := signatures.Len()
	h.Ed25519Verify(&bad.Signature, bad.Message, &bad.Public)
	signatures.Preverify([]keys.Signed{bad})
	if signatures.Len() != before {
		t.Fatal("an invalid signature takes room")
	}
}
