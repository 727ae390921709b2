package metadata_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestDecodeReadsWhatEncodeWrites(t *testing.T) {
	encoded := encode(t, declaration(), 14)
	decoded, err := metadata.Decode(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(t, decoded, 14); !bytes.Equal(again, encoded) {
		t.Error("what was decoded encodes to other bytes")
	}
	market := decoded.Pallets[1]
	if market.Name != "Market" || market.Index != 40 || market.Errors.Variants[0].Docs != "The market is halted; wait." {
		t.Errorf("pallet %q %d with errors %+v", market.Name, market.Index, market.Errors)
	}
	if keys := market.Storage[0].Keys; len(keys) != 3 || keys[1].Hasher != metadata.Identity {
		t.Errorf("the map has the keys %v", keys)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, declaration(), 14)
	if _, err := metadata.Decode(encode(t, declaration(), 15)); !errors.Is(err, metadata.ErrNotMetadata) {
		t.Errorf("version 15: %v", err)
	}
	if _, err := metadata.Decode(append(bytes.Clone(good), 0)); !errors.Is(err, scale.ErrTrailing) {
		t.Errorf("a byte too many: %v", err)
	}
	for _, length := range []int{0, 4, 5, len(good) / 2, len(good) - 1} {
		if _, err := metadata.Decode(good[:length]); err == nil {
			t.Errorf("%d of %d bytes were accepted", length, len(good))
		}
	}
	// One type: a sequence of type 7, which there is not.
	missing := []byte{'m', 'e', 't', 'a', 14, 4, 0, 0, 0, 2, 7 << 2, 0}
	if _, err := metadata.Decode(missing); !errors.Is(err, metadata.ErrTypeID) {
		t.Errorf("a reference to a missing type: %v", err)
	}
	misplaced := bytes.Clone(missing)
	misplaced[6] = 1 << 2
	if _, err := metadata.Decode(misplaced); !errors.Is(err, metadata.ErrTypeID) {
		t.Errorf("a misplaced type: %v", err)
	}
	bits := bytes.Clone(missing)
	bits[9] = 7 // BitSequence
	if _, err := metadata.Decode(bits); !errors.Is(err, metadata.ErrDefinition) {
		t.Errorf("a bit sequence: %v", err)
	}
}

func TestSkipReadsOneValue(t *testing.T) {
	decoded, err := metadata.Decode(encode(t, declaration(), 14))
	if err != nil {
		t.Fatal(err)
	}
	digest := []header.DigestItem{header.PreRuntime([4]byte{'c', 'm', 'b', 't'}, []byte{1, 2, 3})}
	cases := []struct {
		t     *scale.Type
		value []byte
	}{
		{decoded.Pallets[0].Storage[0].Value, accountInfoCodec.Marshal(accountInfo{Nonce: 7})},
		{decoded.Pallets[0].Storage[2].Value, header.DigestCodec.Marshal(digest)},
		{decoded.Pallets[1].Storage[0].Value, marketCodec.Marshal(sampleMarket)},
		{decoded.Pallets[1].Storage[1].Value, scale.CompactU64.Marshal(1 << 40)},
		{decoded.Pallets[0].Constants[0].Type, []byte{2, 0}},
	}
	for i, c := range cases {
		d := scale.NewDecoder(append(bytes.Clone(c.value), 0xff, 0xff))
		if err := metadata.Skip(d, c.t); err != nil || d.Offset() != len(c.value) {
			t.Errorf("case %d: skipped %d of %d bytes, %v", i, d.Offset(), len(c.value), err)
		}
		for length := range c.value {
			if metadata.Skip(scale.NewDecoder(c.value[:length]), c.t) == nil {
				t.Errorf("case %d: %d bytes were enough", i, length)
			}
		}
	}
}

// TestSkipIsBounded hands Skip types that nest without taking bytes: 2^60 units,
// a list of them, an array of four thousand million, a type that contains itself.
func TestSkipIsBounded(t *testing.T) {
	unit := scale.TupleType()
	tower := unit
	for range 60 {
		tower = scale.TupleType(tower, tower)
	}
	loop := scale.NewType()
	*loop = *scale.TupleType(loop)
	compact := scale.NewType()
	*compact = *scale.CompositeType("", "", scale.TypeField{Type: compact})
	cases := map[string]struct {
		t     *scale.Type
		cause error
	}{
		"tower":   {tower, metadata.ErrSteps},
		"array":   {scale.ArrayType(unit, 1<<32-1), metadata.ErrSteps},
		"loop":    {loop, scale.ErrDepth},
		"compact": {scale.CompactType(compact), metadata.ErrDefinition},
		"unset":   {scale.NewType(), metadata.ErrDefinition},
		"prim":    {&scale.Type{Kind: scale.KindPrimitive, Prim: 99}, metadata.ErrDefinition},
	}
	for name, c := range cases {
		if err := metadata.Skip(scale.NewDecoder([]byte{1, 2, 3}), c.t); !errors.Is(err, c.cause) {
			t.Errorf("%s: %v instead of %v", name, err, c.cause)
		}
	}
}

func FuzzDecode(f *testing.F) {
	golden, err := os.ReadFile("testdata/v14.hex")
	if err != nil {
		f.Fatal(err)
	}
	seed, err := scale.ParseHex(strings.TrimSpace(string(golden)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, []byte{0, 1, 2, 3})
	f.Add([]byte("meta\x0e\x00\x00"), []byte{})
	f.Fuzz(func(t *testing.T, encoded, value []byte) {
		decoded, err := metadata.Decode(encoded)
		if err != nil {
			return
		}
		for i := range decoded.Pallets {
			if events := decoded.Pallets[i].Events; events != nil {
				_ = metadata.Skip(scale.NewDecoder(value), events)
			}
		}
	})
}
