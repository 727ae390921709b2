package scale

import "errors"

// ErrHex refuses text that is not 0x-hex of the expected length.
var ErrHex = errors.New("scale: not 0x-hex of the expected length; write 0x and two digits for each byte")

const hexDigits = "0123456789abcdef"

// HexString writes b as 0x-hex, as Substrate's RPC does.
func HexString(b []byte) string {
	text := make([]byte, 2, 2+2*len(b))
	text[0], text[1] = '0', 'x'
	for _, v := range b {
		text = append(text, hexDigits[v>>4], hexDigits[v&15])
	}
	return string(text)
}

// ParseHex reads 0x-hex of any length; the caller bounds the text.
func ParseHex(text string) ([]byte, error) {
	if len(text) < 2 || len(text)%2 != 0 {
		return nil, ErrHex
	}
	b := make([]byte, len(text)/2-1)
	if err := parseHexInto(b, []byte(text)); err != nil {
		return nil, err
	}
	return b, nil
}

// parseHexInto fills dst, and leaves it untouched on an error.
func parseHexInto(dst, text []byte) error {
	if len(text) != 2+2*len(dst) || text[0] != '0' || text[1] != 'x' {
		return ErrHex
	}
	for _, c := range text[2:] {
		if hexValue(c) > 15 {
			return ErrHex
		}
	}
	for i := range dst {
		dst[i] = hexValue(text[2+2*i])<<4 | hexValue(text[3+2*i])
	}
	return nil
}

func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	default:
		return 16
	}
}

// HexBytes is a byte string whose text is 0x-hex, as in Substrate's JSON.
type HexBytes []byte

// MarshalText writes 0x-hex.
func (b HexBytes) MarshalText() ([]byte, error) { return []byte(HexString(b)), nil }

// UnmarshalText reads 0x-hex of any length.
func (b *HexBytes) UnmarshalText(text []byte) error {
	value, err := ParseHex(string(text))
	if err == nil {
		*b = value
	}
	return err
}
