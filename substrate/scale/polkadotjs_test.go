package scale

import (
	"encoding/json"
	"os"
	"testing"
)

// TestAgreesWithPolkadotJS compares with testdata/polkadotjs.json, which
// substrate/metadata/testdata/polkadotjs.mjs wrote.
func TestAgreesWithPolkadotJS(t *testing.T) {
	type number struct {
		Decimal U128
		Hex     HexBytes
	}
	var vectors struct {
		Compact, U128 []number
		Text          []struct {
			Value string
			Hex   HexBytes
		}
		OptionalTexts []struct {
			Value []*string
			Hex   HexBytes
		}
	}
	b, err := os.ReadFile("testdata/polkadotjs.json")
	if err == nil {
		err = json.Unmarshal(b, &vectors)
	}
	if err != nil || len(vectors.Compact) == 0 || len(vectors.U128) == 0 || len(vectors.Text) == 0 || len(vectors.OptionalTexts) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, v := range vectors.Compact {
		agrees(t, CompactU128, v.Decimal, v.Hex)
	}
	for _, v := range vectors.U128 {
		agrees(t, U128Codec, v.Decimal, v.Hex)
	}
	for _, v := range vectors.Text {
		agrees(t, Str(100), v.Value, v.Hex)
	}
	for _, v := range vectors.OptionalTexts {
		var value []Optional[string]
		for _, text := range v.Value {
			if text == nil {
				value = append(value, None[string]())
			} else {
				value = append(value, Some(*text))
			}
		}
		agrees(t, Vec(Option(Str(100)), 100), value, v.Hex)
	}
}

func agrees[T any](t *testing.T, c Codec[T], value T, encoded []byte) {
	t.Helper()
	if got := c.Marshal(value); string(got) != string(encoded) {
		t.Errorf("%v encodes to %x, polkadot.js says %x", value, got, encoded)
	}
	back, err := c.Unmarshal(encoded)
	if err != nil || string(c.Marshal(back)) != string(encoded) {
		t.Errorf("%x decodes to %v, %v", encoded, back, err)
	}
}
