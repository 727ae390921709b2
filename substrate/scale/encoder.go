package scale

import (
	"errors"
	"unicode/utf8"
)

// Errors of encoding: the value has no valid encoding, so a decoder would refuse it.
var (
	ErrEncodeVariant = errors.New("scale: cannot encode: the value's kind names no variant; set it to a declared one")
	ErrEncodeTooLong = errors.New("scale: cannot encode: a sequence exceeds its maximum; shorten it")
	ErrEncodeUTF8    = errors.New("scale: cannot encode: a string is not valid UTF-8")
	ErrEncodeOrder   = errors.New("scale: cannot encode: the keys of a map or set do not ascend strictly; sort them")
)

// Encoder appends encodings to a buffer. The zero value is ready; Reset keeps
// the buffer for the next value, so a long-lived Encoder stops allocating.
// The first error sticks; what follows it is meaningless.
type Encoder struct {
	buffer []byte
	err    error
}

// NewEncoder appends to buffer, which may be nil.
func NewEncoder(buffer []byte) *Encoder { return &Encoder{buffer: buffer} }

// Encoded is everything written so far. It is valid until the next call.
func (e *Encoder) Encoded() []byte { return e.buffer }

// Len is the number of bytes written so far.
func (e *Encoder) Len() int { return len(e.buffer) }

// Err is the first error, or nil.
func (e *Encoder) Err() error { return e.err }

// Fail records err unless an earlier error is recorded.
func (e *Encoder) Fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// Reset forgets what was written, error included, and keeps the memory.
func (e *Encoder) Reset() { e.buffer, e.err = e.buffer[:0], nil }

// U8 appends one byte.
func (e *Encoder) U8(v uint8) { e.buffer = append(e.buffer, v) }

// U16 appends two bytes, little endian, like all integers.
func (e *Encoder) U16(v uint16) { e.buffer = append(e.buffer, byte(v), byte(v>>8)) }

// U32 appends four bytes.
func (e *Encoder) U32(v uint32) {
	e.buffer = append(e.buffer, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}

// U64 appends eight bytes.
func (e *Encoder) U64(v uint64) {
	e.buffer = append(e.buffer, byte(v), byte(v>>8), byte(v>>16), byte(v>>24),
		byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56))
}

// U128 appends sixteen bytes.
func (e *Encoder) U128(v U128) {
	e.U64(v.Lo)
	e.U64(v.Hi)
}

// Bool appends 1 or 0.
func (e *Encoder) Bool(v bool) {
	if v {
		e.U8(1)
	} else {
		e.U8(0)
	}
}

// Raw appends b as it is: the caller's format says how long it is.
func (e *Encoder) Raw(b []byte) { e.buffer = append(e.buffer, b...) }

// Bytes appends a compact length and b.
func (e *Encoder) Bytes(b []byte) {
	e.Compact(uint64(len(b)))
	e.buffer = append(e.buffer, b...)
}

// Str appends a compact length and s, which must be UTF-8.
func (e *Encoder) Str(s string) {
	if !utf8.ValidString(s) {
		e.Fail(ErrEncodeUTF8)
		return
	}
	e.Compact(uint64(len(s)))
	e.buffer = append(e.buffer, s...)
}
