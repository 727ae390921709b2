package trie

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// provenState is a state with detached and inline values, inline nodes, a value
// at a branch and a long shared prefix, and its root in layout 1.
func provenState(t testing.TB) (tr *Trie, root scale.Hash) {
	t.Helper()
	tr = Open(nil, EmptyRoot, Options{Layout: Layout1})
	prefix := hashing.StoragePrefix("System", "Account")
	for i := range 200 {
		key := hashing.AppendBlake2_128Concat(prefix[:], []byte{byte(i)})
		put(t, tr, key, bytes.Repeat([]byte{byte(i)}, i))
	}
	put(t, tr, prefix[:], []byte("branch"))
	put(t, tr, prefix[:16], bytes.Repeat([]byte("code"), 100))
	for i := range 20 {
		put(t, tr, []byte{byte(i)}, []byte{1})
	}
	return tr, tr.Root()
}

func put(t testing.TB, tr *Trie, key, value []byte) {
	t.Helper()
	if err := tr.Put(key, value); err != nil {
		t.Fatal(err)
	}
}

func prove(t testing.TB, tr *Trie, keys ...[]byte) [][]byte {
	t.Helper()
	proof, err := tr.Prove(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

// testKeys are present and absent keys of provenState that end in all kinds of
// places.
func testKeys() (keys [][]byte) {
	prefix := hashing.StoragePrefix("System", "Account")
	for _, i := range []byte{0, 1, 31, 32, 33, 34, 100, 199, 200, 201, 202, 255} {
		keys = append(keys, hashing.AppendBlake2_128Concat(prefix[:], []byte{i}))
	}
	return append(keys, prefix[:], prefix[:16], prefix[:8], prefix[:31], nil, []byte{0}, []byte{19}, []byte{20}, []byte{0, 0},
		append(bytes.Clone(prefix[:]), 1), bytes.Repeat([]byte{0xff}, 100))
}

func TestProofDecidesExactlyItsKeys(t *testing.T) {
	tr, root := provenState(t)
	for _, key := range testKeys() {
		want, exists, err := tr.Get(key)
		if err != nil {
			t.Fatal(err)
		}
		proof := prove(t, tr, key)
		value, found, err := Verify(root, proof, key)
		if err != nil || found != exists || !bytes.Equal(value, want) {
			t.Errorf("key %x: %x, %v, %v", key, value, found, err)
		}
		// Each record is needed: without any one of them nothing is decided.
		for i := range proof {
			shorter := slices.Delete(slices.Clone(proof), i, i+1)
			if _, _, err := Verify(root, shorter, key); !errors.Is(err, ErrIncomplete) {
				t.Errorf("key %x without record %d of %d: %v", key, i, len(proof), err)
			}
		}
	}
}

func TestProofOfManyKeys(t *testing.T) {
	tr, root := provenState(t)
	keys := testKeys()
	proof := prove(t, tr, keys...)
	if !slices.IsSortedFunc(proof, bytes.Compare) {
		t.Error("proof is not in ascending order")
	}
	opened, err := OpenProof(root, proof, Options{Layout: Layout1, Cache: NewCache(1 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		want, exists, _ := tr.Get(key)
		if got, found, err := opened.Get(key); err != nil || found != exists || !bytes.Equal(got, want) {
			t.Errorf("key %x: %x, %v, %v", key, got, found, err)
		}
	}
	prefix := hashing.StoragePrefix("System", "Account")
	other := hashing.AppendBlake2_128Concat(prefix[:], []byte{150})
	if _, _, err := opened.Get(other); !errors.Is(err, ErrIncomplete) {
		t.Errorf("a present key that was not proven: %v", err)
	}
}

// A verifier can go on from a proof: change what it proves and know the root.
func TestChangesOnAProof(t *testing.T) {
	tr, root := provenState(t)
	keys := testKeys()[:6]
	opened, err := OpenProof(root, prove(t, tr, keys...), Options{Layout: Layout1})
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range keys {
		value := bytes.Repeat([]byte{0xee}, 20*i)
		put(t, opened, key, value)
		put(t, tr, key, value)
	}
	if got, want := opened.Root(), tr.Root(); got != want {
		t.Errorf("root %s on the proof, %s on the state", got, want)
	}
}

func TestForgedProofs(t *testing.T) {
	tr, root := provenState(t)
	key := testKeys()[6]
	proof := prove(t, tr, key)
	for i := range proof {
		for bit := 0; bit < 8*len(proof[i]); bit += 5 {
			forged := slices.Clone(proof)
			forged[i] = bytes.Clone(proof[i])
			forged[i][bit/8] ^= 1 << (bit % 8)
			if value, found, err := Verify(root, forged, key); err == nil {
				t.Fatalf("record %d, bit %d flipped: %x, %v", i, bit, value, found)
			}
		}
		truncated := slices.Clone(proof)
		truncated[i] = proof[i][:len(proof[i])-1]
		if _, _, err := Verify(root, truncated, key); err == nil {
			t.Errorf("record %d truncated and accepted", i)
		}
	}
	if _, _, err := Verify(root, append(slices.Clone(proof), proof[0]), key); !errors.Is(err, ErrProofRepeat) {
		t.Errorf("repeated record: %v", err)
	}
	if _, _, err := Verify(root, nil, key); !errors.Is(err, ErrIncomplete) {
		t.Errorf("empty proof: %v", err)
	}
	if _, _, err := Verify(EmptyRoot, nil, key); err != nil {
		t.Errorf("the empty root needs no proof: %v", err)
	}
}

func TestSwappedProofs(t *testing.T) {
	tr, root := provenState(t)
	keys := testKeys()
	old := prove(t, tr, keys[6])
	if _, _, err := Verify(root, prove(t, tr, keys[7]), keys[6]); !errors.Is(err, ErrIncomplete) {
		t.Errorf("proof of another key: %v", err)
	}
	put(t, tr, keys[6], []byte("new"))
	if _, _, err := Verify(tr.Root(), old, keys[6]); !errors.Is(err, ErrIncomplete) {
		t.Errorf("proof of another root: %v", err)
	}
	if _, _, err := Verify(root, prove(t, tr, keys[6]), keys[6]); !errors.Is(err, ErrIncomplete) {
		t.Errorf("proof of a later root: %v", err)
	}
}

// A detached value must not pass for a node, nor a node for a value.
func TestValueThatLooksLikeANode(t *testing.T) {
	tr := Open(nil, EmptyRoot, Options{Layout: Layout1})
	leaf := &node{partial: keyNibbles(bytes.Repeat([]byte{9}, 40), 0), kind: valueInline, data: []byte("forged")}
	encoded := encodeNode(leaf)
	put(t, tr, []byte{1}, encoded)
	put(t, tr, []byte{2}, []byte("x"))
	root := tr.Root()
	proof := prove(t, tr, []byte{1})
	value, found, err := Verify(root, proof, []byte{1})
	if err != nil || !found || !bytes.Equal(value, encoded) {
		t.Errorf("value: %x, %v, %v", value, found, err)
	}
	if _, found, err := Verify(root, proof, bytes.Repeat([]byte{9}, 40)); err != nil || found {
		t.Errorf("key inside the value: %v, %v", found, err)
	}
}

func TestProofBounds(t *testing.T) {
	if _, err := OpenProof(EmptyRoot, make([][]byte, MaxProofRecords+1), Options{}); !errors.Is(err, ErrProofSize) {
		t.Errorf("too many records: %v", err)
	}
	large := make([]byte, MaxProofSize/2+1)
	if _, err := OpenProof(EmptyRoot, [][]byte{large, large}, Options{}); !errors.Is(err, ErrProofSize) {
		t.Errorf("too many bytes: %v", err)
	}
}

func TestProofOfPendingAndStoredStateAgree(t *testing.T) {
	tr, root := provenState(t)
	pending := prove(t, tr, testKeys()...)
	store := NewMemoryStore()
	store.Insert(tr.Commit())
	for _, cache := range []*Cache{nil, NewCache(1 << 20)} {
		stored := prove(t, Open(store, root, Options{Layout: Layout1, Cache: cache}), testKeys()...)
		if !slices.EqualFunc(pending, stored, bytes.Equal) {
			t.Error("the proof differs after the commit")
		}
	}
}

func FuzzVerify(f *testing.F) {
	tr := Open(nil, EmptyRoot, Options{Layout: Layout1}) // small: so are the inputs
	for i := range byte(6) {
		key := bytes.Repeat([]byte{i}, int(i))
		put(f, tr, key, bytes.Repeat([]byte{i}, 10*int(i)))
		f.Add(key, bytes.Join(prove(f, tr, key), nil), uint16(60))
	}
	root := tr.Root()
	f.Fuzz(func(t *testing.T, key, raw []byte, cut uint16) {
		var proof [][]byte
		for len(raw) > 0 {
			size := min(len(raw), int(cut)+1)
			proof, raw = append(proof, raw[:size]), raw[size:]
		}
		// Under the root that the first record gives, whatever it is.
		if len(proof) > 0 {
			forged := scale.Hash(hashing.Blake2_256(proof[0]))
			value, found, err := Verify(forged, proof, key)
			if err == nil && !found && value != nil {
				t.Fatal("a value that was not found")
			}
		}
		// Under an honest root it proves the truth or nothing.
		value, found, err := Verify(root, proof, key)
		if want, exists, _ := tr.Get(key); err == nil && (found != exists || !bytes.Equal(value, want)) {
			t.Fatalf("key %x: proven %x, %v; true is %x, %v", key, value, found, want, exists)
		}
	})
}
