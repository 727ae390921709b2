package keys

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"testing"
)

var bothKinds = []Kind{Sr25519, Ed25519}

// groupOrder is the order of both schemes' group, 2^252 + 277...
var groupOrder, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

func signed(t testing.TB, kind Kind, suri, message string) Signed {
	t.Helper()
	pair := mustPair(t, kind, suri)
	return Signed{Kind: kind, Public: pair.Public(), Message: []byte(message), Signature: pair.Sign([]byte(message))}
}

func (s Signed) verify() bool { return Verify(s.Kind, s.Public, s.Message, s.Signature) }

func TestEveryAlteredBitIsRefused(t *testing.T) {
	for _, kind := range bothKinds {
		item := signed(t, kind, "//Alice", "pay 5")
		if !item.verify() {
			t.Fatalf("%s: valid signature refused", kind)
		}
		for bit := range 8 * SignatureSize {
			altered := item
			altered.Signature[bit/8] ^= 1 << (bit % 8)
			if altered.verify() {
				t.Errorf("%s: signature with bit %d flipped accepted", kind, bit)
			}
		}
		for bit := range 8 * PublicSize {
			altered := item
			altered.Public[bit/8] ^= 1 << (bit % 8)
			if altered.verify() {
				t.Errorf("%s: public key with bit %d flipped accepted", kind, bit)
			}
		}
	}
}

// A signature's scalar plus the group order satisfies the same equation: if it
// were accepted, anyone could make a second valid signature out of the first.
func TestScalarBeyondTheOrderIsRefused(t *testing.T) {
	for _, kind := range bothKinds {
		for i := range 20 {
			item := signed(t, kind, fmt.Sprintf("//%d", i), "pay 5")
			marker := item.Signature[63] & 0x80
			little := slices.Clone(item.Signature[32:])
			little[31] &^= 0x80
			slices.Reverse(little)
			sum := new(big.Int).Add(new(big.Int).SetBytes(little), groupOrder)
			for sum.BitLen() <= 255 {
				encoded := sum.FillBytes(make([]byte, 32))
				slices.Reverse(encoded)
				altered := item
				copy(altered.Signature[32:], encoded)
				if kind == Sr25519 {
					altered.Signature[63] |= marker
				}
				if altered.verify() {
					t.Fatalf("%s: scalar beyond the order accepted", kind)
				}
				sum.Add(sum, groupOrder)
			}
		}
	}
}

func TestKindsAreNotConfused(t *testing.T) {
	sr, ed := signed(t, Sr25519, "//Alice", "m"), signed(t, Ed25519, "//Alice", "m")
	if sr.Signature[63]&0x80 == 0 {
		t.Error("an sr25519 signature lacks its marker")
	}
	if Verify(Ed25519, sr.Public, sr.Message, sr.Signature) || Verify(Sr25519, ed.Public, ed.Message, ed.Signature) {
		t.Error("a signature passes for the other kind")
	}
	unmarked := sr
	unmarked.Signature[63] &^= 0x80
	if unmarked.verify() {
		t.Error("an sr25519 signature without its marker accepted")
	}
	if Verify(Kind(2), sr.Public, sr.Message, sr.Signature) || Verify(Kind(255), ed.Public, ed.Message, ed.Signature) {
		t.Error("a signature of an unknown kind accepted")
	}
}

// Public keys that are no ristretto255 element: a field element out of range, one
// that is negative, one that is on no curve point.
func TestBadSr25519Keys(t *testing.T) {
	item := signed(t, Sr25519, "//Alice", "m")
	for _, text := range []string{
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		bad := item
		bad.Public = [32]byte(raw)
		badCommitment := item
		copy(badCommitment.Signature[:32], raw)
		for _, item := range []Signed{bad, badCommitment} {
			if item.verify() || VerifyBatch([]Signed{item, signed(t, Sr25519, "//Bob", "n")})[0] {
				t.Errorf("%s accepted", text)
			}
		}
	}
}

