package rpc

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Number is an unsigned integer that Substrate's JSON writes in hex, "0x1a", as
// in a header's number.
type Number uint64

// MarshalText writes 0x-hex without leading zeros.
func (n Number) MarshalText() ([]byte, error) {
	return append([]byte("0x"), strconv.FormatUint(uint64(n), 16)...), nil
}

// UnmarshalJSON reads 0x-hex, or a plain JSON number, as some nodes write it.
func (n *Number) UnmarshalJSON(data []byte) error {
	var value uint64
	var err error
	var text string
	if json.Unmarshal(data, &text) == nil {
		digits, isHex := strings.CutPrefix(text, "0x")
		if !isHex {
			return fmt.Errorf("%w: %s is not a number in hex", ErrMalformed, clip(string(data)))
		}
		value, err = strconv.ParseUint(digits, 16, 64)
	} else {
		err = json.Unmarshal(data, &value)
	}
	if err != nil {
		return fmt.Errorf("%w: %s is not a number of 64 bits", ErrMalformed, clip(string(data)))
	}
	*n = Number(value)
	return nil
}
