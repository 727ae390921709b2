package hashing_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestReusedHasherAgrees(t *testing.T) {
	hasher := hashing.NewBlake2_128Hasher()
	for length := range 300 {
		data := make([]byte, length)
		for i := range data {
			data[i] = byte(i * length)
		}
		if hasher.Hash(data) != hashing.Blake2_128(data) {
			t.Fatalf("differs at %d bytes", length)
		}
	}
}

func TestBlake2_64NamesTheCoreAPI(t *testing.T) {
	sum := hashing.Blake2_64([]byte("Core")) // sp_api: 0xdf6acb689907609b
	if got := scale.HexString(sum[:]); got != "0xdf6acb689907609b" {
		t.Fatal(got)
	}
}
