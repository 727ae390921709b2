package scale

import (
	"errors"
	"math/bits"
	"strconv"
)

// maxDecimalDigits is the length of 2^128 - 1 in decimal.
const maxDecimalDigits = 39

// Errors of ParseU128.
var (
	ErrDecimal         = errors.New("scale: not a decimal integer; write digits only, without sign, point or leading zero")
	ErrDecimalTooLarge = errors.New("scale: the decimal integer exceeds 128 bits; write at most 340282366920938463463374607431768211455")
)

// decimalChunk is the largest power of ten in 64 bits: digits are converted in chunks of 19.
const decimalChunk, decimalChunkDigits = 10_000_000_000_000_000_000, 19

// String is a in decimal.
func (a U128) String() string { return string(a.AppendDecimal(nil)) }

// AppendDecimal appends a in decimal to dst.
func (a U128) AppendDecimal(dst []byte) []byte {
	if a.Hi == 0 {
		return strconv.AppendUint(dst, a.Lo, 10)
	}
	var buffer [maxDecimalDigits]byte
	at := len(buffer)
	for !a.IsZero() {
		hi, rest := a.Hi/decimalChunk, a.Hi%decimalChunk
		lo, chunk := bits.Div64(rest, a.Lo, decimalChunk)
		a = U128{Lo: lo, Hi: hi}
		for digit := 0; digit < decimalChunkDigits && (chunk != 0 || !a.IsZero()); digit++ {
			at--
			buffer[at] = byte('0' + chunk%10)
			chunk /= 10
		}
	}
	return append(dst, buffer[at:]...)
}

// ParseU128 reads a decimal integer: digits only, one form for each number.
func ParseU128(text string) (U128, error) {
	if text == "" || len(text) > 1 && text[0] == '0' {
		return U128{}, ErrDecimal
	}
	var value U128
	for i := 0; i < len(text); i++ {
		digit := text[i] - '0'
		if digit > 9 {
			return U128{}, ErrDecimal
		}
		product, ok := value.Mul(10)
		if ok {
			value, ok = product.Add(U128{Lo: uint64(digit)})
		}
		if !ok {
			return U128{}, ErrDecimalTooLarge
		}
	}
	return value, nil
}

// MarshalText writes decimal: JSON shows amounts as strings, safe from floats.
func (a U128) MarshalText() ([]byte, error) { return a.AppendDecimal(nil), nil }

// UnmarshalText reads decimal.
func (a *U128) UnmarshalText(text []byte) error {
	if len(text) > maxDecimalDigits {
		return ErrDecimalTooLarge
	}
	value, err := ParseU128(string(text))
	if err == nil {
		*a = value
	}
	return err
}
