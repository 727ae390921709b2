package scale

import (
	"bytes"
	"cmp"
	"errors"
	"testing"
)

var (
	heads = Map(U32, Bytes(8), 4, func(a, b *uint32) int { return cmp.Compare(*a, *b) })
	nodes = Set(Bytes(8), 4, func(a, b *[]byte) int { return bytes.Compare(*a, *b) })
)

func TestMapKeepsOrder(t *testing.T) {
	entries := []Pair[uint32, []byte]{{First: 1, Second: []byte{7}}, {First: 258, Second: []byte{8}}}
	b := heads.Marshal(entries)
	if HexString(b) != "0x08010000000407020100000408" {
		t.Errorf("encoded %x", b)
	}
	if back, err := heads.Unmarshal(b); err != nil || len(back) != 2 || back[1].First != 258 {
		t.Errorf("%v, %v", back, err)
	}
	entries[0].First = 258
	if _, err := heads.TryMarshal(entries); !errors.Is(err, ErrEncodeOrder) {
		t.Errorf("a repeated key: %v", err)
	}
	swapped := []byte{8, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0}
	if _, err := heads.Unmarshal(swapped); !errors.Is(err, ErrOrder) {
		t.Errorf("descending keys: %v", err)
	}
}

func TestSetKeepsOrder(t *testing.T) {
	if _, err := nodes.Unmarshal([]byte{8, 4, 1, 4, 2}); err != nil {
		t.Error(err)
	}
	if _, err := nodes.Unmarshal([]byte{8, 4, 1, 4, 1}); !errors.Is(err, ErrOrder) {
		t.Errorf("a repeated element: %v", err)
	}
	if nodes.Type.Path != "BTreeSet" || heads.Type.Path != "BTreeMap" || heads.Type.MinSize() != 1 {
		t.Error("the types are not described as ordered collections")
	}
}
