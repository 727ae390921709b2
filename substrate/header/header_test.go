package header

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// TestAgreesWithPolkadotJS compares with testdata/polkadotjs.json, which
// substrate/metadata/testdata/polkadotjs.mjs wrote.
func TestAgreesWithPolkadotJS(t *testing.T) {
	var vectors struct {
		Headers []struct {
			RPC  json.RawMessage
			Hex  scale.HexBytes
			Hash scale.Hash
		}
	}
	b, err := os.ReadFile("testdata/polkadotjs.json")
	if err == nil {
		err = json.Unmarshal(b, &vectors)
	}
	if err != nil || len(vectors.Headers) != 3 {
		t.Fatalf("no vectors: %v", err)
	}
	for i, v := range vectors.Headers {
		decoded, err := Codec.Unmarshal(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if string(Codec.Marshal(decoded)) != string(v.Hex) || decoded.Hash() != v.Hash {
			t.Errorf("header %d encodes or hashes differently", i)
		}
		var shape JSON
		if err := json.Unmarshal(v.RPC, &shape); err != nil {
			t.Fatal(err)
		}
		fromJSON, err := shape.Header()
		if err != nil || !reflect.DeepEqual(fromJSON, decoded) {
			t.Errorf("header %d from JSON: %+v, %v", i, fromJSON, err)
		}
		var want, got any
		text, err := json.Marshal(decoded.JSON())
		if err != nil || json.Unmarshal(v.RPC, &want) != nil || json.Unmarshal(text, &got) != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("header %d as JSON: %s, want %s (%v)", i, text, v.RPC, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	fixed := make([]byte, 32+1+32+32)
	with := func(digest ...byte) []byte { return append(append([]byte(nil), fixed...), digest...) }
	many := append([]byte{}, scale.CompactU32.Marshal(MaxDigestItems+1)...)
	for range MaxDigestItems + 1 {
		many = append(many, DigestRuntimeEnvironmentUpdated)
	}
	long := append([]byte{4, DigestOther}, scale.CompactU32.Marshal(MaxDigestItemBytes+1)...)
	long = append(long, make([]byte, MaxDigestItemBytes+1)...)
	for name, c := range map[string]struct {
		input []byte
		want  error
	}{
		"empty":               {nil, scale.ErrShort},
		"without digest":      {fixed, scale.ErrShort},
		"trailing byte":       {with(0, 0), scale.ErrTrailing},
		"unknown item":        {with(4, 7), scale.ErrVariant},
		"long form of number": {append(append(make([]byte, 32), 1, 0), make([]byte, 65)...), scale.ErrNotCanonical},
		"number of 33 bits":   {append(append(make([]byte, 32), 7, 0, 0, 0, 0, 1), make([]byte, 65)...), scale.ErrTooLarge},
		"too many items":      {with(many...), scale.ErrTooLong},
		"too long an item":    {with(long...), scale.ErrTooLong},
	} {
		if _, err := Codec.Unmarshal(c.input); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	largest := Header{Digest: make([]DigestItem, MaxDigestItems)}
	largest.Digest[0].Data = make([]byte, MaxDigestItemBytes)
	if _, err := Codec.Unmarshal(Codec.Marshal(largest)); err != nil {
		t.Errorf("a header at the bounds: %v", err)
	}
}

func TestJSONRefuses(t *testing.T) {
	valid, err := json.Marshal((&Header{Number: 31}).JSON())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(valid), `"number":"0x1f"`) || !strings.Contains(string(valid), `"logs":[]`) {
		t.Errorf("a header as JSON: %s", valid)
	}
	for _, number := range []string{`"31"`, `"0x"`, `"0x100000000"`, `"0x000000001"`, `"0xg"`, `31`, `"0x-1"`, `"0x_1"`} {
		var j JSON
		if err := json.Unmarshal([]byte(strings.Replace(string(valid), `"0x1f"`, number, 1)), &j); err == nil {
			t.Errorf("number %s was read as %d", number, j.Number)
		}
	}
	for _, log := range []scale.HexBytes{nil, {7}, {8, 0}, {0, 8, 1}} {
		j := (&Header{}).JSON()
		j.Digest.Logs = append(j.Digest.Logs, log)
		if h, err := j.Header(); err == nil {
			t.Errorf("log %x was read as %+v", log, h)
		}
	}
	j := (&Header{}).JSON()
	for range MaxDigestItems + 1 {
		j.Digest.Logs = append(j.Digest.Logs, scale.HexBytes{8})
	}
	if _, err := j.Header(); !errors.Is(err, ErrDigest) {
		t.Errorf("too many logs: %v", err)
	}
}

func TestPreRuntimeData(t *testing.T) {
	engine := [4]byte{'c', 'm', 'b', 't'}
	h := Header{Digest: []DigestItem{
		{Kind: DigestConsensus, Engine: engine, Data: []byte{1}},
		PreRuntime([4]byte{'a', 'u', 'r', 'a'}, []byte{2}),
		PreRuntime(engine, []byte{3}),
	}}
	if data, ok := h.PreRuntimeData(engine); !ok || data[0] != 3 {
		t.Errorf("%v, %v", data, ok)
	}
	if _, ok := h.PreRuntimeData([4]byte{'B', 'A', 'B', 'E'}); ok {
		t.Error("found an item of an engine that is not there")
	}
}

func TestEveryFieldChangesTheHash(t *testing.T) {
	seen := map[scale.Hash]string{}
	for name, h := range map[string]Header{
		"none": {}, "parent": {ParentHash: scale.Hash{1}}, "number": {Number: 1}, "state": {StateRoot: scale.Hash{1}},
		"extrinsics": {ExtrinsicsRoot: scale.Hash{1}}, "digest": {Digest: []DigestItem{{Kind: DigestOther}}},
	} {
		if other, taken := seen[h.Hash()]; taken {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[h.Hash()] = name
	}
}

// FuzzHeader: what decodes has that one encoding, and survives JSON.
func FuzzHeader(f *testing.F) {
	f.Add(Codec.Marshal(Header{Number: 1 << 20}))
	f.Add(Codec.Marshal(Header{Digest: []DigestItem{PreRuntime([4]byte{'c', 'm', 'b', 't'}, []byte{1}),
		{Kind: DigestOther, Data: []byte{1, 2}}, {Kind: DigestRuntimeEnvironmentUpdated}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := Codec.Unmarshal(b)
		if err != nil {
			return
		}
		if again := Codec.Marshal(h); string(again) != string(b) {
			t.Fatalf("%x encodes to %x", b, again)
		}
		j := h.JSON()
		if back, err := j.Header(); err != nil || back.Hash() != h.Hash() {
			t.Fatalf("through JSON: %+v, %v", back, err)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	h := &Header{Number: 1 << 20, Digest: []DigestItem{PreRuntime([4]byte{'c', 'm', 'b', 't'}, make([]byte, 8))}}
	b.ReportAllocs()
	for b.Loop() {
		h.Hash()
	}
}
