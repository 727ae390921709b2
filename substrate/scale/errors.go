package scale

import (
	"errors"
	"strconv"
)

// What can be wrong with an encoding. Every error of a Decoder wraps one of them.
var (
	ErrShort        = errors.New("the input ends too early; send the whole encoding")
	ErrTrailing     = errors.New("bytes follow the value; send exactly one encoding")
	ErrNotCanonical = errors.New("a compact integer is not in its shortest form; encode it canonically")
	ErrTooLarge     = errors.New("an integer exceeds its type; use a value in range")
	ErrTooLong      = errors.New("a length exceeds its maximum; send fewer elements")
	ErrBool         = errors.New("a boolean is neither 0 nor 1")
	ErrOption       = errors.New("an option is neither 0 (none) nor 1 (some)")
	ErrVariant      = errors.New("no variant has this index; check the metadata of this spec version")
	ErrUTF8         = errors.New("a string is not valid UTF-8")
	ErrDepth        = errors.New("the value is nested too deeply; flatten it")
	ErrOrder        = errors.New("the keys of a map or set do not ascend strictly; sort them and drop repeats")
)

// DecodeError says where in the input decoding stopped, and why.
type DecodeError struct {
	Offset int // bytes from the start of the input
	Cause  error
}

func (e *DecodeError) Error() string {
	return "scale: at byte " + strconv.Itoa(e.Offset) + ": " + e.Cause.Error()
}

// Unwrap gives the cause, one of the Err values of this package or a caller's own.
func (e *DecodeError) Unwrap() error { return e.Cause }
