package trie

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var validNodes = []string{
	"40 04 01",                   // leaf, no partial key
	"42 ab 04 01",                // leaf, two nibbles
	"43 0a bc 00",                // leaf, three nibbles, empty value
	"80 0300 0c400401 0c400402",  // branch over two inline leaves
	"c1 05 0100 04 ff 0c 400401", // branch with value over one
	"20" + strings.Repeat("11", 32),
	"10 0001" + strings.Repeat("22", 32) + "80" + strings.Repeat("33", 32),
	"7f 00" + strings.Repeat("01", 32) + "04 01", // 63 nibbles: the first size in two bytes
	"7f 01" + strings.Repeat("01", 32) + "04 01",
	"7f ff 00" + strings.Repeat("01", 159) + "04 01",
}

func TestNodesRoundTrip(t *testing.T) {
	for _, text := range validNodes {
		encoded := fromHex(t, text)
		if strings.HasPrefix(text, "7f 00") {
			encoded[2] &= 0xf
		}
		n, err := decodeNode(encoded)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if again := encodeNode(n); !bytes.Equal(again, encoded) {
			t.Errorf("%s encodes to %x", text, again)
		}
	}
}

func TestMalformedNodes(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                              "",
		"the empty node":                       "00",
		"compact header":                       "01",
		"no value":                             "40",
		"trailing byte":                        "40 04 01 00",
		"value cut":                            "40 08 01",
		"value length not shortest":            "40 0100 01",
		"high nibble of an odd partial":        "43 1a bc 04 01",
		"partial cut":                          "43 0a",
		"length cut":                           "7f",
		"length without end":                   "7f" + strings.Repeat("ff", 40),
		"length beyond every key":              "7f" + strings.Repeat("ff", 40) + "00" + strings.Repeat("00", 6000),
		"branch without children":              "80 0000",
		"branch with one child and no value":   "80 0100 0c400401",
		"child missing":                        "80 0300 0c400401",
		"empty child":                          "80 0300 00 0c400402",
		"child that is the empty node":         "80 0300 04 00 0c400402",
		"inline child malformed":               "80 0300 04 40 0c400402",
		"inline child that hides a hash":       "80 0300 84" + strings.Repeat("40", 33) + "0c400402",
		"hash of zeros":                        "80 0300 80" + strings.Repeat("00", 32) + "0c400402",
		"detached hash cut":                    "20" + strings.Repeat("11", 31),
		"value larger than any":                "40 03 ffffffff",
		"inline branch of one child, no value": "80 0300 1c 80 0100 0c400401 0c400402",
	} {
		if n, err := decodeNode(fromHex(t, text)); err == nil {
			t.Errorf("%s: decoded as %x", name, encodeNode(n))
		}
	}
}

func FuzzDecodeNode(f *testing.F) {
	for _, text := range validNodes {
		f.Add(fromHex(f, text))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		n, err := decodeNode(encoded)
		if err != nil {
			return
		}
		if again := encodeNode(n); !bytes.Equal(again, encoded) {
			t.Fatalf("%x decodes to what encodes to %x", encoded, again)
		}
	})
}

func TestNibbles(t *testing.T) {
	key := fromHex(t, "0123456789abcdef")
	for depth := 0; depth <= 16; depth++ {
		n := keyNibbles(key, depth)
		if n.len() != 16-depth {
			t.Fatalf("depth %d: %d nibbles", depth, n.len())
		}
		for i := 0; i < n.len(); i++ {
			if int(n.at(i)) != depth+i {
				t.Fatalf("depth %d: nibble %d is %x", depth, i, n.at(i))
			}
			checkCut(t, n, i, depth)
		}
	}
}

// checkCut takes n, which counts up from first, apart at i and together again.
func checkCut(t *testing.T, n nibbles, i, first int) {
	t.Helper()
	head, tail := n.to(i), n.from(i+1)
	if head.len() != i || tail.len() != n.len()-i-1 {
		t.Fatalf("cut at %d of %d: %d and %d", i, n.len(), head.len(), tail.len())
	}
	for j := 0; j < head.len(); j++ {
		if int(head.at(j)) != first+j {
			t.Fatalf("head at %d is %x", j, head.at(j))
		}
	}
	joined := joinNibbles(head, n.at(i), tail)
	if joined.len() != n.len() || commonPrefix(joined, n) != n.len() || commonPrefix(n, head) != head.len() {
		t.Fatalf("joined at %d: %d of %d nibbles agree", i, commonPrefix(joined, n), n.len())
	}
	if changed := joinNibbles(head, n.at(i)^1, tail); commonPrefix(changed, n) != i {
		t.Fatalf("changed at %d: %d nibbles agree", i, commonPrefix(changed, n))
	}
}

func TestEmptyRoot(t *testing.T) {
	want, err := scale.ParseHash("0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314")
	if err != nil || EmptyRoot != want {
		t.Errorf("EmptyRoot is %s", EmptyRoot)
	}
	tr := Open(nil, EmptyRoot, Options{})
	if tr.Root() != EmptyRoot {
		t.Errorf("root of an empty trie is %s", tr.Root())
	}
	set := tr.Commit()
	if set.OldRoot != EmptyRoot || set.NewRoot != EmptyRoot || len(set.Inserted)+len(set.Removed) != 0 {
		t.Errorf("commit of nothing: %+v", set)
	}
}
