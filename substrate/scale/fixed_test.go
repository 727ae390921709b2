package scale

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestHashText(t *testing.T) {
	h := Hash{0xde, 0xad, 31: 0xef}
	text := "0xdead" + strings.Repeat("00", 29) + "ef"
	if h.String() != text {
		t.Errorf("String: %s", h)
	}
	encoded, err := json.Marshal(map[string]any{"hash": h, "amount": U128{Hi: 1}, "who": AccountID(h)})
	if err != nil || string(encoded) != `{"amount":"18446744073709551616","hash":"`+text+`","who":"`+text+`"}` {
		t.Errorf("JSON: %s, %v", encoded, err)
	}
	if back, err := ParseHash(strings.ToUpper(text[2:])); err != ErrHex || back != (Hash{}) {
		t.Errorf("without 0x: %v, %v", back, err)
	}
	if back, err := ParseHash("0x" + strings.ToUpper(text[2:])); err != nil || back != h {
		t.Errorf("upper case: %v, %v", back, err)
	}
	for _, bad := range []string{"", "0x", text[:64], text + "00", "0x" + strings.Repeat("0g", 32), "0X" + text[2:]} {
		kept := h
		if err := kept.UnmarshalText([]byte(bad)); err != ErrHex || kept != h {
			t.Errorf("%q: %v, %v", bad, kept, err)
		}
	}
}

func TestParseHex(t *testing.T) {
	if b, err := ParseHex("0x00fF"); err != nil || string(b) != "\x00\xff" {
		t.Errorf("%x, %v", b, err)
	}
	if b, err := ParseHex("0x"); err != nil || len(b) != 0 {
		t.Errorf("%x, %v", b, err)
	}
	for _, bad := range []string{"", "0", "00", "0x0", "0x0z", "x0"} {
		if _, err := ParseHex(bad); err != ErrHex {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestFixedBytesHaveTheirLengths(t *testing.T) {
	for size, c := range map[int]*Type{4: Bytes4.Type, 8: Bytes8.Type, 16: Bytes16.Type, 20: Bytes20.Type,
		32: HashCodec.Type, 33: Bytes33.Type, 64: Bytes64.Type, 65: Bytes65.Type} {
		if c.MinSize() != size {
			t.Errorf("a [u8; %d] has at least %d bytes", size, c.MinSize())
		}
	}
	v, err := Bytes65.Unmarshal(append(make([]byte, 64), 9))
	if err != nil || v[64] != 9 {
		t.Errorf("%v, %v", v, err)
	}
}
