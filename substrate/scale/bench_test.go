package scale

import "testing"

// transfer is a typical call: three fields of fixed and compact size.
type transfer struct {
	To     AccountID
	Asset  uint32
	Amount U128
}

var transferCodec = Struct("test::Transfer", "",
	Field("to", AccountIDCodec, func(c *transfer) *AccountID { return &c.To }),
	Field("asset", U32, func(c *transfer) *uint32 { return &c.Asset }),
	Field("amount", CompactU128, func(c *transfer) *U128 { return &c.Amount }))

func TestCodecsDoNotAllocate(t *testing.T) {
	value := &transfer{To: AccountID{1}, Asset: 2, Amount: U128{Lo: 3, Hi: 4}}
	encoder, decoder := NewEncoder(make([]byte, 0, 64)), NewDecoder(nil)
	transferCodec.Encode(encoder, value)
	encoded := append([]byte(nil), encoder.Encoded()...)
	if n := testing.AllocsPerRun(100, func() {
		encoder.Reset()
		transferCodec.Encode(encoder, value)
	}); n != 0 {
		t.Errorf("encoding allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		decoder.Reset(encoded)
		transferCodec.Decode(decoder, value)
		if decoder.Finish() != nil {
			t.Fatal(decoder.Err())
		}
	}); n != 0 {
		t.Errorf("decoding allocates %v times", n)
	}
}

func BenchmarkEncode(b *testing.B) {
	value := &transfer{Amount: U128{Lo: 3, Hi: 4}}
	encoder := NewEncoder(nil)
	b.ReportAllocs()
	for b.Loop() {
		encoder.Reset()
		transferCodec.Encode(encoder, value)
	}
}

func BenchmarkDecode(b *testing.B) {
	encoded := transferCodec.Marshal(transfer{Amount: U128{Lo: 3, Hi: 4}})
	value, decoder := new(transfer), NewDecoder(nil)
	b.ReportAllocs()
	for b.Loop() {
		decoder.Reset(encoded)
		transferCodec.Decode(decoder, value)
	}
}

func BenchmarkMulDiv(b *testing.B) {
	x, y, z := U128{Lo: 1 << 60, Hi: 12345}, U128{Lo: 7, Hi: 1 << 20}, U128{Lo: 99, Hi: 1 << 40}
	for b.Loop() {
		MulDiv(x, y, z)
	}
}