// ZIP-215 accepts every encoding of a point, canonical or not, of small order or
// not, alone and in a batch alike: what polkadot-sdk's host function does. With a
// key of small order and scalar 0 any message verifies; nobody owns such a key.
func TestEd25519FollowsZIP215(t *testing.T) {
	points := []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	}
	for _, public := range points {
		for _, commitment := range points {
			item := Signed{Kind: Ed25519, Message: []byte("any")}
			if _, err := hex.Decode(item.Public[:], []byte(public)); err != nil {
				t.Fatal(err)
			}
			if _, err := hex.Decode(item.Signature[:32], []byte(commitment)); err != nil {
				t.Fatal(err)
			}
			batch := VerifyBatch([]Signed{item, signed(t, Ed25519, "//Bob", "n")})
			if !item.verify() || !batch[0] || !batch[1] {
				t.Errorf("key %s, commitment %s: alone %v, in a batch %v", public, commitment, item.verify(), batch)
			}
		}
	}
}

func TestBatchFindsTheBadOnes(t *testing.T) {
	good := []Signed{
		signed(t, Sr25519, "//Alice", "1"), signed(t, Ed25519, "//Alice", "2"),
		signed(t, Sr25519, "//Bob", ""), signed(t, Ed25519, "//Bob", string(make([]byte, 5000))),
	}
	for _, size := range []int{0, 1, 2, 7, batchSize - 1, batchSize, batchSize + 1, 3*batchSize + 5} {
		items, want := make([]Signed, size), make([]bool, size)
		for i := range items {
			items[i], want[i] = good[i%len(good)], true
			switch {
			case i%11 == 3: // wrong message
				items[i].Message, want[i] = []byte("other"), false
			case i%13 == 5: // unreadable
				items[i].Signature, want[i] = [64]byte{}, false
			case i%17 == 7:
				items[i].Kind, want[i] = Kind(9), false
			case i%19 == 9: // somebody else's
				items[i].Public, want[i] = good[(i+2)%len(good)].Public, false
			}
		}
		if got := VerifyBatch(items); !slices.Equal(got, want) {
			t.Errorf("%d items: %v, want %v", size, got, want)
		}
	}
}

// Two wrong signatures whose errors cancel out must not carry each other.
func TestBatchWithCancellingErrors(t *testing.T) {
	for _, kind := range bothKinds {
		a, b := signed(t, kind, "//Alice", "a"), signed(t, kind, "//Alice", "b")
		shift(&a, 1)
		shift(&b, -1)
		if got := VerifyBatch([]Signed{a, b}); got[0] || got[1] {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

// shift adds to the scalar of a signature.
func shift(item *Signed, by int64) {
	marker := item.Signature[63] & 0x80
	little := slices.Clone(item.Signature[32:])
	little[31] &^= 0x80
	slices.Reverse(little)
	sum := new(big.Int).Add(new(big.Int).SetBytes(little), big.NewInt(by))
	encoded := sum.Mod(sum, groupOrder).FillBytes(make([]byte, 32))
	slices.Reverse(encoded)
	copy(item.Signature[32:], encoded)
	item.Signature[63] |= marker
}

func FuzzVerify(f *testing.F) {
	for _, kind := range bothKinds {
		item := signed(f, kind, "//Alice", "seed")
		f.Add(byte(kind), item.Public[:], item.Message, item.Signature[:])
	}
	f.Fuzz(func(t *testing.T, kind byte, public, message, signature []byte) {
		item := Signed{Kind: Kind(kind), Message: message}
		copy(item.Public[:], public)
		copy(item.Signature[:], signature)
		alone := item.verify()
		// Twice, so that the batch's equation decides and not a single check.
		if batch := VerifyBatch([]Signed{item, item}); batch[0] != alone || batch[1] != alone {
			t.Fatalf("alone %v, in a batch %v", alone, batch)
		}
	})
}
