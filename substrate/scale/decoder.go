package scale

import "unicode/utf8"

// MaxDepth bounds the recursion of a decoder: how many Lazy types may nest.
const MaxDepth = 64

// Decoder reads encodings from a slice. The first error sticks: from then on
// every method returns a zero value at once, so callers check once, at the end.
type Decoder struct {
	input  []byte
	offset int
	depth  int
	err    error
}

// NewDecoder reads from input, which it never changes.
func NewDecoder(input []byte) *Decoder { return &Decoder{input: input} }

// Reset starts over with input.
func (d *Decoder) Reset(input []byte) { *d = Decoder{input: input} }

// Err is the first error, a *DecodeError, or nil.
func (d *Decoder) Err() error { return d.err }

// Offset is the number of bytes read.
func (d *Decoder) Offset() int { return d.offset }

// Remaining is the number of bytes not yet read.
func (d *Decoder) Remaining() int { return len(d.input) - d.offset }

// Rest is the input not yet read; it aliases the input and reads nothing.
func (d *Decoder) Rest() []byte { return d.input[d.offset:] }

// Fail records cause at the current offset unless an earlier error is recorded.
func (d *Decoder) Fail(cause error) { d.failAt(d.offset, cause) }

func (d *Decoder) failAt(offset int, cause error) {
	if d.err == nil {
		d.err = &DecodeError{Offset: offset, Cause: cause}
	}
}

// Finish gives the first error, or ErrTrailing if input is left.
func (d *Decoder) Finish() error {
	if d.err == nil && d.offset != len(d.input) {
		d.Fail(ErrTrailing)
	}
	return d.err
}

// Enter counts one level of recursion and reports whether it is allowed; a
// successful Enter is paired with Leave.
func (d *Decoder) Enter() bool {
	if d.err != nil {
		return false
	}
	if d.depth == MaxDepth {
		d.Fail(ErrDepth)
		return false
	}
	d.depth++
	return true
}

// Leave ends the level that Enter began.
func (d *Decoder) Leave() { d.depth-- }

// View reads n bytes without copying: the result aliases the input.
func (d *Decoder) View(n int) []byte {
	if d.err != nil {
		return nil
	}
	if n < 0 || n > len(d.input)-d.offset {
		d.Fail(ErrShort)
		return nil
	}
	b := d.input[d.offset : d.offset+n : d.offset+n]
	d.offset += n
	return b
}

// Fill reads len(dst) bytes into dst.
func (d *Decoder) Fill(dst []byte) { copy(dst, d.View(len(dst))) }

// U8 reads one byte.
func (d *Decoder) U8() uint8 {
	if d.err != nil {
		return 0
	}
	if d.offset == len(d.input) {
		d.Fail(ErrShort)
		return 0
	}
	v := d.input[d.offset]
	d.offset++
	return v
}

// U16 reads two bytes, little endian, like all integers.
func (d *Decoder) U16() uint16 {
	b := d.View(2)
	if b == nil {
		return 0
	}
	return uint16(b[0]) | uint16(b[1])<<8
}

// U32 reads four bytes.
func (d *Decoder) U32() uint32 {
	b := d.View(4)
	if b == nil {
		return 0
	}
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// U64 reads eight bytes.
func (d *Decoder) U64() uint64 {
	b := d.View(8)
	if b == nil {
		return 0
	}
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// U128 reads sixteen bytes.
func (d *Decoder) U128() U128 {
	lo := d.U64()
	hi := d.U64()
	if d.err != nil {
		return U128{}
	}
	return U128{Lo: lo, Hi: hi}
}

// Bool reads 0 or 1 and refuses anything else.
func (d *Decoder) Bool() bool {
	start := d.offset
	v := d.U8()
	if v > 1 {
		d.failAt(start, ErrBool)
	}
	return v == 1
}

// Length reads the count of a sequence of at most maximum elements, each at
// least elementSize bytes long: a count that the rest of the input cannot hold
// is refused here, before anyone reserves memory for it.
func (d *Decoder) Length(maximum, elementSize int) int {
	start := d.offset
	n := uint64(d.Compact32())
	if d.err != nil {
		return 0
	}
	if maximum < 0 || n > uint64(maximum) {
		d.failAt(start, ErrTooLong)
		return 0
	}
	if elementSize > 0 && n > uint64(d.Remaining()/elementSize) {
		d.failAt(start, ErrShort)
		return 0
	}
	return int(n)
}

// BytesView reads a byte string of at most maximum bytes; it aliases the input.
func (d *Decoder) BytesView(maximum int) []byte { return d.View(d.Length(maximum, 1)) }

// Bytes reads a byte string of at most maximum bytes into new memory.
func (d *Decoder) Bytes(maximum int) []byte {
	return append([]byte(nil), d.BytesView(maximum)...)
}

// Str reads a UTF-8 string of at most maximum bytes.
func (d *Decoder) Str(maximum int) string {
	start := d.offset
	b := d.BytesView(maximum)
	if !utf8.Valid(b) {
		d.failAt(start, ErrUTF8)
		return ""
	}
	return string(b)
}
