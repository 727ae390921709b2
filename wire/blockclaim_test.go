package wire

import (
	"errors"
	"testing"
)

func TestBlockClaim(t *testing.T) {
	hash := Hash{1, 2, 3}
	claim := BlockClaim(hash)
	if got, err := ParseBlockClaim(claim); err != nil || got != hash || len(claim) != BlockClaimSize {
		t.Errorf("%v, %v", got, err)
	}
	other := append([]byte(nil), claim...)
	other[3] ^= 1
	for name, not := range map[string][]byte{
		"nothing": nil, "the tag alone": claim[:len(BlockClaimTag)], "too short": claim[:len(claim)-1],
		"too long": append(claim[:len(claim):len(claim)], 0), "another tag": other,
	} {
		if _, err := ParseBlockClaim(not); !errors.Is(err, ErrBlockClaim) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
