package scale

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func toBig(a U128) *big.Int {
	v := new(big.Int).SetUint64(a.Hi)
	return v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(a.Lo))
}

// matches reports whether (got, ok) is want, or !ok where want is outside 128 bits.
func matches(got U128, ok bool, want *big.Int) bool {
	if want.Sign() < 0 || want.BitLen() > 128 {
		return !ok && got.IsZero()
	}
	return ok && toBig(got).Cmp(want) == 0
}

// sample mixes values of all sizes with values at the edges of digits.
func sample(r *rand.Rand) U128 {
	edges := [...]uint64{0, 1, 2, 9, 10, 1 << 32, 1 << 63, 1<<63 - 1, ^uint64(0), ^uint64(0) - 1}
	digit := func() uint64 {
		if r.IntN(3) == 0 {
			return edges[r.IntN(len(edges))]
		}
		return r.Uint64() >> r.UintN(64)
	}
	v := U128{Lo: digit()}
	if r.IntN(3) > 0 {
		v.Hi = digit()
	}
	return v
}

func TestU128AgreesWithBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 128))
	for i := 0; i < 200_000; i++ {
		a, b := sample(r), sample(r)
		x, y := toBig(a), toBig(b)
		if v, ok := a.Add(b); !matches(v, ok, new(big.Int).Add(x, y)) {
			t.Fatalf("%v + %v = %v, %v", a, b, v, ok)
		}
		if v, ok := a.Sub(b); !matches(v, ok, new(big.Int).Sub(x, y)) {
			t.Fatalf("%v - %v = %v, %v", a, b, v, ok)
		}
		if v, ok := a.Mul(b.Lo); !matches(v, ok, new(big.Int).Mul(x, new(big.Int).SetUint64(b.Lo))) {
			t.Fatalf("%v * %v = %v, %v", a, b.Lo, v, ok)
		}
		if a.Cmp(b) != x.Cmp(y) || a.Less(b) != (x.Cmp(y) < 0) || a.IsZero() != (x.Sign() == 0) {
			t.Fatalf("compare %v with %v", a, b)
		}
		quotient, rest, ok := a.DivMod(b.Lo)
		if ok != (b.Lo != 0) {
			t.Fatalf("%v / %v: ok = %v", a, b.Lo, ok)
		}
		if ok {
			q, m := new(big.Int).DivMod(x, new(big.Int).SetUint64(b.Lo), new(big.Int))
			if toBig(quotient).Cmp(q) != 0 || m.Uint64() != rest {
				t.Fatalf("%v / %v = %v, %v", a, b.Lo, quotient, rest)
			}
		}
		if v, ok := a.Uint64(); ok != x.IsUint64() || ok && v != x.Uint64() {
			t.Fatalf("Uint64(%v) = %v, %v", a, v, ok)
		}
	}
}

func TestMulDivAgreesWithBig(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 128))
	fits := 0
	for i := 0; i < 300_000; i++ {
		a, b, c := sample(r), sample(r), sample(r)
		floor, floorOK := MulDiv(a, b, c)
		ceil, ceilOK := MulDivCeil(a, b, c)
		if c.IsZero() {
			if floorOK || ceilOK {
				t.Fatalf("%v * %v / 0 has a value", a, b)
			}
			continue
		}
		product := new(big.Int).Mul(toBig(a), toBig(b))
		quotient, rest := new(big.Int).DivMod(product, toBig(c), new(big.Int))
		if !matches(floor, floorOK, quotient) {
			t.Fatalf("floor(%v * %v / %v) = %v, %v", a, b, c, floor, floorOK)
		}
		if floorOK {
			fits++
		}
		if rest.Sign() > 0 {
			quotient.Add(quotient, big.NewInt(1))
		}
		if !matches(ceil, ceilOK, quotient) {
			t.Fatalf("ceil(%v * %v / %v) = %v, %v", a, b, c, ceil, ceilOK)
		}
	}
	if fits < 50_000 {
		t.Fatalf("only %d samples had a quotient of 128 bits", fits)
	}
}

// TestMulDivCorrectsItsGuess drives the digit correction of the long division:
// divisors with a large low digit and dividends just below a multiple.
func TestMulDivCorrectsItsGuess(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 128))
	for i := 0; i < 100_000; i++ {
		c := U128{Lo: ^uint64(0) - r.Uint64()>>r.UintN(64), Hi: 1 << 63}
		if i%2 == 0 {
			c.Hi >>= r.UintN(64)
		}
		a := U128{Lo: c.Lo - r.Uint64()>>r.UintN(64), Hi: c.Hi}
		b := MaxU128
		if i%3 == 0 {
			b = sample(r)
		}
		product := new(big.Int).Mul(toBig(a), toBig(b))
		if v, ok := MulDiv(a, b, c); !matches(v, ok, product.Div(product, toBig(c))) {
			t.Fatalf("%v * %v / %v = %v, %v", a, b, c, v, ok)
		}
	}
}

func TestU128Text(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 128))
	for i := 0; i < 50_000; i++ {
		a := sample(r)
		text := a.String()
		if text != toBig(a).String() {
			t.Fatalf("String: %s, want %v", text, toBig(a))
		}
		var back U128
		if err := back.UnmarshalText([]byte(text)); err != nil || back != a {
			t.Fatalf("UnmarshalText(%s) = %v, %v", text, back, err)
		}
	}
	for _, text := range []string{"", "-1", "+1", "01", "00", "1.0", " 1", "1 ", "1e3", "0x1", "１"} {
		if _, err := ParseU128(text); err != ErrDecimal {
			t.Errorf("ParseU128(%q): %v, want %v", text, err, ErrDecimal)
		}
	}
	for _, text := range []string{"340282366920938463463374607431768211456", "999999999999999999999999999999999999999", "1000000000000000000000000000000000000000"} {
		if _, err := ParseU128(text); err != ErrDecimalTooLarge {
			t.Errorf("ParseU128(%q): %v, want %v", text, err, ErrDecimalTooLarge)
		}
		kept := U128From(7)
		if err := kept.UnmarshalText([]byte(text)); err == nil || kept != U128From(7) {
			t.Errorf("UnmarshalText(%q) = %v, %v", text, kept, err)
		}
	}
}
