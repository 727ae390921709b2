package scale

import "errors"

// ErrHex refuses text that is not 0x-hex of the expected length.
var ErrHex = errors.New("scale: not 0x-hex of the expected length; write 0x and two digits for each byte")

const hexDigits = "0123456789abcdef"

// hexValues gives the value of each digit; what is none has notHex.
var hexValues = func() (values [256]byte) {
	for c := range values {
		values[c] = notHex
	}
	for value, c := range []byte(hexDigits) {
		values[c] = byte(value)
	}
	for value, c := range []byte("ABCDEF") {
		values[c] = byte(10 + value)
	}
	return values
}()

const notHex = 0xff

// HexString writes b as 0x-hex, as Substrate's RPC does.
func HexString(b []byte) string { return string(AppendHex(make([]byte, 0, 2+2*len(b)), b)) }

// AppendHex appends b as 0x-hex to text.
func AppendHex(text, b []byte) []byte {
	text = append(text, '0', 'x')
	for _, v := range b {
		text = append(text, hexDigits[v>>4], hexDigits[v&15])
	}
	return text
}

// ParseHex reads 0x-hex of any length; the caller bounds the text.
func ParseHex(text string) ([]byte, error) { return parseHex(text) }

func parseHex[T string | []byte](text T) ([]byte, error) {
	if len(text) < 2 || len(text)%2 != 0 || text[0] != '0' || text[1] != 'x' {
		return nil, ErrHex
	}
	b, seen := make([]byte, len(text)/2-1), byte(0)
	for i := range b {
		high, low := hexValues[text[2+2*i]], hexValues[text[3+2*i]]
		b[i] = high<<4 | low
		seen |= high | low
	}
	if seen > 15 { // notHex has bits that no digit has
		return nil, ErrHex
	}
	return b, nil
}

// parseHexInto fills dst, and leaves it untouched on an error.
func parseHexInto(dst, text []byte) error {
	if len(text) != 2+2*len(dst) {
		return ErrHex
	}
	b, err := parseHex(text)
	copy(dst, b)
	return err
}

// HexBytes is a byte string whose text is 0x-hex, as in Substrate's JSON.
type HexBytes []byte

// MarshalText writes 0x-hex.
func (b HexBytes) MarshalText() ([]byte, error) {
	return AppendHex(make([]byte, 0, 2+2*len(b)), b), nil
}

// UnmarshalText reads 0x-hex of any length.
func (b *HexBytes) UnmarshalText(text []byte) error {
	value, err := parseHex(text)
	if err == nil {
		*b = value
	}
	return err
}
