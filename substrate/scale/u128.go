package scale

import "math/bits"

// U128 is an unsigned 128-bit integer: every amount of money. Arithmetic is
// checked: ok is false, and the value zero, where the result would not fit.
type U128 struct {
	Lo, Hi uint64
}

// MaxU128 is 2^128 - 1.
var MaxU128 = U128{Lo: ^uint64(0), Hi: ^uint64(0)}

// U128From widens v.
func U128From(v uint64) U128 { return U128{Lo: v} }

// Uint64 narrows; ok is false if a does not fit.
func (a U128) Uint64() (v uint64, ok bool) {
	if a.Hi != 0 {
		return 0, false
	}
	return a.Lo, true
}

// IsZero reports whether a is 0.
func (a U128) IsZero() bool { return a.Lo|a.Hi == 0 }

// Cmp is -1, 0 or +1 as a is below, equal to or above b.
func (a U128) Cmp(b U128) int {
	switch {
	case a == b:
		return 0
	case a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo:
		return -1
	default:
		return 1
	}
}

// Less reports whether a is below b.
func (a U128) Less(b U128) bool { return a.Cmp(b) < 0 }

// Add is a + b.
func (a U128) Add(b U128) (sum U128, ok bool) {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, carry := bits.Add64(a.Hi, b.Hi, carry)
	if carry != 0 {
		return U128{}, false
	}
	return U128{Lo: lo, Hi: hi}, true
}

// Sub is a - b.
func (a U128) Sub(b U128) (difference U128, ok bool) {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, borrow := bits.Sub64(a.Hi, b.Hi, borrow)
	if borrow != 0 {
		return U128{}, false
	}
	return U128{Lo: lo, Hi: hi}, true
}

// Mul is a * b.
func (a U128) Mul(b uint64) (product U128, ok bool) {
	carry, lo := bits.Mul64(a.Lo, b)
	over, hi := bits.Mul64(a.Hi, b)
	hi, c := bits.Add64(hi, carry, 0)
	if over|c != 0 {
		return U128{}, false
	}
	return U128{Lo: lo, Hi: hi}, true
}

// DivMod divides by d, rounding down; ok is false if d is 0.
func (a U128) DivMod(d uint64) (quotient U128, remainder uint64, ok bool) {
	if d == 0 {
		return U128{}, 0, false
	}
	hi, rest := a.Hi/d, a.Hi%d
	lo, rest := bits.Div64(rest, a.Lo, d)
	return U128{Lo: lo, Hi: hi}, rest, true
}

// MulDiv is a * b / c rounded down, the product in 256 bits; ok is false if c
// is 0 or the quotient does not fit.
func MulDiv(a, b, c U128) (quotient U128, ok bool) {
	quotient, _, ok = mulDivMod(a, b, c)
	return quotient, ok
}

// MulDivCeil is MulDiv rounded up.
func MulDivCeil(a, b, c U128) (quotient U128, ok bool) {
	quotient, remainder, ok := mulDivMod(a, b, c)
	if !ok || remainder.IsZero() {
		return quotient, ok
	}
	return quotient.Add(U128{Lo: 1})
}

func mulDivMod(a, b, c U128) (quotient, remainder U128, ok bool) {
	low, high := mulFull(a, b)
	// high < c is exactly the condition for the quotient to fit; it fails for c = 0.
	if high.Cmp(c) >= 0 {
		return U128{}, U128{}, false
	}
	if c.Hi == 0 {
		// high < c, so high.Hi is 0 and high.Lo < c.Lo.
		hi, rest := bits.Div64(high.Lo, low.Hi, c.Lo)
		lo, rest := bits.Div64(rest, low.Lo, c.Lo)
		return U128{Lo: lo, Hi: hi}, U128{Lo: rest}, true
	}
	// Knuth, TAOCP 4.3.1, algorithm D with 64-bit digits: normalise, then two steps.
	shift := uint(bits.LeadingZeros64(c.Hi))
	high, low = shiftLeft256(high, low, shift)
	c = c.shiftLeft(shift)
	hi, rest := div3by2(high, low.Hi, c)
	lo, rest := div3by2(rest, low.Lo, c)
	return U128{Lo: lo, Hi: hi}, rest.shiftRight(shift), true
}

// mulFull is the 256-bit product of a and b.
func mulFull(a, b U128) (low, high U128) {
	carry00, digit0 := bits.Mul64(a.Lo, b.Lo)
	high01, low01 := bits.Mul64(a.Lo, b.Hi)
	high10, low10 := bits.Mul64(a.Hi, b.Lo)
	high11, low11 := bits.Mul64(a.Hi, b.Hi)
	digit1, c1 := bits.Add64(carry00, low01, 0)
	digit1, c2 := bits.Add64(digit1, low10, 0)
	digit2, c3 := bits.Add64(low11, high01, c1)
	digit2, c4 := bits.Add64(digit2, high10, c2)
	digit3 := high11 + c3 + c4 // cannot overflow: the product is below 2^256
	return U128{Lo: digit0, Hi: digit1}, U128{Lo: digit2, Hi: digit3}
}

// div3by2 divides the three digits (u, next) by d, whose top bit is set; u < d.
func div3by2(u U128, next uint64, d U128) (digit uint64, remainder U128) {
	var rest uint64
	inRange := true // whether rest is below 2^64, so that the guess can still be too high
	if u.Hi == d.Hi {
		digit = ^uint64(0)
		sum, carry := bits.Add64(u.Lo, d.Hi, 0)
		rest, inRange = sum, carry == 0
	} else {
		digit, rest = bits.Div64(u.Hi, u.Lo, d.Hi)
	}
	// The guess is at most two too high: it ignored d.Lo.
	for inRange {
		hi, lo := bits.Mul64(digit, d.Lo)
		if hi < rest || hi == rest && lo <= next {
			break
		}
		digit--
		sum, carry := bits.Add64(rest, d.Hi, 0)
		rest, inRange = sum, carry == 0
	}
	// remainder = (u, next) - digit * d, whose true value fits two digits.
	hi, lo := bits.Mul64(digit, d.Lo)
	remainder.Lo, lo = bits.Sub64(next, lo, 0)
	remainder.Hi = u.Lo - hi - digit*d.Hi - lo
	return digit, remainder
}

func (a U128) shiftLeft(n uint) U128 {
	if n == 0 {
		return a
	}
	return U128{Lo: a.Lo << n, Hi: a.Hi<<n | a.Lo>>(64-n)} // n < 64
}

func (a U128) shiftRight(n uint) U128 {
	if n == 0 {
		return a
	}
	return U128{Lo: a.Lo>>n | a.Hi<<(64-n), Hi: a.Hi >> n} // n < 64
}

func shiftLeft256(high, low U128, n uint) (U128, U128) {
	if n == 0 {
		return high, low
	}
	high = high.shiftLeft(n)
	high.Lo |= low.Hi >> (64 - n)
	return high, low.shiftLeft(n)
}
