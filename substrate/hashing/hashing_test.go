package hashing

import (
	"bytes"
	"encoding/hex"
	"testing"

	"golang.org/x/crypto/blake2b"
)

// Known answers: RFC 7693 style digests as polkadot.js' util-crypto gives them,
// and keys of well-known storage items of any Substrate chain.
func TestKnownAnswers(t *testing.T) {
	abc := []byte("abc")
	h256, h128 := Blake2_256(abc), Blake2_128(abc)
	t64, t128, t256 := Twox64(abc), Twox128(abc), Twox256(abc)
	empty, empty128 := Blake2_256(), Blake2_128()
	for _, test := range []struct {
		name string
		got  []byte
		want string
	}{
		{"blake2_256(abc)", h256[:], "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
		{"blake2_128(abc)", h128[:], "cf4ab791c62b8d2b2109c90275287816"},
		{"blake2_256()", empty[:], "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
		{"blake2_128()", empty128[:], "cae66941d9efbd404e4d88758ea67670"},
		{"twox64(abc)", t64[:], "990977adf52cbc44"},
		{"twox128(abc)", t128[:], "990977adf52cbc440889329981caa9be"},
		{"twox256(abc)", t256[:], "990977adf52cbc440889329981caa9bef7da5770b2b8a05303b75d95360dd62b"},
	} {
		if got := hex.EncodeToString(test.got); got != test.want {
			t.Errorf("%s = %s, want %s", test.name, got, test.want)
		}
	}
}

func TestStoragePrefix(t *testing.T) {
	for _, test := range []struct{ pallet, item, want string }{
		{"System", "Account", "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"},
		{"System", "Number", "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"},
		{"Timestamp", "Now", "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"},
	} {
		if prefix := StoragePrefix(test.pallet, test.item); hex.EncodeToString(prefix[:]) != test.want {
			t.Errorf("prefix of %s.%s = %x, want %s", test.pallet, test.item, prefix, test.want)
		}
	}
}

// The key under which every development chain keeps Alice's account.
func TestMapKey(t *testing.T) {
	alice, _ := hex.DecodeString("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")
	prefix := StoragePrefix("System", "Account")
	key := AppendBlake2_128Concat(prefix[:], alice)
	want := "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9" +
		"de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
	if hex.EncodeToString(key) != want {
		t.Errorf("System.Account(Alice) = %x", key)
	}
	if got := Blake2_128Concat(alice); !bytes.Equal(got, key[32:]) {
		t.Errorf("Blake2_128Concat = %x", got)
	}
	sum := Twox64(alice)
	if got := Twox64Concat(alice); !bytes.Equal(got, append(sum[:], alice...)) {
		t.Errorf("Twox64Concat = %x", got)
	}
	copied := Identity(alice)
	copied[0] ^= 1
	if bytes.Equal(copied, alice) {
		t.Error("Identity aliases its argument")
	}
}

// Joining parts on the stack, on the heap and by hand give one digest.
func TestPartsAreConcatenated(t *testing.T) {
	data := make([]byte, 3*inlineSize)
	for i := range data {
		data[i] = byte(i * 7)
	}
	for _, size := range []int{0, 1, 31, 128, inlineSize - 1, inlineSize, inlineSize + 1, len(data)} {
		whole := data[:size]
		for _, cut := range []int{0, size / 3, size} {
			if got := Blake2_256(whole[:cut], whole[cut:]); got != blake2b.Sum256(whole) {
				t.Fatalf("Blake2_256 of %d bytes cut at %d differs", size, cut)
			}
			if got := Blake2_128(whole[:cut], whole[cut:]); got != Blake2_128(whole) {
				t.Fatalf("Blake2_128 of %d bytes cut at %d differs", size, cut)
			}
		}
	}
	if first := Blake2_256(data); bytes.Equal(first[:16], func() []byte { h := Blake2_128(data); return h[:] }()) {
		t.Error("Blake2_128 is a truncated Blake2_256")
	}
}

func BenchmarkBlake2_256(b *testing.B) {
	data := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		Blake2_256(data)
	}
}

func BenchmarkBlake2_128Concat(b *testing.B) {
	key := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		Blake2_128Concat(key)
	}
}

func BenchmarkTwox128(b *testing.B) {
	key := make([]byte, 16)
	b.ReportAllocs()
	for b.Loop() {
		Twox128(key)
	}
}
