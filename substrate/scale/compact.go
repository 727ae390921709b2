package scale

import "math/bits"

// Modes of a compact integer, in the two low bits of its first byte.
const (
	compactOne  = 0 // 6 bits in one byte
	compactTwo  = 1 // 14 bits in two
	compactFour = 2 // 30 bits in four
	compactBig  = 3 // 4 + (byte >> 2) bytes follow, 17 at most here
)

// Compact appends v as a compact integer.
func (e *Encoder) Compact(v uint64) {
	switch {
	case v < 1<<6:
		e.U8(byte(v<<2) | compactOne)
	case v < 1<<14:
		e.U16(uint16(v<<2) | compactTwo)
	case v < 1<<30:
		e.U32(uint32(v<<2) | compactFour)
	default:
		size := max(4, (bits.Len64(v)+7)/8)
		e.U8(byte(size-4)<<2 | compactBig)
		for i := 0; i < size; i++ {
			e.U8(byte(v >> (8 * i)))
		}
	}
}

// Compact128 appends v as a compact integer.
func (e *Encoder) Compact128(v U128) {
	if v.Hi == 0 {
		e.Compact(v.Lo)
		return
	}
	size := 8 + (bits.Len64(v.Hi)+7)/8
	e.U8(byte(size-4)<<2 | compactBig)
	e.U64(v.Lo)
	for i := 0; i < size-8; i++ {
		e.U8(byte(v.Hi >> (8 * i)))
	}
}

// CompactSize is the number of bytes that Compact appends for v.
func CompactSize(v uint64) int {
	switch {
	case v < 1<<6:
		return 1
	case v < 1<<14:
		return 2
	case v < 1<<30:
		return 4
	default:
		return 1 + max(4, (bits.Len64(v)+7)/8)
	}
}

// Compact128 reads a compact integer of at most 128 bits in its only valid form.
func (d *Decoder) Compact128() U128 {
	start := d.offset
	first := d.U8()
	if d.err != nil {
		return U128{}
	}
	var value U128
	var canonical bool
	switch first & 3 {
	case compactOne:
		return U128{Lo: uint64(first >> 2)}
	case compactTwo:
		value.Lo = (uint64(first) | uint64(d.U8())<<8) >> 2
		canonical = value.Lo >= 1<<6
	case compactFour:
		d.offset = start
		value.Lo = uint64(d.U32()) >> 2
		canonical = value.Lo >= 1<<14
	default:
		value, canonical = d.compactBig(int(first>>2) + 4)
	}
	if d.err != nil {
		return U128{}
	}
	if !canonical {
		d.failAt(start, ErrNotCanonical)
		return U128{}
	}
	return value
}

// compactBig reads size bytes; the form is canonical if the last is not zero
// and no smaller mode holds the value.
func (d *Decoder) compactBig(size int) (value U128, canonical bool) {
	if size > 16 {
		d.failAt(d.offset-1, ErrTooLarge)
		return U128{}, false
	}
	b := d.View(size)
	if d.err != nil {
		return U128{}, false
	}
	for i, digit := range b {
		if i < 8 {
			value.Lo |= uint64(digit) << (8 * i)
		} else {
			value.Hi |= uint64(digit) << (8 * (i - 8))
		}
	}
	return value, b[size-1] != 0 && (size > 4 || value.Lo >= 1<<30)
}

// Compact64 reads a compact integer of at most 64 bits.
func (d *Decoder) Compact64() uint64 {
	start := d.offset
	value := d.Compact128()
	if value.Hi != 0 {
		d.failAt(start, ErrTooLarge)
		return 0
	}
	return value.Lo
}

// Compact32 reads a compact integer of at most 32 bits.
func (d *Decoder) Compact32() uint32 {
	start := d.offset
	value := d.Compact128()
	if value.Hi != 0 || value.Lo>>32 != 0 {
		d.failAt(start, ErrTooLarge)
		return 0
	}
	return uint32(value.Lo)
}
