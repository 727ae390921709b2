package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// developmentTrust is how long a development network's worker trusts what it last proved: its one validator is in the same
// process, and it may have been left alone for long.
const developmentTrust = 10 * 365 * 24 * time.Hour

// parseTrustedHeader reads the consensus header that the user vouches for, HEIGHT:HASH; none if text is empty.
func parseTrustedHeader(text string) (*light.TrustedHeader, error) {
	if text == "" {
		return nil, nil
	}
	height, hash, _ := strings.Cut(text, ":")
	number, err := strconv.ParseInt(height, 10, 64)
	if err != nil || number < 1 {
		return nil, usagef("--trusted-header: %q is not HEIGHT:HASH", text)
	}
	if !strings.HasPrefix(hash, "0x") {
		hash = "0x" + hash // CometBFT writes hashes without it
	}
	parsed, err := scale.ParseHash(strings.ToLower(hash))
	if err != nil {
		return nil, usagef("--trusted-header: %w", err)
	}
	return &light.TrustedHeader{Height: number, Hash: parsed}, nil
}
