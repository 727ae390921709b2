package ss58

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
)

type vector struct {
	Prefix           uint16
	Account, Address string
}

// loadVectors reads addresses that @polkadot/util-crypto encoded.
func loadVectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/polkadot_js.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) < 40 {
		t.Fatalf("testdata/polkadot_js.json: %d vectors, %v", len(vectors), err)
	}
	return vectors
}

func TestAgreesWithPolkadotJS(t *testing.T) {
	for _, v := range loadVectors(t) {
		raw, err := hex.DecodeString(strings.TrimPrefix(v.Account, "0x"))
		if err != nil {
			t.Fatal(err)
		}
		address, err := Encode(v.Prefix, [32]byte(raw))
		if err != nil || address != v.Address {
			t.Errorf("Encode(%d) = %q, %v, want %q", v.Prefix, address, err, v.Address)
		}
		prefix, account, err := Decode(v.Address)
		if err != nil || prefix != v.Prefix || account != [32]byte(raw) {
			t.Errorf("Decode(%q) = %d, %x, %v", v.Address, prefix, account, err)
		}
	}
}

func TestEveryPrefixRoundTrips(t *testing.T) {
	account := [32]byte{1, 2, 3}
	for prefix := uint16(0); prefix <= MaxPrefix; prefix++ {
		address, err := Encode(prefix, account)
		if prefix == 46 || prefix == 47 {
			if !errors.Is(err, ErrPrefix) {
				t.Fatalf("reserved prefix %d: %v", prefix, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, back, err := Decode(address); err != nil || got != prefix || back != account {
			t.Fatalf("prefix %d: decoded %d, %v", prefix, got, err)
		}
	}
	if _, err := Encode(MaxPrefix+1, account); !errors.Is(err, ErrPrefix) {
		t.Errorf("prefix beyond 14 bits: %v", err)
	}
}

// raw makes an address of any bytes, with a matching checksum.
func raw(payload ...byte) string {
	sum := checksum(payload)
	return base58.Encode(append(payload, sum[:]...))
}

func TestRefusals(t *testing.T) {
	alice := "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
	account := make([]byte, 32)
	for name, test := range map[string]struct {
		address string
		want    error
	}{
		"empty":                    {"", ErrLength},
		"mistyped":                 {"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", ErrChecksum},
		"space before":             {" " + alice, ErrNotBase58},
		"newline after":            {alice + "\n", ErrNotBase58},
		"letter not in base58":     {"0" + alice[1:], ErrNotBase58},
		"truncated":                {alice[:40], ErrLength},
		"endless":                  {strings.Repeat("5", 10000), ErrLength},
		"one byte":                 {"2", ErrLength},
		"leading one":              {"1" + alice, ErrLength},
		"31 bytes":                 {raw(append([]byte{42}, account[:31]...)...), ErrLength},
		"33 bytes":                 {raw(append([]byte{42}, append(account, 7)...)...), ErrLength},
		"33 bytes, 2-byte prefix":  {raw(append([]byte{64 + 25, 1}, append(account, 7)...)...), ErrLength},
		"reserved prefix":          {raw(append([]byte{46}, account...)...), ErrPrefix},
		"first byte above 127":     {raw(append([]byte{128}, account...)...), ErrPrefix},
		"prefix 42 in two bytes":   {raw(append([]byte{64 | 42>>2, 42 & 3 << 6}, account...)...), ErrPrefix},
		"small index, not account": {raw(42, 1), ErrLength},
	} {
		if _, _, err := Decode(test.address); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestDecodeFor(t *testing.T) {
	alice := "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
	if _, err := DecodeFor(42, alice); err != nil {
		t.Error(err)
	}
	account, err := DecodeFor(2, alice)
	if !errors.Is(err, ErrOtherNetwork) || account != ([32]byte{}) {
		t.Errorf("address of network 42 for network 2: %x, %v", account, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range loadVectors(f)[:12] {
		f.Add(v.Address)
	}
	f.Add("5")
	f.Add("11111111111111111111111111111111111")
	f.Fuzz(func(t *testing.T, address string) {
		prefix, account, err := Decode(address)
		if err != nil {
			return
		}
		again, err := Encode(prefix, account)
		if err != nil || again != address {
			t.Fatalf("%q decodes to %d %x, which encodes to %q, %v", address, prefix, account, again, err)
		}
	})
}
