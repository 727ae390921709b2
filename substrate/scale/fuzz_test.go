package scale

import "testing"

// FuzzStruct: what decodes encodes back to the same bytes, so no value has two encodings.
func FuzzStruct(f *testing.F) {
	f.Add(orderCodec.Marshal(sampleOrder()))
	f.Add(orderCodec.Marshal(order{Tags: [][]byte{{}, {}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := orderCodec.Unmarshal(b)
		if err != nil {
			return
		}
		if again := orderCodec.Marshal(v); string(again) != string(b) {
			t.Fatalf("%x encodes to %x", b, again)
		}
	})
}

// FuzzRecursive: nesting and counts chosen by an attacker stay bounded.
func FuzzRecursive(f *testing.F) {
	f.Add(nested(3))
	f.Add(nested(MaxDepth + 1))
	f.Add([]byte{1, 8, 0, 1, 1, 4, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := treeCodec.Unmarshal(b)
		if err != nil {
			return
		}
		if again := treeCodec.Marshal(v); string(again) != string(b) {
			t.Fatalf("%x encodes to %x", b, again)
		}
	})
}

// FuzzParseU128: text has one form.
func FuzzParseU128(f *testing.F) {
	f.Add("0")
	f.Add("340282366920938463463374607431768211455")
	f.Add("00")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ParseU128(text); err == nil && v.String() != text {
			t.Fatalf("%q parsed to %s", text, v)
		}
	})
}
