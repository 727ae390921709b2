package scale

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// The examples of the SCALE specification (Polkadot specification, A.2.2), and
// the edges of each mode.
func TestCompactKnownAnswers(t *testing.T) {
	for _, c := range []struct{ value, hex string }{
		{"0", "0x00"}, {"1", "0x04"}, {"42", "0xa8"}, {"63", "0xfc"},
		{"64", "0x0101"}, {"69", "0x1501"}, {"16383", "0xfdff"},
		{"16384", "0x02000100"}, {"65535", "0xfeff0300"}, {"1073741823", "0xfeffffff"},
		{"1073741824", "0x0300000040"}, {"4294967295", "0x03ffffffff"},
		{"4294967296", "0x070000000001"}, {"100000000000000", "0x0b00407a10f35a"},
		{"72057594037927935", "0x0fffffffffffffff"}, {"72057594037927936", "0x130000000000000001"},
		{"18446744073709551615", "0x13ffffffffffffffff"}, {"18446744073709551616", "0x17000000000000000001"},
		{"340282366920938463463374607431768211455", "0x33ffffffffffffffffffffffffffffffff"},
	} {
		value, err := ParseU128(c.value)
		if err != nil {
			t.Fatal(err)
		}
		b := CompactU128.Marshal(value)
		if HexString(b) != c.hex {
			t.Errorf("%s: encoded %s, want %s", c.value, HexString(b), c.hex)
		}
		if back, err := CompactU128.Unmarshal(b); err != nil || back != value {
			t.Errorf("%s: decoded %v, %v", c.value, back, err)
		}
		if small, ok := value.Uint64(); ok {
			if got := HexString(CompactU64.Marshal(small)); got != c.hex || CompactSize(small) != len(b) {
				t.Errorf("%s: as u64 %s (%d bytes)", c.value, got, CompactSize(small))
			}
		}
	}
}

func TestCompactRefusesOtherForms(t *testing.T) {
	for _, c := range []struct {
		hex  string
		want error
	}{
		{"0x", ErrShort}, {"0x01", ErrShort}, {"0x020000", ErrShort}, {"0x03000000", ErrShort},
		{"0x33ffffffffffffffffffffffffffffff", ErrShort},
		{"0x0100", ErrNotCanonical}, {"0xfd00", ErrNotCanonical}, // 63 in two bytes
		{"0x02000000", ErrNotCanonical}, {"0xfeff0000", ErrNotCanonical}, // 16383 in four
		{"0x03ffffff3f", ErrNotCanonical}, {"0x0300000000", ErrNotCanonical}, // 2^30-1 in big
		{"0x070000004000", ErrNotCanonical}, // a leading zero digit
		{"0x33ffffffffffffffffffffffffffffff00", ErrNotCanonical},
		{"0x370000000000000000000000000000000001", ErrTooLarge}, // 17 bytes
		{"0xff" + "00", ErrTooLarge},
		{"0x0404", ErrTrailing},
	} {
		b, err := ParseHex(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := CompactU128.Unmarshal(b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.hex, v, err, c.want)
		}
	}
	if _, err := CompactU32.Unmarshal([]byte{7, 0, 0, 0, 0, 1}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("2^32 as compact u32: %v", err)
	}
	if _, err := CompactU64.Unmarshal(CompactU128.Marshal(U128{Hi: 1})); !errors.Is(err, ErrTooLarge) {
		t.Errorf("2^64 as compact u64: %v", err)
	}
}

func TestCompactRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 128))
	for i := 0; i < 100_000; i++ {
		v := sample(r)
		b := CompactU128.Marshal(v)
		if back, err := CompactU128.Unmarshal(b); err != nil || back != v {
			t.Fatalf("%v: %s: %v, %v", v, HexString(b), back, err)
		}
		if CompactSize(v.Lo) != len(CompactU64.Marshal(v.Lo)) {
			t.Fatalf("CompactSize(%d)", v.Lo)
		}
	}
}

// FuzzCompact: whatever decodes encodes back to the very bytes read.
func FuzzCompact(f *testing.F) {
	f.Add([]byte{0xfc})
	f.Add([]byte{0x01, 0x01})
	f.Add([]byte{0x03, 0, 0, 0, 0x40})
	f.Add([]byte{0x33, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := NewDecoder(b)
		v := d.Compact128()
		if d.Err() != nil {
			return
		}
		if again := CompactU128.Marshal(v); string(again) != string(b[:d.Offset()]) {
			t.Fatalf("%x decoded to %v, which encodes to %x", b[:d.Offset()], v, again)
		}
	})
}
