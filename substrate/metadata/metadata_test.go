package metadata_test

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

var update = flag.Bool("update", false, "write the golden files of testdata; check them with polkadotjs.mjs afterwards")

func encode(t testing.TB, r *metadata.Runtime, version uint32) []byte {
	t.Helper()
	b, err := r.Encode(version)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for version, file := range map[uint32]string{14: "testdata/v14.hex", 15: "testdata/v15.hex"} {
		got := scale.HexString(encode(t, declaration(), version)) + "\n"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("version %d differs from %s; if that is meant, run go test -update and then polkadotjs.mjs", version, file)
		}
	}
}

func TestEncodingIsDeterministic(t *testing.T) {
	r := declaration()
	for _, version := range metadata.Versions {
		first := string(encode(t, r, version))
		for range 5 {
			if string(encode(t, r, version)) != first || string(encode(t, declaration(), version)) != first {
				t.Fatalf("version %d has two encodings", version)
			}
		}
	}
}

// typeCount is the number of types in the registry of metadata.
func typeCount(t testing.TB, b []byte) uint32 {
	t.Helper()
	d := scale.NewDecoder(b)
	if magic := d.View(5); string(magic[:4]) != "meta" {
		t.Fatalf("metadata begins with %x", magic)
	}
	return d.Compact32()
}

func TestEqualTypesAreOne(t *testing.T) {
	before := typeCount(t, encode(t, declaration(), 15))
	r := declaration()
	again := declaration() // equal content, other pointers, recursive RuntimeCall included
	r.APIs = append(r.APIs, metadata.API{Name: "Again", Methods: []metadata.Method{{Name: "call", Output: again.Call,
		Inputs: []metadata.Input{{Name: "event", Type: again.Event}, {Name: "extrinsic", Type: again.Extrinsic.Extra}}}}})
	if after := typeCount(t, encode(t, r, 15)); after != before {
		t.Errorf("%d types, %d with equal ones added", before, after)
	}
	r.APIs = append(r.APIs, metadata.API{Name: "New", Methods: []metadata.Method{{Name: "new", Output: scale.ArrayType(scale.U8.Type, 99)}}})
	if after := typeCount(t, encode(t, r, 15)); after != before+1 {
		t.Errorf("%d types, %d with a new one added", before, after)
	}
}

// cycle is a list of n types, each containing the next and the last the first.
func cycle(n int, last uint8) *scale.Type {
	types := make([]scale.Type, n)
	for i := range types {
		index := uint8(0)
		if i == n-1 {
			index = last
		}
		types[i] = *scale.VariantType("", "", scale.TypeVariant{Name: "Next", Index: index,
			Fields: []scale.TypeField{{Type: &types[(i+1)%n]}}})
	}
	return &types[0]
}

func TestRecursiveTypesDedupe(t *testing.T) {
	base := declaration()
	with := func(types ...*scale.Type) uint32 {
		r := declaration()
		for i, extra := range types {
			r.Custom = append(r.Custom, metadata.Custom{Name: "b" + string(rune('a'+i)), Type: extra})
		}
		return typeCount(t, encode(t, r, 15)) - typeCount(t, encode(t, base, 15))
	}
	// Cycles of any length in which every type looks alike are one type.
	if n := with(cycle(1, 0), cycle(3, 0), cycle(4, 0)); n != 1 {
		t.Errorf("equal cycles: %d types, want 1", n)
	}
	// One odd member makes every position of a cycle a type of its own.
	if n := with(cycle(5, 1)); n != 5 {
		t.Errorf("a cycle with one odd member: %d types, want 5", n)
	}
	if n := with(cycle(5, 1), cycle(5, 1), cycle(10, 1)); n != 15 {
		t.Errorf("two equal cycles and a longer one: %d types, want 15", n)
	}
}

func TestDeclarationErrors(t *testing.T) {
	for _, c := range []struct {
		name, where string
		want        error
		spoil       func(*metadata.Runtime)
	}{
		{"unset outer enum", "RuntimeCall", metadata.ErrUnset, func(r *metadata.Runtime) { r.Call = scale.NewType() }},
		{"missing runtime type", "runtime's type", metadata.ErrUnset, func(r *metadata.Runtime) { r.Type = nil }},
		{"missing field type", "System.Account > test::Hole", metadata.ErrUnset, func(r *metadata.Runtime) {
			r.Pallets[0].Storage[0].Value = scale.CompositeType("test::Hole", "", scale.TypeField{Name: "hole"})
		}},
		{"missing element", "Core.market", metadata.ErrUnset, func(r *metadata.Runtime) {
			r.APIs[0].Methods[1].Output = scale.SequenceType(nil)
		}},
		{"two types of one path", "test_market::pallet::Error", metadata.ErrSamePath, func(r *metadata.Runtime) {
			r.Pallets[0].Errors = scale.VariantType("test_market::pallet::Error", "")
		}},
		{"pallet name taken", "System", metadata.ErrName, func(r *metadata.Runtime) { r.Pallets[1].Name = "System" }},
		{"pallet without a name", "", metadata.ErrName, func(r *metadata.Runtime) { r.Pallets[1].Name = "" }},
		{"pallet index taken", "Market", metadata.ErrIndex, func(r *metadata.Runtime) { r.Pallets[1].Index = 0 }},
		{"storage name taken", "Market.Orders", metadata.ErrName, func(r *metadata.Runtime) { r.Pallets[1].Storage[1].Name = "Orders" }},
		{"unknown hasher", "System.Account", metadata.ErrHasher, func(r *metadata.Runtime) { r.Pallets[0].Storage[0].Keys[0].Hasher = 7 }},
		{"calls that are no enum", "System", metadata.ErrEnum, func(r *metadata.Runtime) { r.Pallets[0].Calls = scale.U8.Type }},
		{"short default", "System.Account", metadata.ErrDefault, func(r *metadata.Runtime) { r.Pallets[0].Storage[0].Default = []byte{0} }},
		{"unsorted custom values", "able", metadata.ErrCustom, func(r *metadata.Runtime) {
			r.Custom = append(r.Custom, metadata.Custom{Name: "able", Type: scale.U8.Type})
		}},
		{"text that is not UTF-8", "", scale.ErrEncodeUTF8, func(r *metadata.Runtime) { r.Pallets[0].Docs = "\xff" }},
		{"type docs that are not UTF-8", "test::Bad", scale.ErrEncodeUTF8, func(r *metadata.Runtime) {
			r.Type = scale.CompositeType("test::Bad", "\xff")
		}},
	} {
		r := declaration()
		c.spoil(r)
		b, err := r.Encode(15)
		if !errors.Is(err, c.want) || b != nil || !strings.Contains(err.Error(), c.where) {
			t.Errorf("%s: %v, want %v at %q", c.name, err, c.want, c.where)
		}
	}
	if _, err := declaration().Encode(16); !errors.Is(err, metadata.ErrVersion) {
		t.Errorf("version 16: %v", err)
	}
}

func BenchmarkEncode(b *testing.B) {
	r := declaration()
	b.ReportAllocs()
	for b.Loop() {
		encode(b, r, 15)
	}
}
