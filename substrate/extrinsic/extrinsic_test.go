package extrinsic_test

import (
	"errors"
	"math"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestDecodeRefuses(t *testing.T) {
	valid := []byte(readVectors(t).Signed[0].Hex)
	body := valid[2:] // behind a length of two bytes
	prefixed := func(body []byte) []byte { return append(scale.CompactU32.Marshal(uint32(len(body))), body...) }
	altered := func(at int, value byte) []byte {
		b := append([]byte(nil), body...)
		b[at] = value
		return prefixed(b)
	}
	const signature, extensions = 1 + 33, 1 + 33 + 65 // offsets in the body
	badEra := append(append([]byte(nil), body[:extensions]...), 0x02, 0xff)
	for name, c := range map[string]struct {
		input []byte
		want  error
	}{
		"empty":                 {nil, scale.ErrShort},
		"no body":               {[]byte{0}, scale.ErrShort},
		"version 4 general":     {altered(0, 0x44), extrinsic.ErrVersion},
		"version 5 signed":      {altered(0, 0x85), extrinsic.ErrVersion},
		"version 5 general":     {altered(0, 0x45), extrinsic.ErrVersion},
		"version 3":             {altered(0, 0x83), extrinsic.ErrVersion},
		"unknown address":       {altered(1, 5), scale.ErrVariant},
		"unknown signature":     {altered(signature, 3), scale.ErrVariant},
		"phase beyond period":   {prefixed(badEra), extrinsic.ErrEra},
		"era of two blocks":     {prefixed(append(append([]byte(nil), body[:extensions]...), 0x10, 0)), extrinsic.ErrEra},
		"length too small":      {append([]byte{valid[0] - 4, valid[1]}, body...), extrinsic.ErrLength},
		"length too large":      {append([]byte{valid[0] + 4, valid[1]}, body...), scale.ErrShort},
		"length not canonical":  {append([]byte{2, 0, 0, 0}, body...), scale.ErrNotCanonical},
		"longer than the bound": {append(scale.CompactU32.Marshal(extrinsic.MaxSize+1), make([]byte, extrinsic.MaxSize+1)...), scale.ErrTooLong},
		"raw address too long":  {prefixed(append([]byte{0x84, 2, 5, 4}, make([]byte, 300)...)), scale.ErrTooLong},
		"nonce of 33 bits":      {prefixed(append(append([]byte(nil), body[:extensions]...), 0, 7, 0, 0, 0, 0, 1)), scale.ErrTooLarge},
		"tip not in short form": {prefixed(append(append([]byte(nil), body[:extensions]...), 0, 4, 1, 0)), scale.ErrNotCanonical},
	} {
		if x, err := extrinsic.Decode(c.input); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v, want %v", name, x, err, c.want)
		}
	}
	// Cut anywhere before the call, with a length to match, it is too short.
	for n := range extensions + 3 {
		if _, err := extrinsic.Decode(prefixed(body[:n])); !errors.Is(err, scale.ErrShort) {
			t.Errorf("body cut at %d: %v", n, err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		x    extrinsic.Extrinsic
		want error
	}{
		"signed version 5":  {extrinsic.Extrinsic{Version: 5, Signed: true}, extrinsic.ErrVersion},
		"no version":        {extrinsic.Extrinsic{}, extrinsic.ErrVersion},
		"too long a call":   {extrinsic.Bare(make([]byte, extrinsic.MaxSize)), scale.ErrEncodeTooLong},
		"unknown address":   {extrinsic.Extrinsic{Version: 4, Signed: true, Address: extrinsic.MultiAddress{Kind: 9}}, scale.ErrEncodeVariant},
		"unknown signature": {extrinsic.Extrinsic{Version: 4, Signed: true, Signature: extrinsic.MultiSignature{Kind: 9}}, scale.ErrEncodeVariant},
		"era of 5 blocks": {extrinsic.Extrinsic{Version: 4, Signed: true,
			Extensions: extrinsic.Extensions{Era: extrinsic.Era{Period: 5}}}, extrinsic.ErrEra},
	} {
		if b, err := c.x.Encode(); !errors.Is(err, c.want) || b != nil {
			t.Errorf("%s: %d bytes, %v, want %v", name, len(b), err, c.want)
		}
	}
	pair, err := keys.DevPair(keys.Sr25519, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	bad := extrinsic.Extensions{Era: extrinsic.Era{Period: 64, Phase: 64}}
	if _, err := extrinsic.Sign(nil, bad, extrinsic.Implicit{}, extrinsic.SignerOf(pair)); !errors.Is(err, extrinsic.ErrEra) {
		t.Errorf("signing with an impossible era: %v", err)
	}
}

func TestLargestExtrinsic(t *testing.T) {
	x := extrinsic.Bare(make([]byte, extrinsic.MaxSize-1))
	b, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := extrinsic.Decode(b); err != nil || len(back.Call) != len(x.Call) {
		t.Errorf("%d bytes, %v", len(back.Call), err)
	}
}

func TestEveryByteIsSigned(t *testing.T) {
	base := extrinsic.Implicit{SpecVersion: 1, TransactionVersion: 2, Genesis: scale.Hash{3}, Mortality: scale.Hash{4}}
	x := extrinsic.Extrinsic{Version: 4, Signed: true, Call: []byte{1, 2, 3}, Extensions: extrinsic.Extensions{Nonce: 5}}
	reference := string(x.SigningPayload(nil, &base))
	for name, change := range map[string]func(*extrinsic.Extrinsic, *extrinsic.Implicit){
		"call":                func(x *extrinsic.Extrinsic, _ *extrinsic.Implicit) { x.Call = []byte{1, 2, 4} },
		"era":                 func(x *extrinsic.Extrinsic, _ *extrinsic.Implicit) { x.Era = extrinsic.Mortal(64, 1) },
		"nonce":               func(x *extrinsic.Extrinsic, _ *extrinsic.Implicit) { x.Nonce++ },
		"tip":                 func(x *extrinsic.Extrinsic, _ *extrinsic.Implicit) { x.Tip = scale.U128From(1) },
		"spec version":        func(_ *extrinsic.Extrinsic, i *extrinsic.Implicit) { i.SpecVersion++ },
		"transaction version": func(_ *extrinsic.Extrinsic, i *extrinsic.Implicit) { i.TransactionVersion++ },
		"genesis":             func(_ *extrinsic.Extrinsic, i *extrinsic.Implicit) { i.Genesis[31]++ },
		"mortality":           func(_ *extrinsic.Extrinsic, i *extrinsic.Implicit) { i.Mortality[31]++ },
	} {
		other, implicit := x, base
		change(&other, &implicit)
		if string(other.SigningPayload(nil, &implicit)) == reference {
			t.Errorf("the %s is not signed", name)
		}
	}
}

func TestEra(t *testing.T) {
	for _, c := range []struct {
		period, current uint64
		want            extrinsic.Era
		birth, death    uint64
	}{
		{0, 10, extrinsic.Era{Period: 4, Phase: 2}, 10, 14},
		{4, 7, extrinsic.Era{Period: 4, Phase: 3}, 7, 11},
		{65, 127, extrinsic.Era{Period: 128, Phase: 127}, 127, 255},
		{math.MaxUint64, 70_001, extrinsic.Era{Period: 65_536, Phase: 4_464}, 70_000, 135_536},
		{64, math.MaxUint64, extrinsic.Era{Period: 64, Phase: 63}, math.MaxUint64, math.MaxUint64},
	} {
		era := extrinsic.Mortal(c.period, c.current)
		if era != c.want || era.Birth(c.current) != c.birth || era.Death(c.current) != c.death {
			t.Errorf("Mortal(%d, %d) = %+v from %d to %d", c.period, c.current, era, era.Birth(c.current), era.Death(c.current))
		}
	}
	if extrinsic.Immortal.Birth(9) != 0 || extrinsic.Immortal.Death(9) != math.MaxUint64 || !extrinsic.Immortal.IsImmortal() {
		t.Error("the immortal era ends")
	}
	// Before its first birth an era counts as born at its phase.
	if era := (extrinsic.Era{Period: 64, Phase: 40}); era.Birth(3) != 40 || era.Death(3) != 104 {
		t.Errorf("before the first phase: %d to %d", era.Birth(3), era.Death(3))
	}
}

// TestEveryEraHasOneEncoding goes through all encodings of two bytes.
func TestEveryEraHasOneEncoding(t *testing.T) {
	valid := 0
	for word := 0; word < 1<<16; word++ {
		b := []byte{byte(word), byte(word >> 8)}
		era, err := extrinsic.EraCodec.Unmarshal(b)
		if err != nil {
			continue
		}
		valid++
		if string(extrinsic.EraCodec.Marshal(era)) != string(b) {
			t.Fatalf("%x reads as %+v, which encodes differently", b, era)
		}
		if again := extrinsic.Mortal(uint64(era.Period), uint64(era.Phase)); again != era {
			t.Fatalf("%x reads as %+v, Mortal makes %+v", b, era, again)
		}
	}
	// Periods 4 to 4,096 have that many phases each, 8,192 to 65,536 have 4,096;
	// words whose first byte is 0 read as immortal: of period 2, which is none.
	if want := 8188 + 4*4096; valid != want {
		t.Errorf("%d eras, want %d", valid, want)
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	input := []byte(readVectors(t).Signed[0].Hex)
	x, d := new(extrinsic.Extrinsic), scale.NewDecoder(nil)
	if n := testing.AllocsPerRun(100, func() {
		d.Reset(input)
		if err := x.Decode(d); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("decoding allocates %v times", n)
	}
	if &x.Call[0] != &input[len(input)-len(x.Call)] {
		t.Error("the call was copied")
	}
}

// FuzzDecode: what decodes has that one encoding.
func FuzzDecode(f *testing.F) {
	v := readVectors(f)
	for _, s := range v.Signed {
		f.Add([]byte(s.Hex))
	}
	for _, b := range v.Bare {
		f.Add([]byte(b.Hex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := extrinsic.Decode(b)
		if err != nil {
			return
		}
		if again, err := x.Encode(); err != nil || string(again) != string(b) {
			t.Fatalf("%x encodes to %x, %v", b, again, err)
		}
		x.SigningPayload(nil, &extrinsic.Implicit{})
	})
}

func BenchmarkDecode(b *testing.B) {
	input := []byte(readVectors(b).Signed[0].Hex)
	x, d := new(extrinsic.Extrinsic), scale.NewDecoder(nil)
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(input)
		if err := x.Decode(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSigningPayload(b *testing.B) {
	x, err := extrinsic.Decode(readVectors(b).Signed[0].Hex)
	if err != nil {
		b.Fatal(err)
	}
	implicit, buffer := &extrinsic.Implicit{}, make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		x.SigningPayload(buffer, implicit)
	}
}
